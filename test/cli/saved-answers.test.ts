/** Answers that are saved for the next report: given again only while a reading would find the very same. */
import { appendFileSync, cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DigestStore } from '../../src/cache/digest-store.ts';
import { Ledger } from '../../src/cache/ledger.ts';
import { SavedAnswers, type SavedSnapshot } from '../../src/cli/saved-answers.ts';
import { loadOptions, type ServiceOptions } from '../../src/config.ts';
import { type SessionsQuery, sessionsQuery, type UsageQuery, usageQuery } from '../../src/snapshot/query.ts';
import { Views } from '../../src/snapshot/views.ts';
import { MIB } from '../../src/units.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { expectEqual } from '../support/answers.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { below, pick, seededRandom } from '../support/random.ts';
import { randomStore } from '../support/random-store.ts';
import { StoreScript } from '../support/store-script.ts';
import { temporaryStateDir } from '../support/stores.ts';

const DAY = 86_400_000;
const ALL = usageQuery({ timeZone: 'Europe/Paris', range: 'all' }, {}, 'model');
const SESSIONS = sessionsQuery({ timeZone: 'UTC', range: 'all' }, {}, { limit: 1000 });
const SNAPSHOT: SavedSnapshot = {
  id: 'k.1',
  builtAt: REFRESHED_AT,
  coverage: { transcripts: 1, pending: 0, failed: 0, retained: 0, bytes: 1 },
};

// Nothing that a test has just written is too young to be told from what it writes next.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 }));
afterEach(() => void vi.useRealTimers());

function optionsFor(state: string, data: string, more: Record<string, unknown> = {}): ServiceOptions {
  const code = { stateDir: [state], dataDir: data, timeZone: 'UTC', ...more };
  return loadOptions({ flags: {}, code, env: {}, homedir: '/nowhere', readFile: (path) => readFileSync(path, 'utf8') });
}

function place(more: Record<string, unknown> = {}) {
  const [state, data] = [randomStore(7), temporaryStateDir()];
  return { state, data, options: optionsFor(state, data, more) };
}

const bytesOf = (text: string) => Buffer.from(text);

/** What a report does that had to read. */
async function save(
  options: ServiceOptions,
  answers: readonly (readonly [UsageQuery | SessionsQuery, Buffer])[] = [[ALL, bytesOf('"a":1}')]],
  { until = Number.POSITIVE_INFINITY, now = REFRESHED_AT } = {},
): Promise<void> {
  const saved = new SavedAnswers(options);
  await saved.begin();
  for (const [query, rest] of answers) saved.add(query, { snapshot: SNAPSHOT, rest }, until, now);
  await saved.save();
}

function found(options: ServiceOptions, query: UsageQuery | SessionsQuery = ALL, now = REFRESHED_AT): string | null {
  const answer = new SavedAnswers(options).find(query, now);
  return answer === null ? null : Buffer.from(answer.rest).toString();
}

