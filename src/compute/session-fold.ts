/** Folds one session of an agent's database into its digest, from the start or on from the cursor of an earlier digest. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Bytes } from '../units.ts';
import type { Accounting } from './accounting.ts';
import { readDatabase } from './agent-database.ts';
import { Digest } from './digest.ts';
import { ANCHOR_BYTES, type DecodedDigest, decodeDigest, encodeDigest, encodeSection } from './digest-codec.ts';
import type { FileState } from './file-stamp.ts';
import { type FoldResult, FoldSink } from './fold.ts';
import { LineScanner, type ReadAt } from './line-scanner.ts';
import type { ScanKernel } from './scan-kernel.ts';
import { SessionEvents } from './session-events.ts';
import { asFileState, sessionState } from './session-states.ts';
import { parseTranscriptName } from './transcript-name.ts';

export interface SessionFold extends FoldResult, Pick<FileState, 'stamp' | 'size'> {
  readonly bytesRead: Bytes;
}

/**
 * Folds the session `<database>/<session id>.jsonl`; null when there is none. The offset of its cursor counts events of
 * the visible branch, and the anchor covers the last few before it: a branch that was switched or rewritten is folded anew.
 * @throws the driver's error, or one that says why the session cannot be read now
 */
export function foldSession(
  transcript: string,
  accounting: Accounting,
  kernel: ScanKernel,
  previous: Uint8Array | null,
): SessionFold | null {
  const file = path.dirname(transcript);
  const sessionId = parseTranscriptName(path.basename(transcript))?.sessionId ?? '';
  return readDatabase(file, (database) => {
    const state = sessionState(database, file, sessionId);
    if (state === null) return null;
    if (state.needsRebuild) throw new Error('its visible branch has to be worked out by OpenClaw first');
    const events = new SessionEvents(database, file, state);
    const { era, toolResultMessages } = accounting.rules;
    const anchorAt = (position: number) => hashOf(events.beforeCursor(position));
    const { size, stamp } = asFileState(state);
    const isUsable = ({ cursor }: DecodedDigest) =>
      cursor.era === era && cursor.offset <= size && anchorAt(cursor.offset).equals(cursor.anchor);
    const decoded = previous === null ? null : decodeDigest(previous);
    const earlier = decoded !== null && isUsable(decoded) ? decoded : null;
    const sink = new FoldSink(earlier?.resume ?? new Digest(), accounting);
    const scanner = new LineScanner(kernel, sink, toolResultMessages);
    let position = earlier?.cursor.offset ?? 0;
    let bytesRead = 0;
    for (;;) {
      const { lines, next } = events.page(position);
      if (lines.length === 0) break;
      scanner.scan(readerOf(lines), 0, lines.length);
      bytesRead += lines.length;
      position = next;
    }
    const cursor = { era, offset: position, anchor: anchorAt(position) };
    const digest = encodeDigest(cursor, encodeSection(sink.digest), null);
    return { digest, counts: scanner.counts, stamp, size, bytesRead };
  });
}

function readerOf(lines: Buffer): ReadAt {
  return (buffer, start, end, position) => lines.copy(buffer, start, position, position + end - start);
}

function hashOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, ANCHOR_BYTES);
}
