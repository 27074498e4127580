/** Each agent's sessions at its own prices in 2026.9, and all at those of agent main in 2026.5. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Era } from '../../src/compute/era.ts';
import { COST } from '../../src/compute/figures.ts';
import { dollars } from '../../src/snapshot/totals.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore } from '../support/kept-store.ts';
import { writeJson, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const AGENTS = ['main', 'ops', 'lab'];
const MILLION = 1_000_000;
const RECORD = {
  type: 'message',
  id: '1',
  message: {
    role: 'assistant',
    timestamp: Date.UTC(2026, 10, 22, 10),
    provider: 'p',
    model: 'm',
    usage: { input: MILLION },
  },
};

let directory: string;
let databases: AgentDatabase[];

beforeEach(() => {
  directory = temporaryStateDir();
  databases = AGENTS.map((agent) => new AgentDatabase(directory, agent));
  for (const [at, agent] of AGENTS.entries()) databases[at]?.write('s', `agent:${agent}:main`, [RECORD]);
  catalog('main', 1);
  catalog('ops', 2);
});
afterEach(() => {
  for (const database of databases) database.close();
});

const fileOf = (agent: string) => `agents/${agent}/agent/models.json`;

/** Writes an agent's catalog: what a million tokens of input cost, in dollars. */
function catalog(agent: string, input: number): void {
  const cost = { input, output: 0, cacheRead: 0, cacheWrite: 0 };
  writeJson(directory, fileOf(agent), { providers: { p: { models: [{ id: 'm', cost }] } } });
}

/** By agent: what its only transcript costs, in dollars. */
function costs({ keeper }: KeptStore): Record<string, number> {
  const rows = [...keeper.catalog.rows.values()];
  return Object.fromEntries(
    rows.map(({ agent, folded }) => [agent, dollars(folded?.summary.whole.figures[COST] ?? -1)]),
  );
}

function kept(accounting: Era | null = null): KeptStore {
  const store = new KeptStore(directory, { accounting });
  store.refresh();
  return store;
}

test('in 2026.9 an agent whose own catalog lacks a model has no price for it', () => {
  expect(costs(kept())).toEqual({ main: 1, ops: 2, lab: 0 });
});

test('in 2026.5, and by its rules, the catalog of agent main counts for all', () => {
  writeWhole(join(directory, 'agents/old/sessions/s.jsonl'), linesOf([RECORD]));
  expect(costs(kept())).toEqual({ main: 1, ops: 2, lab: 0, old: 1 });
  expect(costs(kept('2026.5'))).toEqual({ main: 1, ops: 1, lab: 1, old: 1 });
});

test('a change of one catalog folds the transcripts of its agent again, and no others', () => {
  const store = kept();
  catalog('ops', 5);
  expect(store.refresh()).toMatchObject({ folded: 1, changed: 1 });
  expect(costs(store)).toEqual({ main: 1, ops: 5, lab: 0 });
  catalog('lab', 7);
  rmSync(join(directory, fileOf('main')));
  expect(store.refresh()).toMatchObject({ folded: 2 });
  expect(costs(store)).toEqual({ main: 0, ops: 5, lab: 7 });
  expect(store.refresh()).toMatchObject({ folded: 0, changed: 0 });
});

test('a catalog that cannot be read leaves its prices in force', () => {
  const store = kept();
  writeWhole(join(directory, fileOf('ops')), '{');
  expect(store.refresh()).toMatchObject({ folded: 0, problems: [{ code: 'config_unreadable' }] });
  expect(costs(store)).toEqual({ main: 1, ops: 2, lab: 0 });
});

test('the catalog of an agent is where the configuration says, also while that cannot be read', () => {
  const moved = (agentDir: string) =>
    writeJson(directory, 'openclaw.json', { agents: { list: [{ id: 'lab', agentDir }] } });
  const cost = { input: 9, output: 0, cacheRead: 0, cacheWrite: 0 };
  writeJson(directory, 'elsewhere/models.json', { providers: { p: { models: [{ id: 'm', cost }] } } });
  moved(join(directory, 'elsewhere'));
  const store = kept();
  expect(costs(store)).toEqual({ main: 1, ops: 2, lab: 9 });
  writeWhole(join(directory, 'openclaw.json'), '{');
  store.refresh();
  expect(costs(store)).toEqual({ main: 1, ops: 2, lab: 9 });
  moved(join(directory, 'nowhere'));
  store.refresh();
  expect(costs(store)).toEqual({ main: 1, ops: 2, lab: 0 });
});

test('in 2026.9 a model that the catalog lists without a price has that of openclaw.json, in 2026.5 none', () => {
  const models = (cost: unknown) => ({ providers: { p: { models: [{ id: 'm', cost }] } } });
  writeJson(directory, 'openclaw.json', { models: models({ input: 4, output: 0, cacheRead: 0, cacheWrite: 0 }) });
  writeJson(directory, fileOf('main'), models({}));
  expect(costs(kept())).toEqual({ main: 4, ops: 2, lab: 4 });
  expect(costs(kept('2026.5'))).toEqual({ main: 0, ops: 0, lab: 0 });
});