describe('a saved answer', () => {
  it('is given again with its moment, to that question alone, from a file for its owner alone', async () => {
    const { data, options } = place();
    expect(found(options)).toBeNull();
    await save(options);
    expect(new SavedAnswers(options).find(ALL, REFRESHED_AT)?.snapshot).toEqual(SNAPSHOT);
    expect([found(options), found(options, SESSIONS)]).toEqual(['"a":1}', null]);
    expect(statSync(join(data, 'reports.bin')).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (at: { state: string; data: string }) => void]>([
    ['a transcript grows', ({ state }) => appendFileSync(join(state, 'agents/main/sessions/main-1.jsonl'), '\n')],
    ['a transcript comes', ({ state }) => writeFileSync(join(state, 'agents/main/sessions/new.jsonl'), '')],
    ['a session index changes', ({ state }) => appendFileSync(join(state, 'agents/ops/sessions/sessions.json'), ' ')],
    ['OpenClaw is configured otherwise', ({ state }) => appendFileSync(join(state, 'openclaw.json'), ' ')],
    [
      'an agent gets prices',
      ({ state }) => cpSync(join(state, 'openclaw.json'), join(state, 'agents/ops/agent/models.json')),
    ],
    ['an agent gets a database', ({ state }) => new AgentDatabase(state, 'ops').close()],
    ['the state directory goes', ({ state }) => rmSync(state, { recursive: true })],
    ['somebody held the data directory', ({ data }) => writeFileSync(join(data, 'lock.7'), '')],
    ['another ledger is put there', ({ data }) => writeFileSync(join(data, 'ledger.sqlite'), '')],
    ['the file is damaged', ({ data }) => appendFileSync(join(data, 'reports.bin'), '.')],
  ])('is given no more when %s', async (_, change) => {
    const { state, data, options } = place();
    await save(options);
    expect(found(options)).not.toBeNull();
    change({ state, data });
    expect(found(options)).toBeNull();
  });

  it('is given no more when a database is written to, also while that is in its log alone', async () => {
    const { state, options } = place();
    const database = new AgentDatabase(state, 'ops');
    database.write('one', 'agent:ops:main', []);
    await save(options);
    expect(found(options)).not.toBeNull();
    database.write('two', 'agent:ops:other', []);
    expect(found(options)).toBeNull();
    database.close();
  });

  it.each<[string, Record<string, unknown>]>([
    ['hidden names', { redact: true }],
    ['another retention', { retain: '1d' }],
    ['other rules', { accounting: '2026.9' }],
    ['other prices', { prices: { acme: { large: { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 } } } }],
  ])('is not given to one who asks with %s', async (_, more) => {
    const { state, data, options } = place();
    await save(options);
    expect(found(optionsFor(state, data, more))).toBeNull();
    expect(found(options)).not.toBeNull();
  });

  it('is of one day, and of no longer than all that is retained counts', async () => {
    const { options } = place();
    const midnight = Date.parse('2026-11-23T00:00:00+01:00');
    await save(options, undefined, { now: midnight - 1, until: midnight - 5 });
    expect(found(options, ALL, midnight - 5)).not.toBeNull();
    expect(found(options, ALL, midnight - 4)).toBeNull();
    await save(options, undefined, { now: midnight - 1 });
    expect([found(options, ALL, midnight - 1), found(options, ALL, midnight)]).toEqual(['"a":1}', null]);
  });

  it('stays beside those of other questions while nothing changes', async () => {
    const { data, options } = place();
    await save(options);
    writeFileSync(join(data, 'lock.8'), '');
    // Whoever holds the directory while it is read finds what was saved before that.
    rmSync(join(data, 'lock.8'));
    await save(options, [[SESSIONS, bytesOf('"b":2}')]]);
    expect([found(options), found(options, SESSIONS)]).toEqual(['"a":1}', '"b":2}']);
  });

  it('is saved of a store that has stood still for two seconds, or else of none', async () => {
    const { state, options } = place();
    vi.setSystemTime(statSync(join(state, 'openclaw.json')).ctimeMs + 1_500);
    await save(options);
    expect(found(options)).toBeNull();
  });

  it('is of before a change that came while it was read', async () => {
    const { state, options } = place();
    const saved = new SavedAnswers(options);
    await saved.begin();
    appendFileSync(join(state, 'agents/main/sessions/main-1.jsonl'), '\n');
    saved.add(ALL, { snapshot: SNAPSHOT, rest: bytesOf('"a":1}') }, Number.POSITIVE_INFINITY, REFRESHED_AT);
    await saved.save();
    expect(found(options)).toBeNull();
  });

  it('is one of 32 at most, in 8 MiB; of pages that are too many none is saved', async () => {
    const { data, options } = place();
    const question = (day: number) =>
      usageQuery({ timeZone: 'UTC', startDate: `2026-01-${day}`, endDate: '2026-02-01' });
    for (let day = 10; day < 27; day++) await save(options, [[question(day), Buffer.alloc(MIB, 'x')]]);
    expect([10, 18, 19, 26].map((day) => found(options, question(day)) !== null)).toEqual([false, false, true, true]);
    expect(statSync(join(data, 'reports.bin')).size).toBeLessThan(8.1 * MIB);
    await save(
      options,
      [1, 2, 3].map((day) => [question(day), Buffer.alloc(3 * MIB, 'x')] as const),
    );
    expect([1, 2, 3, 26].map((day) => found(options, question(day)) !== null)).toEqual([false, false, false, true]);
  });
});

/** A reading with the digests and the ledger of a data directory. */
function reading(state: string, data: string, now: number) {
  const [digests, ledger] = [new DigestStore(data), new Ledger(data, { now: () => now })];
  try {
    const kept = new KeptStore(state, { digests, retention: { ledger, retain: 30 * DAY } });
    kept.refresh(now);
    const { keeper } = kept;
    const views = new Views(keeper, 'k');
    const answers = [ALL, SESSIONS].map((query) => {
      // What is dated in the future is in no report: it changes with each quarter hour.
      const { future: _, ...figures } = views.build(query, now) as Record<string, unknown>;
      return [query, JSON.stringify(figures)] as const;
    });
    const { retainedUntil } = keeper.retention();
    const isSteady = keeper.nextRetry() === null && keeper.coverage().pending + keeper.coverage().failed === 0;
    return { answers, until: isSteady ? (retainedUntil ?? Number.POSITIVE_INFINITY) : null };
  } finally {
    digests.close();
    ledger.close();
  }
}

it.each([1, 2, 3, 4, 5])('whatever happens to a store, a report says what a reading says (script %d)', (seed) =>
  script(seed),
);

async function script(seed: number): Promise<void> {
  const rnd = seededRandom(seed);
  const script = new StoreScript(randomStore(seed), rnd);
  const data = temporaryStateDir();
  const options = optionsFor(script.directory, data, { retain: '30d' });
  let now = REFRESHED_AT;
  let given = 0;
  for (let round = 0; round < 30; round++) {
    const steps = rnd() < 0.3 ? [script.step()] : [];
    now += pick([0, 1000, 3_600_000, below(4, rnd) * DAY], rnd);
    const saved = new SavedAnswers(options);
    await saved.begin();
    // One of the drivers holds files until they are garbage, and so each reading gets its own.
    const copy = temporaryStateDir();
    cpSync(data, copy, { recursive: true });
    const { answers, until } = reading(script.directory, copy, now);
    const known = answers.map(([query]) => saved.find(query, now));
    known.forEach((answer, at) => {
      if (answer === null) return;
      given++;
      const [query, figures] = answers[at] as (typeof answers)[number];
      expectEqual(JSON.parse(Buffer.from(answer.rest).toString()), JSON.parse(figures), { round, steps, query });
    });
    if (!known.includes(null) || until === null) continue;
    cpSync(copy, data, { recursive: true });
    for (const [query, figures] of answers) {
      saved.add(query, { snapshot: SNAPSHOT, rest: Buffer.from(figures) }, until, now);
    }
    await saved.save();
  }
  expect(given).toBeGreaterThan(0);
}
