/** Who made a session, as 2026.9 tells it: by a key that tells creators apart, and what is known of the one behind it. */
import type { SessionEntry } from '../../compute/transcript.ts';
import type { Redaction } from '../redaction.ts';
import type { CallRow } from './call-rows.ts';
import { channelOf } from './entry-channel.ts';

export interface Creator {
  readonly key: string;
  readonly actor?: object | undefined;
}

/** Of sessions that tell nothing about it. */
const NOBODY: Creator = { key: '["unknown"]' };

interface Actor {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly source?: unknown;
}

/** The creator of a row's session. @param redact hides who it is; null shows it */
export function creatorOf(row: Pick<CallRow, 'agent' | 'creator'>, redact: Redaction | null): Creator {
  const creator = row.creator === null ? NOBODY : named(row, row.creator);
  if (redact === null || creator.key === NOBODY.key) return creator;
  return { key: JSON.stringify(['hidden', redact(creator.key)]) };
}

function named(row: Pick<CallRow, 'agent'>, entry: SessionEntry): Creator {
  const [actor, accountId] = told(entry.creator);
  const { type, source } = actor ?? {};
  const id = typeof actor?.id === 'string' && actor.id.trim() !== '' ? actor.id.trim() : null;
  if (id === null) return type === 'system' ? { key: '["system",null]', actor: { type } } : NOBODY;
  switch (type) {
    case 'human': {
      if (source === 'profile') return { key: JSON.stringify(['profile', id]), actor: shown(type, id, 'profile') };
      const channel = channelOf({ entry });
      if (channel === undefined) return NOBODY;
      const key = ['human', source, row.agent, channel, accountId ?? null, id];
      return { key: JSON.stringify(key), actor: { type, id, identity: legacy(type, id) } };
    }
    case 'agent':
      return { key: JSON.stringify(['agent', id]), actor: shown(type, id, 'agent') };
    default:
      return { key: JSON.stringify(['system', id]), actor: { type, id, identity: legacy(type, id) } };
  }
}

function shown(type: string, id: string, identity: string): object {
  return { type, id, identity: { type: identity, id } };
}

function legacy(actorType: unknown, id: string): object {
  return { type: 'legacy', actorType, source: null, id };
}

/** What an entry keeps of it; nothing where that cannot be read. */
function told(text: string | null): readonly [Actor?, unknown?] {
  try {
    const value: unknown = text === null ? [] : JSON.parse(text);
    return Array.isArray(value) ? (value as [Actor?, unknown?]) : [];
  } catch {
    return [];
  }
}
