/** State directories of random content: all kinds of sessions and records, few enough for the oracle to read them all. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { recordArbitrary, type Span, type TranscriptRecord } from './arbitrary-record.ts';
import { below, pick, type Random, seededRandom } from './random.ts';
import { temporaryStateDir } from './stores.ts';

const DAY = 86_400_000;

/** Moments around which records lie: days on which some zone changes its clocks, a year's end, and plain days. */
export const BUSY_MOMENTS: readonly number[] = [
  '2026-11-22T12:34:56Z',
  '2026-11-22T23:50:00Z',
  '2026-03-29T00:40:00Z', // Paris, forward
  '2026-10-25T01:40:00Z', // Paris, back
  '2026-03-08T07:10:00Z', // New York, forward
  '2026-11-01T05:40:00Z', // New York, back
  '2026-04-04T15:20:00Z', // Lord Howe back by half an hour, Chatham back
  '2026-10-03T15:40:00Z', // Lord Howe forward
  '2026-09-26T14:10:00Z', // Chatham, forward
  '2025-12-31T18:20:00Z',
].map((text) => Date.parse(text));

const priced = (input: number, output: number, cacheRead: number, cacheWrite: number) => ({
  input,
  output,
  cacheRead,
  cacheWrite,
});

export const CONFIG = {
  agents: { list: [{ id: 'main' }, { id: 'ops' }, { id: 'idle' }] },
  models: {
    providers: {
      acme: {
        models: [
          { id: 'acme-large', cost: priced(2, 8, 0.5, 2.5) },
          {
            id: 'acme-tiered',
            cost: {
              ...priced(1, 2, 0.1, 1.25),
              tieredPricing: [
                { ...priced(1, 2, 0.1, 1.25), range: [0, 50_000] },
                { ...priced(3, 6, 0.3, 3.75), range: [50_000, -1] },
              ],
            },
          },
        ],
      },
      tiny: { models: [{ id: 'half-price', cost: priced(0.0005, 0.0015, 0, 0) }] },
    },
  },
};

const CATALOG = {
  providers: { anthropic: { models: [{ id: 'claude-sonnet-4-6', cost: priced(3, 15, 0.3, 3.75) }] } },
};

/** The directory of a random store, removed after the tests of the file that asked for it. */
export function randomStore(seed: number): string {
  const directory = temporaryStateDir();
  writeRandomStore(directory, seed);
  return directory;
}

/** Writes a store of some 40 transcripts; the same for the same seed. */
function writeRandomStore(directory: string, seed: number): void {
  const rnd = seededRandom(seed);
  writeJson(directory, 'openclaw.json', CONFIG);
  if (rnd() < 0.8) writeJson(directory, 'agents/main/agent/models.json', CATALOG);
  for (const agent of ['main', 'ops', 'attic']) writeAgent(directory, agent, rnd);
}

const KEYS = [
  'main',
  'telegram:direct:1',
  'Slack:group:g1',
  'cron:c1',
  'subagent:u1',
  'slack:channel:c',
  'signal:direct:2',
];
const ARCHIVE = ['deleted', 'reset'] as const;

function writeAgent(directory: string, agent: string, rnd: Random): void {
  const index: Record<string, object> = {};
  const sessions = 3 + below(8, rnd);
  for (let number = 0; number < sessions; number++) {
    const id = `${agent}-${number}`;
    const files = [`${id}.jsonl`];
    if (rnd() < 0.25) files.push(`${id}.jsonl.${pick(ARCHIVE, rnd)}.2026-10-0${1 + (number % 9)}T05-55-59.308Z`);
    if (rnd() < 0.2) files.push(`${id}-topic-${number}.jsonl`);
    const family = rnd() < 0.3 ? [`${id}-before`, `${id}-first`] : [];
    for (const earlier of family) files.push(`${earlier}.jsonl.reset.2026-09-01T05-55-59Z`);
    if (rnd() < 0.1) files.splice(0, 1);
    for (const file of files) writeTranscript(directory, agent, file, rnd);
    if (rnd() < 0.2) continue;
    const key = rnd() < 0.1 ? 'global' : `agent:${agent}:${pick(KEYS, rnd)}${rnd() < 0.5 ? `-${number}` : ''}`;
    index[key] = {
      sessionId: id,
      ...(rnd() < 0.8 ? { updatedAt: pick(BUSY_MOMENTS, rnd) + below(20, rnd) * DAY } : {}),
      ...(rnd() < 0.3 ? { label: `Label ${number}` } : {}),
      ...(rnd() < 0.3 ? { channel: pick(['telegram', ' Webchat ', ''], rnd) } : {}),
      ...(rnd() < 0.3 ? { origin: { provider: pick(['discord', 'Signal'], rnd) } } : {}),
      ...(rnd() < 0.2 ? { usageFamilyKey: `family-${below(2, rnd)}` } : {}),
      ...(family.length > 0 ? { usageFamilySessionIds: [...family, id] } : {}),
    };
  }
  writeJson(directory, `agents/${agent}/sessions/sessions.json`, index);
}

function writeTranscript(directory: string, agent: string, name: string, rnd: Random): void {
  const lines = randomRecords(randomSpan(rnd), 30, rnd).map((record) => JSON.stringify(record));
  if (rnd() < 0.2) lines.splice(below(lines.length + 1, rnd), 0, '{"torn":', '');
  const text = lines.join(rnd() < 0.1 ? '\r\n' : '\n') + (rnd() < 0.2 ? '' : '\n');
  const path = join(directory, 'agents', agent, 'sessions', name);
  writeWhole(path, text);
  const modified = new Date(Math.floor((pick(BUSY_MOMENTS, rnd) + below(10, rnd) * DAY) / 1000) * 1000);
  utimesSync(path, modified, modified);
}

/** Up to `most` records with times in a span. */
export function randomRecords(span: Span, most: number, rnd: Random): TranscriptRecord[] {
  const seed = below(2 ** 31, rnd);
  return fc.sample(fc.array(recordArbitrary(span), { maxLength: most, size: 'max' }), { seed, numRuns: 1 })[0] ?? [];
}

/** A day or two around a busy moment, or many months. */
export function randomSpan(rnd: Random): Span {
  const around = pick(BUSY_MOMENTS, rnd);
  if (rnd() < 0.2) return { from: around - 200 * DAY, to: around + 100 * DAY };
  return { from: around - below(3 * DAY, rnd), to: around + below(2 * DAY, rnd) };
}

export function writeJson(directory: string, name: string, content: unknown): void {
  writeWhole(join(directory, name), JSON.stringify(content));
}

export function writeWhole(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
