/** Which agents OpenClaw's configuration names, and whose a question is that names none. */
import { normalizeAgentId } from '../agent-id.ts';

export interface AgentRoster {
  /** Ids in the order of the configuration; none where it names none, and any agent counts that left sessions. */
  readonly configured: readonly string[];
  /** 2026.5: the first agent that is marked as the default one, else the first one. */
  readonly defaultAgent: string;
  /** 2026.9: the agent that sessions without an owner are of; null where several could be meant. */
  readonly impliedOwner: string | null;
}

/** What an agent's entry in the configuration says, of whatever types. */
export interface AgentEntry {
  readonly id: unknown;
  readonly marked: unknown;
}

/**
 * @param entries those of `agents.list`, or of `agents.entries` with their names as ids
 * @param owner `agents.defaults.systemAgent.agentId` where `agents.ownership` is "explicit"; undefined where it is not
 */
export function agentRoster(entries: readonly AgentEntry[], owner: unknown): AgentRoster {
  const named = entries.flatMap(({ id, marked }) =>
    typeof id === 'string' && id.trim() !== '' ? [{ id: normalizeAgentId(id), marked }] : [],
  );
  const configured = [...new Set(named.map(({ id }) => id))];
  const defaultAgent = (named.find(({ marked }) => Boolean(marked)) ?? named[0])?.id ?? 'main';
  return { configured, defaultAgent, impliedOwner: impliedOwner(named, configured, owner) };
}

function impliedOwner(
  named: readonly { readonly id: string; readonly marked: unknown }[],
  configured: readonly string[],
  owner: unknown,
): string | null {
  if (owner !== undefined) {
    const id = typeof owner === 'string' && owner.trim() !== '' ? normalizeAgentId(owner) : null;
    if (id !== null && configured.includes(id)) return id;
  } else {
    const marked = named.filter((agent) => agent.marked === true);
    if (marked.length === 1) return marked[0]?.id ?? null;
  }
  if (named.length > 1) return null;
  return named[0]?.id ?? 'main';
}
