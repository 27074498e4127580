/** Batches of digests as a digest store gets them, each known by its number: written by one process, expected by another. */
import { createHash } from 'node:crypto';

/** Few enough that most batches replace digests of earlier ones. */
const TRANSCRIPTS = 80;
const MOST = 24;

/** The transcripts of all batches. */
export const ids = Array.from({ length: TRANSCRIPTS }, (_, at) => idOf(at));

/** One batch: `digests` to put, `removed` to remove. A digest's last bytes are the hash of those before. */
export function batch(number) {
  const random = numbersOf(number);
  const chosen = new Set(Array.from({ length: 1 + (random() % MOST) }, () => idOf(random() % TRANSCRIPTS)));
  const digests = [];
  const removed = [];
  for (const id of chosen) {
    if (random() % 8 === 0) removed.push(id);
    else digests.push(storedOf(id, number, random() % 4096));
  }
  return { digests, removed };
}

/** The stamp under which a batch puts a transcript. */
export function stampOf(id, number) {
  return `${id}@${number}`;
}

function idOf(at) {
  return `main/s${at}.jsonl`;
}

function storedOf(id, number, size) {
  const key = `agent:main:direct:${number}`;
  const identity = { key, label: null, channel: `c${number}`, kind: 'direct', family: key, updatedAt: number };
  return { id, stamp: stampOf(id, number), digest: digestOf(id, number, size), identity, supersedes: [] };
}

function digestOf(id, number, size) {
  const body = Buffer.alloc(size + 64, `${id} ${number} `);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** The same numbers for the same seed. */
function numbersOf(seed) {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
