/**
 * Entry of the scan threads: takes inventories and folds batches of transcripts. Keeps nothing between tasks but its buffer.
 * Answers are copied to the main thread: what moves them belongs to piscina, and loading that costs each thread more.
 */
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { MemoryMeter } from '../memory-meter.ts';
import { Accounting } from './accounting.ts';
import { isDatabase } from './agent-database.ts';
import { pack, unpack } from './envelope.ts';
import { RULES } from './eras.ts';
import { beginsWith, foldTranscript } from './fold.ts';
import { performTask } from './inventory-envelope.ts';
import { jsonlSource } from './jsonl-source.ts';
import { hasNewline, type LineCounts, type ReadAt } from './line-scanner.ts';
import { PriceBook, type PriceBookData } from './price-book.ts';
import type { ScanItem, ScanOutcome, ScanRequest, ScanResult } from './scan-batch.ts';
import { threadKernel } from './scan-kernel.ts';
import type { ReadTask } from './session-read.ts';
import { foldSession } from './session-fold.ts';
import { errorCode, isMissing } from './small-file.ts';

/** Its buffer is the only memory of this thread that holds transcript content. */
const kernel = threadKernel();
/** Null where this is no thread of a pool. */
const meter =
  workerData instanceof SharedArrayBuffer ? new MemoryMeter(workerData, kernel.buffer.buffer.byteLength) : null;

/** Does nothing: whoever calls it wants the thread to be up. */
export function ready(): void {}

/** Takes an inventory and looks at transcripts: see inventory-envelope.ts. */
export function inventory(task: Uint8Array): Uint8Array {
  const answer = performTask(task);
  meter?.note();
  return answer;
}

/** Folds the transcripts of a batch (header ScanRequest, parts: prices, digests); answers header ScanResult, parts: digests. */
export function scan(request: Uint8Array): Uint8Array {
  const started = performance.now();
  const { header, parts } = unpack<ScanRequest>(request);
  const prices = JSON.parse(Buffer.from(parts[0] as Uint8Array).toString('utf8')) as PriceBookData;
  const book = new PriceBook(prices);
  const outcomes: ScanOutcome[] = [];
  const digests: Uint8Array[] = [];
  const counts: LineCounts = { lines: 0, fast: 0, parsed: 0, streamed: 0 };
  let bytesRead = 0;
  let part = 1;
  for (const item of header.items) {
    const previous = item.resumes ? (parts[part++] as Uint8Array) : null;
    const outcome = fold(item, new Accounting(book, RULES[item.era]), previous);
    outcomes.push(outcome.outcome);
    bytesRead += outcome.bytesRead;
    if (outcome.digest === null) continue;
    digests.push(outcome.digest);
    counts.lines += outcome.counts.lines;
    counts.fast += outcome.counts.fast;
    counts.parsed += outcome.counts.parsed;
    counts.streamed += outcome.counts.streamed;
  }
  const duration = performance.now() - started;
  const result: ScanResult = { priceEpoch: header.priceEpoch, outcomes, bytesRead, counts, duration };
  const answer = pack(result, digests);
  meter?.note();
  return answer;
}

/** Reads the transcripts of one session for somebody who waits: see session-read.ts. */
export async function read(task: ReadTask): Promise<Uint8Array> {
  // Most threads are never asked.
  const { answerRead } = await import('./session-reading.ts');
  const answer = answerRead(task, kernel);
  meter?.note();
  return answer;
}

type Fold = { outcome: ScanOutcome; bytesRead: number } & ({ digest: Buffer; counts: LineCounts } | { digest: null });

function fold(item: ScanItem, accounting: Accounting, previous: Uint8Array | null): Fold {
  const { id, directory, name, era, lookFrom, predecessors } = item;
  let bytesRead = 0;
  try {
    const transcript = path.join(directory, name);
    if (isDatabase(path.dirname(transcript))) return foldInDatabase(item, transcript, accounting, previous);
    const reader = jsonlSource.open({ directory }, { name });
    try {
      // The stamp is that of the bytes about to be read: whatever comes after it changes the stamp again.
      const { size, stamp } = reader.state();
      const read: ReadAt = (buffer, start, end, position) => {
        const got = reader.read(buffer, start, end, position);
        bytesRead += got;
        return got;
      };
      if (lookFrom !== null && !hasNewline(read, lookFrom, size, kernel.buffer)) {
        return { outcome: { id, folded: false, code: 'unended', era, stamp }, digest: null, bytesRead };
      }
      const { digest, counts } = foldTranscript(read, size, accounting, kernel, previous);
      const holds = predecessors.filter((it) => beginsWith(it, read, size, kernel.buffer)).map((it) => it.id);
      return { outcome: { id, folded: true, era, stamp, size, holds }, digest, bytesRead, counts };
    } finally {
      reader.close();
    }
  } catch (error) {
    if (isMissing(error)) {
      return { outcome: { id, folded: false, code: 'vanished', detail: '' }, digest: null, bytesRead };
    }
    // A file system error's own message would tell the absolute path.
    const detail = (error as { syscall?: unknown }).syscall === undefined ? messageOf(error) : errorCode(error);
    return { outcome: { id, folded: false, code: 'transcript_unreadable', detail }, digest: null, bytesRead };
  }
}

function foldInDatabase(
  { id, era }: ScanItem,
  transcript: string,
  accounting: Accounting,
  previous: Uint8Array | null,
): Fold {
  const folded = foldSession(transcript, accounting, kernel, previous);
  if (folded === null) {
    return { outcome: { id, folded: false, code: 'vanished', detail: '' }, digest: null, bytesRead: 0 };
  }
  const { stamp, size, digest, bytesRead, counts } = folded;
  return { outcome: { id, folded: true, era, stamp, size, holds: [] }, digest, bytesRead, counts };
}
