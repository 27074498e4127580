/** Session keys as the gateway reads them: `agent:<id>:<rest>`, in lower case but for the ids of Signal groups. */
import { normalizeAgentId, placeOf, plainAgent, qualifiedAgent } from '../../agent-id.ts';

/** What the gateway takes for a session id, of which it makes the name of a file. */
export const SESSION_ID = /^[a-z0-9][a-z0-9._-]{0,127}$/i;

const SIGNAL_GROUP = /(^|:)(signal:group:)([^:]+)/gi;

/** A key in the case that the gateway compares it in. */
function normalizeSessionKey(key: string): string {
  let normalized = '';
  let end = 0;
  for (const { index, 0: match, 1: before = '', 2: name = '', 3: peer = '' } of key.trim().matchAll(SIGNAL_GROUP)) {
    normalized += key.trim().slice(end, index).toLowerCase() + before + name.toLowerCase() + peer.trim();
    end = index + match.length;
  }
  return normalized + key.trim().slice(end).toLowerCase();
}

/** Whose session a key is of, and what it calls it there; null for a key that does not say whose it is. */
export function parseSessionKey(key: string): { readonly agent: string; readonly rest: string } | null {
  const [scope, agent, ...rest] = normalizeSessionKey(key)
    .split(':')
    .filter((part) => part !== '');
  if (scope !== 'agent' || agent === undefined || agent.trim() === '' || rest.length === 0) return null;
  return { agent: agent.trim(), rest: rest.join(':') };
}

/** The key of an index entry, or one that was asked for, as it stands in answers about an agent. */
export function keyOfAgent(key: string, agent: string): string {
  const normalized = normalizeSessionKey(key);
  if (normalized === 'global' || normalized === 'unknown') return normalized;
  const place = placeOf(agent);
  if (!normalized.startsWith('agent:')) {
    return `agent:${qualifiedAgent(normalizeAgentId(plainAgent(agent)), place)}:${normalized}`;
  }
  // Equal keys of two state directories are two sessions.
  return place === null ? normalized : normalized.replace(/^agent:([^:@]*)(?=:)/, `agent:$1@${place}`);
}
