/** One service over two state directories, of which one comes and goes. */
import { renameSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallStore } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { Service, serveArguments } from './service.ts';

describe('two state directories in one service', () => {
  const first = smallStore(31, { now: Date.now(), agents: 2 }).directory;
  const second = smallStore(32, { now: Date.now(), agents: 2 }).directory;
  const place = basename(second).toLowerCase();
  let service: Service;

  beforeAll(async () => {
    service = await Service.start([...serveArguments(first, {}), '--state-dir', second]);
    await service.ready();
  });

  it('are told apart by their agents, and named in the status', async () => {
    const { byAgent } = await service.usage();
    const agents = byAgent.map(({ agent }) => agent);
    expect(agents).toEqual(expect.arrayContaining(['main', `main@${place}`]));
    expect(await service.status()).toMatchObject({
      stateDirectory: first,
      otherStates: [{ name: place, directory: second }],
      problems: [],
    });
    const alone = await service.usage(`range=all&agent=main@${place}`);
    expect(alone.totals.records).toBeGreaterThan(0);
    expect(alone.byAgent).toHaveLength(1);
  });

  it('answer the gateway calls under their own ids', async () => {
    const call = async (params: object) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
      const body = JSON.stringify({ method: 'sessions.usage', params: { range: 'all', ...params } });
      const answer = (await (await fetch(`${service.url}/rpc`, { ...init, body })).json()) as {
        payload: { sessions: { key: string; agentId: string }[] };
      };
      return answer.payload.sessions;
    };
    const [here, there] = [await call({ agentId: 'main' }), await call({ agentId: `main@${place}` })];
    expect(here.length).toBeGreaterThan(0);
    expect(there.length).toBeGreaterThan(0);
    for (const { key, agentId } of there) expect([agentId, key.split(':')[1]]).toEqual([`main@${place}`, agentId]);
    const key = there[0]?.key;
    expect(await call({ key })).toMatchObject([{ key }]);
  });

  it('lose no figure while one of them is away, and say so', async () => {
    const known = await service.usage();
    renameSync(second, `${second}-away`);
    await service.refresh();
    await eventually(async () => {
      const { problems, snapshot } = await service.status();
      expect(problems).toMatchObject([{ code: 'state_dir_missing', subject: `${place}:.` }]);
      expect(snapshot?.state).toBe('degraded');
    });
    expect((await service.usage()).totals).toEqual(known.totals);
    renameSync(`${second}-away`, second);
    await service.refresh();
    await eventually(async () => expect((await service.usage()).snapshot.state).toBe('fresh'));
    expect((await service.usage()).totals).toEqual(known.totals);
    await service.stop();
  });
});
