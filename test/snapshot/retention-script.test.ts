/** Random lives of a service whose transcripts are rotated, renamed, deleted and restored: nothing is lost or counted twice. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DigestStore } from '../../src/cache/digest-store.ts';
import { Ledger } from '../../src/cache/ledger.ts';
import { sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { usageAnswer } from '../oracle/answer.ts';
import type { StoredSession } from '../oracle/sessions.ts';
import { sessionRows } from '../oracle/sessions-answer.ts';
import { attempt, expectEqual, oracleQuery } from '../support/answers.ts';
import { KeptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { below, pick, type Random, seededRandom } from '../support/random.ts';
import { randomQuestion } from '../support/random-question.ts';
import { randomStore, writeJson } from '../support/random-store.ts';
import { RetentionModel } from '../support/retention-model.ts';
import { StoreScript } from '../support/store-script.ts';
import { temporaryStateDir } from '../support/stores.ts';

const STEPS = 14;
const FOR_EVER = 36_500 * 86_400_000;

const opened: (DigestStore | Ledger)[] = [];
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
});

/** A service's life: its keeper, and what lies on its disk. */
class Life {
  readonly directory: string;
  readonly #cacheBytes: number;
  #data = temporaryStateDir();
  kept: KeptStore;

  constructor(directory: string, cacheBytes: number) {
    this.directory = directory;
    this.#cacheBytes = cacheBytes;
    this.kept = this.#start();
  }

  /** As after kill -9, of whatever was on disk at that moment. */
  restart(withDigests: boolean): void {
    const files = readdirSync(this.#data).filter((name) => withDigests || !name.startsWith('digests'));
    const copy = temporaryStateDir();
    for (const name of files) cpSync(join(this.#data, name), join(copy, name));
    this.#data = copy;
    this.kept = this.#start();
  }

  #start(): KeptStore {
    const digests = new DigestStore(this.#data);
    const ledger = new Ledger(this.#data, { now: () => REFRESHED_AT });
    opened.push(digests, ledger);
    const retention = { ledger, retain: FOR_EVER };
    return new KeptStore(this.directory, { cacheBytes: this.#cacheBytes, digests, retention });
  }
}

test.each([
  [1, 2 ** 26],
  [2, 2 ** 26],
  [3, 3000],
  [4, 2 ** 26],
  [5, 3000],
  [6, 2 ** 26],
])('after every refresh, all that was ever there counts once (script %d)', (seed, cacheBytes) => {
  const rnd = seededRandom(seed);
  const script = new StoreScript(randomStore(seed), rnd);
  const life = new Life(script.directory, cacheBytes);
  const model = new RetentionModel(script.directory);
  life.kept.refresh();
  model.look();
  let most = 0;
  for (let number = 0; number < STEPS; number++) {
    const steps = [script.step(), pick([renameSome, removeSome, () => script.step()], rnd)(script)];
    nameOnce(script.directory);
    if (rnd() < 0.3) {
      const withDigests = rnd() < 0.7;
      steps.push(withDigests ? 'restart' : 'restart without digests');
      life.restart(withDigests);
      if (!withDigests) model.loseDigests();
    }
    const { problems } = life.kept.refresh();
    expect(problems).toEqual([]);
    expect(life.kept.keeper.retention().lost).toEqual([]);
    const sessions = model.look();
    most = Math.max(most, model.retained);
    expect(life.kept.keeper.coverage(), JSON.stringify({ seed, number, steps })).toMatchObject({
      retained: model.retained,
      transcripts: sessions.length - model.retained,
      pending: 0,
    });
    for (let question = 0; question < 8; question++) expectAnswers(life.kept, sessions, rnd, { seed, number, steps });
  }
  expect(most).toBeGreaterThan(0);
});

/** Gives a transcript the name of another session, or of a topic or an archive of its own. */
function renameSome(script: StoreScript): string {
  const path = script.transcript();
  const stem = path.replace(/(-topic-\d+)?\.jsonl.*$/, '');
  const name = pick(
    [
      `${stem}-topic-${below(9, script.rnd)}.jsonl`,
      script.archiveName(path),
      join(path, `../r${below(30, script.rnd)}.jsonl`),
    ],
    script.rnd,
  );
  try {
    renameSync(path, name);
  } catch {
    return 'rename what is not there';
  }
  return 'rename';
}

function removeSome(script: StoreScript): string {
  rmSync(script.transcript(), { force: true });
  return 'remove';
}

/** Leaves each session to one entry: the oracle does not know which of several wins. */
function nameOnce(directory: string): void {
  for (const agent of readdirSync(join(directory, 'agents'))) {
    const path = join('agents', agent, 'sessions', 'sessions.json');
    if (!existsSync(join(directory, path))) continue;
    const index = JSON.parse(readFileSync(join(directory, path), 'utf8')) as Record<string, Entry>;
    const named = new Set<string>();
    for (const [key, { sessionId, usageFamilySessionIds = [] }] of Object.entries(index)) {
      const ids = new Set([sessionId, ...usageFamilySessionIds]);
      if ([...ids].some((id) => named.has(id))) delete index[key];
      else for (const id of ids) named.add(id);
    }
    writeJson(directory, path, index);
  }
}

interface Entry {
  sessionId: string;
  usageFamilySessionIds?: string[];
}

function expectAnswers({ keeper }: KeptStore, sessions: StoredSession[], rnd: Random, at: object): void {
  const { window, filters, split, now } = randomQuestion(rnd);
  const usage = usageQuery(window, filters, split);
  const context = { ...at, now };
  expectEqual(
    attempt(() => usageView(keeper, usage, now)),
    attempt(() => usageAnswer(sessions, oracleQuery(usage), now)),
    { ...context, usage },
  );
  const groupBy = pick(['instance', 'family'] as const, rnd);
  const list = sessionsQuery(window, filters, { groupBy, limit: 1000 });
  expectEqual(
    attempt(() => sessionsPage(keeper, listSessions(keeper, list, now), list, 0, String)),
    attempt(() => ({ ...sessionRows(sessions, oracleQuery(list), now, groupBy), next: null })),
    { ...context, list },
  );
}
