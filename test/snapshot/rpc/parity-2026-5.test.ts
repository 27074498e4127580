/** The service as a whole against the real gateway of OpenClaw 2026.5.22: every member of every answer that it gave on a golden store. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadOptions } from '../../../src/config.ts';
import { SnapshotService } from '../../../src/snapshot/usage-service.ts';
import { onGoldenSets } from '../../support/golden-sets.ts';
import { type GoldenSet, goldenFixture, goldenFullSet } from '../../support/golden-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { expectParity } from '../../support/rpc-parity.ts';
import { temporaryStateDir } from '../../support/stores.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const WINDOW = { startDate: '2026-08-24', endDate: '2026-11-22', mode: 'utc' };
const FAMILIES = { groupBy: 'family', includeHistorical: true, limit: 1000, includeContextWeight: true };
const CALLER = { signal: new AbortController().signal, transcripts: true };

interface Usage {
  readonly sessions: readonly { readonly usage: { readonly sessionFile: string } }[];
  readonly cacheStatus: object;
}

onGoldenSets(goldenFixture, goldenFullSet, compareWith);

function compareWith(set: GoldenSet): void {
  let service: SnapshotService;

  beforeAll(() => {
    const stateDir = temporaryStateDir();
    set.write(stateDir);
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

  test.each(set.agents)('sessions.usage of %s', async (agentId) => {
    const golden = set.sessions(agentId);
    const answer = (await call('sessions.usage', { ...WINDOW, ...FAMILIES, agentId })) as Usage;
    expectParity(answer, golden);
    expect(answer.cacheStatus).toMatchObject({ status: 'fresh', pendingFiles: 0, staleFiles: 0 });
    expect(answer.sessions.map(({ usage }) => basename(usage.sessionFile))).toEqual(
      golden.sessions.map(({ usage }) => basename(usage?.sessionFile ?? '')),
    );
  });

  test('usage.cost', async () => {
    expectParity(await call('usage.cost', { ...WINDOW, startDate: '2025-07-20' }), set.cost());
  });

  test('the points and the log of a session', async () => {
    for (const key of ['agent:main:main', ' Agent:MAIN:main ', 'main']) {
      expectParity(await call('sessions.usage.timeseries', { key }), set.timeseries());
      expectParity(await call('sessions.usage.logs', { key, limit: 1000 }), set.logs());
    }
  });

  test.runIf(set.answer('usage.cost.default-params') !== null)('both without any parameter', async () => {
    expectParity(await call('usage.cost', {}), set.answer('usage.cost.default-params'));
    expectParity(await call('sessions.usage', {}), set.answer('sessions.usage.default-params'));
  });
}
