/** What the session index says about a transcript: the dimensions that its records are counted under. */

import type { SessionEntries } from './session-entries.ts';
import { TextTable } from './text-table.ts';
import type { SessionEntry } from './transcript.ts';
import { topicParent } from './transcript-name.ts';

export type SessionKind = 'main' | 'direct' | 'group' | 'cron' | 'subagent' | 'global' | 'topic' | 'orphan' | 'other';

export interface Dimensions {
  /** Null for an orphan. */
  readonly key: string | null;
  readonly label: string | null;
  /** Lower case; `none` when nothing names one. */
  readonly channel: string;
  readonly kind: SessionKind;
  /** The family's key. */
  readonly family: string;
  /** Of the session's own entry; null for topics and earlier sessions of a family, which that entry does not date. */
  readonly updatedAt: number | null;
}

/** The entries of one store, found by session id. */
export class SessionLookup {
  readonly #entries: SessionEntries;
  readonly #own = new TextTable();
  readonly #family = new TextTable();

  constructor(entries: SessionEntries) {
    this.#entries = entries;
    const { bytes } = entries;
    entries.forEachId((sessionId, idAt, entryAt, own) => {
      const table = own ? this.#own : this.#family;
      const present = table.get(bytes, sessionId);
      if (present >= 0 && !isPreferred(entries.at(entryAt), entries.at(present), sessionId)) return;
      table.set(bytes, sessionId, idAt, entryAt);
    });
  }

  /** The entry whose session this is or, failing that, in whose family it stands. */
  find(sessionId: string): SessionEntry | null {
    const at = this.#find(sessionId);
    return at < 0 ? null : this.#entries.at(at);
  }

  /** All entries. */
  all(): Iterable<SessionEntry> {
    return this.#entries;
  }

  /** Whether another lookup may find something else for a session id. */
  differs(other: SessionLookup, sessionId: string): boolean {
    const [here, there] = [this.#find(sessionId), other.#find(sessionId)];
    if (here < 0 || there < 0) return here >= 0 || there >= 0;
    return !this.#entries.bytesAt(here).equals(other.#entries.bytesAt(there));
  }

  #find(sessionId: string): number {
    const { bytes } = this.#entries;
    const own = this.#own.get(bytes, sessionId);
    return own >= 0 ? own : this.#family.get(bytes, sessionId);
  }
}

/** Whether the dimensions of a transcript may be others by another session index. */
export function mayDiffer(sessionId: string, before: SessionLookup, after: SessionLookup): boolean {
  if (before.differs(after, sessionId)) return true;
  const parent = topicParent(sessionId);
  return parent !== null && before.differs(after, parent);
}

/**
 * The dimensions of a transcript. They follow from the agent and the session id alone, so all transcripts of an
 * instance have the same, archives of a topic too. A topic without an entry of its own is counted under its parent's.
 */
export function dimensionsOf(agent: string, sessionId: string, index: SessionLookup): Dimensions {
  const entry = index.find(sessionId);
  if (entry !== null) {
    return under(entry, kindOfKey(entry.key), entry.sessionId === sessionId ? entry.updatedAt : null);
  }
  const parentEntry = parentOf(sessionId, index);
  if (parentEntry !== null) return under(parentEntry, 'topic', null);
  const family = familyOfOrphan(agent, sessionId);
  return { key: null, label: null, channel: 'none', kind: 'orphan', family, updatedAt: null };
}

/** What of the dimensions a session is asked for by: a hundred thousand transcripts may have to be told apart by it. */
export type SessionNames = Pick<Dimensions, 'key' | 'family'>;

/** The names that `dimensionsOf` gives. */
export function namesOf(agent: string, sessionId: string, index: SessionLookup): SessionNames {
  const entry = index.find(sessionId) ?? parentOf(sessionId, index);
  if (entry === null) return { key: null, family: familyOfOrphan(agent, sessionId) };
  return { key: entry.key, family: familyOf(entry) };
}

function under(entry: SessionEntry, kind: SessionKind, updatedAt: number | null): Dimensions {
  const { key, label } = entry;
  return { key, label, channel: channelOf(entry), kind, family: familyOf(entry), updatedAt };
}

function parentOf(sessionId: string, index: SessionLookup): SessionEntry | null {
  const parent = topicParent(sessionId);
  return parent === null ? null : index.find(parent);
}

function familyOf({ key, familyKey }: SessionEntry): string {
  return familyKey ?? key;
}

function familyOfOrphan(agent: string, sessionId: string): string {
  return `agent:${agent}:${sessionId}`;
}

function channelOf(entry: SessionEntry): string {
  const named = [entry.channel, entry.originProvider, channelOfKey(entry.key)];
  return named.map((name) => name?.trim().toLowerCase()).find((name) => name) ?? 'none';
}

/** The channel in `agent:<id>:<channel>:direct:…` and `agent:<id>:<channel>:group:…`. */
function channelOfKey(key: string): string | null {
  const [scope, , channel, chat, peer] = key.split(':');
  return scope === 'agent' && (chat === 'direct' || chat === 'group') && peer !== undefined ? (channel ?? null) : null;
}

function kindOfKey(key: string): SessionKind {
  if (key === 'global') return 'global';
  const [scope, , ...rest] = key.split(':');
  if (scope !== 'agent') return 'other';
  if (rest.length === 1) return rest[0] === 'main' ? 'main' : 'other';
  if (rest[0] === 'cron' || rest[0] === 'subagent') return rest[0];
  const chat = rest.slice(0, -1).find((segment) => segment === 'direct' || segment === 'group');
  return (chat as 'direct' | 'group' | undefined) ?? 'other';
}

/**
 * Which of two entries a session id belongs to. As in the gateway: one whose key ends in the session id (a cron run's
 * own entry beside its job's), then the newer one, then a lower-case key; then, where the gateway gives up, the
 * smaller key.
 */
function isPreferred(a: SessionEntry, b: SessionEntry, sessionId: string): boolean {
  const ranks = (entry: SessionEntry) => [
    Number(entry.key.toLowerCase().endsWith(`:${sessionId.toLowerCase()}`)),
    entry.updatedAt ?? 0,
    Number(entry.key === entry.key.toLowerCase()),
  ];
  const ofB = ranks(b);
  for (const [i, rank] of ranks(a).entries()) {
    if (rank !== ofB[i]) return rank > (ofB[i] as number);
  }
  return a.key < b.key;
}
