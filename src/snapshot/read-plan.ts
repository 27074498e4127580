/** The keeper's part in reading a session: which transcripts it has, and what a scan thread is asked about them. */
import { pack } from '../compute/envelope.ts';
import type { ReadItem, ReadRequest, ReadSession } from '../compute/session-read.ts';
import { ClawgaugeError } from '../errors.ts';
import { QUARTER_MS } from '../units.ts';
import type { TranscriptRow } from './catalog.ts';
import { fileStampOf } from './content-stamp.ts';
import type { KeptState } from './kept-state.ts';
import { compareText } from './names.ts';
import type { PriceBooks } from './price-books.ts';
import type { EntryTarget, ReadQuery } from './read-query.ts';
import { keyOfAgent, parseSessionKey } from './rpc/session-key.ts';
import { findTranscripts } from './session-view.ts';

export interface ReadPlan {
  /** What an answer depends on apart from what the transcripts hold. */
  readonly about: string;
  /** As they were last looked at, in the order of the request. */
  readonly stamps: readonly string[];
  readonly request: Uint8Array<ArrayBuffer>;
}

/** Throws session_not_found or session_ambiguous. */
export function planRead(state: KeptState, { target, ask }: ReadQuery, books: Pick<PriceBooks, 'of'>): ReadPlan {
  const rows = target.groupBy === 'entry' ? [ofEntry(state, target)] : findTranscripts(state, target);
  const [first] = rows;
  if (first === undefined) throw new ClawgaugeError('session_not_found', 'expected a session with a transcript');
  const there = rows.filter((row) => row.exists).sort(compareAge);
  const { key, family } = first.identity;
  const session: ReadSession = { agent: first.agent, key, family, retained: rows.length - there.length };
  const items = there.map(({ sessionId, directory, name }): ReadItem => ({ sessionId, directory, name }));
  const { store } = (there[0] ?? first).folder;
  const { era } = store;
  const { epoch, book } = books.of(store);
  const request: ReadRequest = { ask, session, era, items };
  return {
    about: JSON.stringify([session, epoch, era, items]),
    stamps: there.map(({ stamp }) => fileStampOf(stamp)),
    request: pack(request, [book]),
  };
}

/**
 * The transcript that the gateway reads for a key: that of the entry's session, else of the session id that the key
 * ends in; its latest archive where it is gone.
 */
function ofEntry(state: KeptState, { key, agent }: EntryTarget): TranscriptRow {
  const wanted = keyOfAgent(key, agent);
  const rest = parseSessionKey(key)?.rest ?? key;
  const { rows, instances } = state.catalog;
  const store = rows.stores.get(agent);
  const isNamed = ({ identity }: TranscriptRow) => identity.key !== null && keyOfAgent(identity.key, agent) === wanted;
  const there = (sessionId: string) => instances.of(agent, sessionId).filter(({ exists }) => exists);
  const own = (): TranscriptRow[] => {
    const found: TranscriptRow[] = [];
    for (const { key, sessionId } of store?.sessions.all() ?? []) {
      if (keyOfAgent(key, agent) === wanted) found.push(...there(sessionId).filter(isNamed));
    }
    return found;
  };
  // What takes longest comes last: it asks every transcript of the agent.
  const candidates = [own, () => there(rest), () => [...(store?.rows() ?? [])].filter(isNamed)];
  for (const candidate of candidates) {
    const [row] = candidate().sort((a, b) => rankOf(a) - rankOf(b) || compareText(b.name, a.name));
    if (row !== undefined) return row;
  }
  throw new ClawgaugeError('session_not_found', `no session with the key ${key}`);
}

/** Files in use before archives; of these the name tells the age. */
function rankOf(row: TranscriptRow): number {
  return row.class === 'primary' || row.class === 'topic' ? 0 : 1;
}

function compareAge(a: TranscriptRow, b: TranscriptRow): number {
  return ageOf(a) - ageOf(b) || a.mtimeMs - b.mtimeMs || compareText(a.name, b.name);
}

/** When it began, as far as that is known. */
function ageOf({ folded, mtimeMs }: TranscriptRow): number {
  const first = folded?.summary.firstQuarter ?? null;
  return first === null ? mtimeMs : first * QUARTER_MS;
}
