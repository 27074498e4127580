/** The golden store and answers of OpenClaw 2026.5.22: the ones kept as fixtures, and a full set where one is beside the repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type {
  GoldenCostAnswer,
  GoldenLogsAnswer,
  GoldenSessionsAnswer,
  GoldenTimeseriesAnswer,
} from './golden-shapes.ts';

/** A store on disk, and the gateway's answers on it. */
export interface GoldenSet {
  agents: string[];
  /** Writes the state directory, with the modification times that the gateway saw. */
  write(directory: string): void;
  sessions(agent: string): GoldenSessionsAnswer;
  /** usage.cost, which is agent main. */
  cost(): GoldenCostAnswer;
  /** Of the session `agent:main:main`. */
  timeseries(): GoldenTimeseriesAnswer;
  logs(): GoldenLogsAnswer;
  /** Any answer by the name of its file; null where it is not kept. */
  answer(name: string): unknown;
}

/** What `sessions.usage` was asked for, in epoch milliseconds, both included. */
export const GOLDEN_RANGE = {
  startMs: Date.parse('2026-08-24T00:00:00Z'),
  endMs: Date.parse('2026-11-22T23:59:59.999Z'),
};

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = fileURLToPath(new URL('../fixtures/golden-2026.5', import.meta.url));

/** Two of the nine agents, kept in the repository. */
export const goldenFixture: GoldenSet = {
  agents: ['main', 'ops'],
  write: unpackFixture,
  ...answersIn(join(FIXTURE, 'answers')),
};

const FULL_SET = join(REPOSITORY, '..', 'shared', 'openclaw');

/** All nine agents, generated anew; null where the generator and the answers are not there. */
export const goldenFullSet: GoldenSet | null = existsSync(join(FULL_SET, 'make-store.mjs'))
  ? {
      agents: ['main', 'ops', 'research', 'family', 'coder', 'support', 'finance', 'night-shift', 'home-lab'],
      write: generateFullStore,
      ...answersIn(join(FULL_SET, 'golden', '2026.5.22')),
    }
  : null;

function unpackFixture(directory: string): void {
  const state = join(FIXTURE, 'state');
  for (const entry of readdirSync(state, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(directory, source.slice(state.length, -'.gz'.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, gunzipSync(readFileSync(source)));
  }
  const times = JSON.parse(readFileSync(join(FIXTURE, 'mtimes.json'), 'utf8')) as Record<string, number>;
  for (const [name, mtimeMs] of Object.entries(times)) {
    utimesSync(join(directory, name), new Date(mtimeMs), new Date(mtimeMs));
  }
}

function generateFullStore(directory: string): void {
  const options = ['--out', directory, '--sessions', '20', '--now', '2026-11-22T12:00:00Z'];
  execFileSync(process.execPath, [join(FULL_SET, 'make-store.mjs'), ...options], { stdio: 'pipe' });
}

function answersIn(directory: string): Pick<GoldenSet, 'sessions' | 'cost' | 'timeseries' | 'logs' | 'answer'> {
  const read = (name: string) => JSON.parse(gunzipSync(readFileSync(join(directory, `${name}.json.gz`))).toString());
  return {
    answer: (name) => (existsSync(join(directory, `${name}.json.gz`)) ? read(name) : null),
    sessions: (agent) => read(`sessions.usage.warm.${agent}`) as GoldenSessionsAnswer,
    cost: () => read('usage.cost.warm') as GoldenCostAnswer,
    timeseries: () => read('sessions.usage.timeseries') as GoldenTimeseriesAnswer,
    logs: () => read('sessions.usage.logs') as GoldenLogsAnswer,
  };
}
