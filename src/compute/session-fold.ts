/** Folds one session of an agent's database into its digest, from the start or on from the cursor of an earlier digest. */
import { hash } from 'node:crypto';
import type { Bytes } from '../units.ts';
import type { Accounting } from './accounting.ts';
import { coldEvents, visibleEvents } from './cold-session.ts';
import { Digest } from './digest.ts';
import { ANCHOR_BYTES, decodeResume, encodeDigest, encodeSection } from './digest-codec.ts';
import type { FileState } from './file-stamp.ts';
import type { FirstPage } from './first-pages.ts';
import { type FoldResult, FoldSink } from './fold.ts';
import { LineScanner, type ReadAt } from './line-scanner.ts';
import type { QuietDatabase } from './quiet-database.ts';
import type { ScanKernel } from './scan-kernel.ts';
import { SessionEvents } from './session-events.ts';
import { asFileState, type SessionState } from './session-states.ts';

export interface SessionFold extends FoldResult, Pick<FileState, 'stamp' | 'size'> {
  readonly bytesRead: Bytes;
}

/**
 * Folds a session. The offset of its cursor counts events of the visible branch, and the anchor covers the last few
 * before it: a branch that was switched or rewritten is folded anew.
 * @param file absolute path of the database
 * @param first the session's first page, where it was read already
 * @throws SessionMoved, the driver's error, or one that says why the session cannot be read now
 */
export function foldSession(
  database: QuietDatabase,
  file: string,
  sessionId: string,
  accounting: Accounting,
  kernel: ScanKernel,
  previous: Uint8Array | null,
  first: FirstPage | null,
): SessionFold {
  const events = new SessionEvents(database, sessionId, first);
  const { era, toolResultMessages } = accounting.rules;
  const earlier = previous === null ? null : resumable(previous, era, events);
  const sink = new FoldSink(earlier?.resume ?? new Digest(), accounting);
  const scanner = new LineScanner(kernel, sink, toolResultMessages);
  let position = earlier?.cursor.offset ?? 0;
  let bytesRead = 0;
  for (;;) {
    const { lines, next, state } = events.page(position);
    if (state.isCold) return foldCold(database, file, state, accounting, kernel);
    scanner.scan(readerOf(lines), 0, lines.length);
    bytesRead += lines.length;
    const isLast = next === position || next >= Number(state.events);
    position = next;
    if (!isLast) continue;
    const { size, stamp } = asFileState(state);
    const cursor = { era, offset: position, anchor: anchorAt(events, position) };
    const digest = encodeDigest(cursor, encodeSection(sink.digest), null);
    return { digest, counts: scanner.counts, stamp, size, bytesRead };
  }
}

/** Whole, and not to be gone on from: before it changes, it comes out of cold storage. */
function foldCold(
  database: QuietDatabase,
  file: string,
  state: SessionState,
  accounting: Accounting,
  kernel: ScanKernel,
): SessionFold {
  const { era, toolResultMessages } = accounting.rules;
  const sink = new FoldSink(new Digest(), accounting);
  const scanner = new LineScanner(kernel, sink, toolResultMessages);
  let offset = 0;
  let bytesRead = 0;
  const visible = visibleEvents(database, file, state.sessionId) ?? new Set();
  for (const line of coldEvents(database, file, state.sessionId, visible)) {
    scanner.scan(readerOf(line), 0, line.length);
    bytesRead += line.length;
    offset++;
  }
  const cursor = { era, offset, anchor: Buffer.alloc(ANCHOR_BYTES) };
  const digest = encodeDigest(cursor, encodeSection(sink.digest), null);
  return { digest, counts: scanner.counts, ...asFileState(state), bytesRead };
}

/** Where and with what to go on; null when the cursor does not fit the session, which has to be folded anew. */
function resumable(
  previous: Uint8Array,
  era: Accounting['rules']['era'],
  events: SessionEvents,
): ReturnType<typeof decodeResume> | null {
  const earlier = decodeResume(previous);
  const { offset, anchor } = earlier.cursor;
  return earlier.cursor.era === era && anchorAt(events, offset).equals(anchor) ? earlier : null;
}

function anchorAt(events: SessionEvents, position: number): Buffer {
  return hash('sha256', Buffer.concat(events.beforeCursor(position)), 'buffer').subarray(0, ANCHOR_BYTES);
}

/** Lines that are at hand, as a transcript to be scanned. */
export function readerOf(lines: Buffer): ReadAt {
  return (buffer, start, end, position) => lines.copy(buffer, start, position, position + end - start);
}
