/** One instance or family that counts in a window. There can be a hundred thousand in a list, so its figures are bytes. */
import { COST, TOTAL_TOKENS } from '../compute/figures.ts';
import { ByteReader, ByteWriter } from '../compute/varint.ts';
import type { Milliseconds } from '../units.ts';
import { compareText } from './names.ts';
import type { SessionSort } from './query.ts';
import type { SessionSum } from './session-sum.ts';
import { readColumn, readSum, writeSum } from './sum-codec.ts';
import { TranscriptRow } from './transcript-row.ts';

const writer = new ByteWriter(256);

/** Never changes: lists of earlier moments hold on to it. */
export class ListedSession {
  readonly #rows: TranscriptRow | readonly TranscriptRow[];
  /** As a string, which takes its bytes and little more; a buffer takes 200 more. */
  readonly #figures: string;

  constructor(rows: readonly TranscriptRow[], sum: SessionSum, updatedAt: Milliseconds) {
    this.#rows = rows.length === 1 ? (rows[0] as TranscriptRow) : rows;
    writer.real(updatedAt);
    writeSum(writer, sum);
    this.#figures = writer.written().toString('latin1');
    writer.cut(0);
  }

  /** Its transcripts that passed the filters; the first one stands for it. */
  get rows(): readonly TranscriptRow[] {
    return this.#rows instanceof TranscriptRow ? [this.#rows] : this.#rows;
  }

  /** The transcript that stands for it. */
  get lead(): TranscriptRow {
    return this.#rows instanceof TranscriptRow ? this.#rows : (this.#rows[0] as TranscriptRow);
  }

  get updatedAt(): Milliseconds {
    return this.#read().real();
  }

  get sum(): SessionSum {
    const reader = this.#read();
    reader.real();
    return readSum(reader);
  }

  /** One of the figures of its sum. */
  figure(column: number): number {
    const reader = this.#read();
    reader.real();
    return readColumn(reader, column);
  }

  #read(): ByteReader {
    return new ByteReader(Buffer.from(this.#figures, 'latin1'));
  }
}

/** In their order: the largest first, ties by agent, then session id. */
export function sortSessions(sessions: readonly ListedSession[], sort: SessionSort): ListedSession[] {
  // What they give is read from bytes each time: too much for a sort to ask.
  const values = Float64Array.from(sessions, (session) => sortedBy(session, sort));
  const at = (place: number) => sessions[place] as ListedSession;
  const order = Uint32Array.from(sessions.keys()).sort(
    (a, b) => (values[b] as number) - (values[a] as number) || compareLeads(at(a), at(b)),
  );
  return Array.from(order, at);
}

/** Before which place of a sorted list a session belongs. */
export function placeOf(session: ListedSession, order: readonly ListedSession[], sort: SessionSort): number {
  const value = sortedBy(session, sort);
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = order[middle] as ListedSession;
    if ((value - sortedBy(other, sort) || compareLeads(other, session)) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sortedBy(session: ListedSession, sort: SessionSort): number {
  if (sort === 'updated') return session.updatedAt;
  return session.figure(sort === 'cost' ? COST : TOTAL_TOKENS);
}

function compareLeads({ lead: a }: ListedSession, { lead: b }: ListedSession): number {
  return compareText(a.agent, b.agent) || compareText(a.sessionId, b.sessionId);
}
