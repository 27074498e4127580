/** The service as a whole against the real gateway of OpenClaw 2026.9.6: every member of every answer that it gave on a golden store. */
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadOptions } from '../../../src/config.ts';
import { SnapshotService } from '../../../src/snapshot/usage-service.ts';
import { type LaterAnswer, type LaterSet, laterFixture, laterFullSet } from '../../support/golden-2026-9.ts';
import { onGoldenSets } from '../../support/golden-sets.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { differences, expectParity } from '../../support/rpc-parity.ts';
import { temporaryStateDir } from '../../support/stores.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const WINDOW = { startDate: '2026-08-24', endDate: '2026-11-22', mode: 'utc' };
const FAMILIES = { groupBy: 'family', limit: 1000, includeContextWeight: false };
const CALLER = { signal: new AbortController().signal, transcripts: true };

onGoldenSets(laterFixture, laterFullSet, compareWith);

function compareWith(set: LaterSet): void {
  let service: SnapshotService;

  beforeAll(() => {
    const stateDir = temporaryStateDir();
    set.write(stateDir);
    dateArchives(stateDir, set);
    const flags = { stateDir, dataDir: temporaryStateDir(), timeZone: 'UTC' };
    const readFile = (path: string) => readFileSync(path, 'utf8');
    const options = loadOptions({ flags, env: {}, homedir: temporaryStateDir(), readFile });
    service = new SnapshotService({ ...options, version: '1.2.3' }, {}, new ManualClock(NOON));
    service.start();
  });

  afterAll(() => service.close());

  const call = async (method: string, params: object) => {
    const answer = await service.call(method, params, CALLER);
    if (!answer.ok) throw new Error(answer.error.message);
    return JSON.parse(Buffer.concat(answer.payload).toString('utf8')) as unknown;
  };

  test('sessions.usage of main', async () => {
    const answer = await call('sessions.usage', { ...WINDOW, ...FAMILIES, startDate: '2025-01-01', agentId: 'main' });
    expectParity(answer, set.answer('sessions.usage.warm'));
    expect(answer).toMatchObject({ cacheStatus: { status: 'fresh', pendingFiles: 0, staleFiles: 0 } });
  });

  test('usage.cost of main', async () => {
    const golden = set.answer('usage.cost.warm');
    const params = { ...WINDOW, startDate: '2025-07-20', agentId: 'main' };
    expectParity(await call('usage.cost', params), golden);
  });

  test('sessions.usage.timeseries and sessions.usage.logs', async () => {
    for (const key of ['agent:main:main', ' Agent:MAIN:main ']) {
      expectParity(await call('sessions.usage.timeseries', { key }), set.answer('sessions.usage.timeseries'));
      expectParity(await call('sessions.usage.logs', { key, limit: 1000 }), set.answer('sessions.usage.logs'));
    }
  });

  test.runIf(set.whole)('sessions.usage of all agents', async () => {
    const answer = await call('sessions.usage', { ...WINDOW, ...FAMILIES, agentScope: 'all' });
    expectParity(answer, set.answer('sessions.usage.all.warm'));
  });

  test.runIf(!set.whole)('the rows of these among those of all agents', async () => {
    const answer = (await call('sessions.usage', { ...WINDOW, ...FAMILIES, agentScope: 'all' })) as LaterAnswer;
    const golden = set.answer('sessions.usage.all.warm') as LaterAnswer;
    const own = golden.sessions.filter(({ agentId }) => set.agents.includes(agentId));
    expect(differences(answer.sessions, own, '/sessions')).toEqual([]);
  });

  test.runIf(set.whole)('usage.cost of all agents, and both without any parameter but the agent', async () => {
    const params = { ...WINDOW, startDate: '2024-03-07', agentScope: 'all' };
    expectParity(await call('usage.cost', params), set.answer('usage.cost.all.warm'));
    expectParity(await call('usage.cost', { agentId: 'main' }), set.answer('usage.cost.default-params'));
    expectParity(await call('sessions.usage', { agentId: 'main' }), set.answer('sessions.usage.default-params'));
  });
}

/** Unpacking loses the times of files, which rows without an entry are dated by. */
function dateArchives(stateDir: string, set: LaterSet): void {
  const { sessions } = set.answer('sessions.usage.all.warm') as LaterAnswer;
  for (const { agentId, updatedAt, usage } of sessions) {
    const name = usage?.sessionFile.split('/').at(-1) ?? '';
    if (!/\.jsonl\./.test(name) || !set.agents.includes(agentId)) continue;
    const time = updatedAt / 1000;
    utimesSync(join(stateDir, 'agents', agentId, 'sessions', name), time, time);
  }
}
