/** An archive as the gateway of 2026.9 compresses it: what Node's zlib.zstdCompressSync, which Node 20 lacks, made of a text. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { linesOf } from './fold-text.ts';

export const ARCHIVE = readFileSync(
  fileURLToPath(new URL('../fixtures/archive-2026.9/talk.jsonl.zst', import.meta.url)),
);
export const ARCHIVE_TEXT = linesOf(Array.from({ length: 4000 }, (_, at) => record(at)));

function record(at: number): object {
  const answer = at % 2 === 1;
  const usage = answer ? { input: at, cost: { total: at / 1000 } } : undefined;
  const content = `${(at * 7919) % 4001} `.repeat(40);
  return {
    type: 'message',
    id: String(at),
    timestamp: new Date(Date.UTC(2026, 10, 1) + at * 1000).toISOString(),
    message: { role: answer ? 'assistant' : 'user', provider: 'p', model: 'm', content, usage },
  };
}
