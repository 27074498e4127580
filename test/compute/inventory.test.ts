import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Inventory, type InventoryRequest, type PricedStore, takeInventory } from '../../src/compute/inventory.ts';
import { type InventoryTask, packTask, performTask, unpackAnswer } from '../../src/compute/inventory-envelope.ts';
import type { StoreListing } from '../../src/compute/transcript.ts';
import { listOf } from '../support/look-lists.ts';

const cost = (input: number) => ({ input, output: 2, cacheRead: 3, cacheWrite: 4 });
const models = (...models: { id: string; cost: unknown }[]) => ({ providers: { acme: { models } } });

let state: string;
beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-state-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(state, { recursive: true, force: true });
});

const write = (name: string, content: unknown) => {
  const file = path.join(state, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
};
const request = (more: Partial<InventoryRequest> = {}): InventoryRequest => {
  const configPath = path.join(state, 'openclaw.json');
  return { stateDirectory: state, configPath, place: null, config: null, accounting: null, stores: {}, ...more };
};
const take = (more: Partial<InventoryRequest> = {}): Inventory => takeInventory(request(more));
const namesOf = (store: StoreListing | undefined) => store?.directories.map(({ names }) => names);
const keysOf = (store: StoreListing | undefined) => store?.sessions && [...store.sessions].map(({ key }) => key);
/** Makes what was written so far old enough for its stamps to be relied on. */
const settle = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_000 });

describe('an inventory', () => {
  it('lists stores, sessions and the configuration', () => {
    write('openclaw.json', { agents: { list: [{ id: 'Ops' }] }, models: models({ id: 'a', cost: cost(1) }) });
    write('agents/main/agent/models.json', models({ id: 'b', cost: cost(2) }));
    write('agents/main/sessions/s1.jsonl', '{}\n');
    write('agents/main/sessions/sessions.json', { 'agent:main:main': { sessionId: 's1' } });
    const { stores, catalogs, config, problems } = take();
    expect(stores).toMatchObject([{ agent: 'main' }, { agent: 'ops', problems: [] }]);
    expect(stores.map(keysOf)).toEqual([['agent:main:main'], []]);
    expect(stores.map(namesOf)).toEqual([[['s1.jsonl']], [[]]]);
    expect(config?.configured?.map(([key]) => key)).toEqual(['acme/a']);
    expect(stores.map(({ catalog }) => catalogs[catalog?.key ?? '']?.map(([key]) => key))).toEqual([
      ['acme/b'],
      ['acme/b'],
    ]);
    expect(problems).toEqual([]);
  });

  it('names the directories worth watching, and tells a replaced one by its identity', () => {
    write('agents/main/sessions/s1.jsonl', '{}\n');
    const before = take().directories;
    const names = (directories: Inventory['directories']) => directories.map((it) => path.relative(state, it.path));
    expect(names(before)).toEqual(['', 'agents', path.join('agents', 'main', 'sessions')]);
    renameSync(path.join(state, 'agents/main/sessions'), path.join(state, 'aside'));
    write('agents/main/sessions/s1.jsonl', '{}\n');
    const after = take().directories;
    expect(names(after)).toEqual(names(before));
    expect(after.map(({ identity }, at) => identity === before[at]?.identity)).toEqual([true, true, false]);
  });

  it('leaves out the sessions of an index that the caller knows', () => {
    write('agents/main/sessions/sessions.json', { 'agent:main:main': { sessionId: 's1' } });
    const [store] = take().stores as [StoreListing & PricedStore];
    expect(take({ stores: { main: store } }).stores).toMatchObject([{ indexStamp: store.indexStamp, sessions: null }]);
  });

  it.each(['__proto__', 'constructor'])('does not take an agent called %s for known', (name) => {
    write(`agents/${name}/sessions/sessions.json`, { global: { sessionId: 's1' } });
    const [store] = take().stores;
    expect(store?.agent).toBe(name);
    expect(keysOf(store)).toEqual(['global']);
  });

  it('of a missing state directory says so', () => {
    rmSync(state, { recursive: true });
    const problem = {
      code: 'state_dir_missing',
      agent: null,
      subject: '.',
      detail: 'expected a directory, found nothing',
    };
    expect(take()).toEqual({
      place: null,
      blind: true,
      stores: [],
      catalogs: {},
      directories: [],
      config: null,
      problems: [problem],
    });
    writeFileSync(state, '');
    expect(take().problems).toMatchObject([
      { code: 'state_dir_missing', detail: 'expected a directory, found a file' },
    ]);
    rmSync(state);
    symlinkSync(state, state);
    expect(take().problems).toMatchObject([{ code: 'store_unreadable', agent: null, detail: 'ELOOP' }]);
  });

  it('of an empty state directory has the agent main with an empty store', () => {
    expect(take()).toMatchObject({
      stores: [{ agent: 'main', directories: [{ names: [] }], indexStamp: null, problems: [] }],
      config: { agents: ['main'] },
      problems: [],
    });
  });
});

describe('the configuration', () => {
  const again = ({ config }: Inventory) => take({ config }).config;

  it('is not read again while neither its files nor those it includes have changed', () => {
    write('openclaw.json', { agents: { list: [{ id: 'ops' }] }, models: { $include: './models.json5' } });
    write('models.json5', models({ id: 'a', cost: cost(1) }));
    settle();
    const first = take();
    expect(again(first)).toBeNull();
    expect(take({ config: first.config }).stores.map(({ agent }) => agent)).toEqual(['ops']);
    write('models.json5', models({ id: 'a', cost: cost(10) }));
    expect(again(first)?.configured).toMatchObject([['acme/a', { units: { input: 10 } }]]);
  });

  it('is read again when one of its files comes or goes', () => {
    settle();
    const none = take();
    expect(again(none)).toBeNull();
    write('openclaw.json', { models: models({ id: 'b', cost: cost(2) }) });
    settle();
    const some = take({ config: none.config });
    expect(some.config?.configured).toHaveLength(1);
    expect(again(some)).toBeNull();
    rmSync(path.join(state, 'openclaw.json'));
    expect(again(some)?.configured).toEqual([]);
  });

  it('is read again while it is so young that another change may have the same date', () => {
    write('openclaw.json', {});
    expect(again(take())).not.toBeNull();
  });

  it('is read again when it could not be read, whatever its files look like', () => {
    mkdirSync(path.join(state, 'openclaw.json'));
    utimesSync(path.join(state, 'openclaw.json'), 1, 1);
    settle();
    expect(again(take())?.problems).toMatchObject([{ code: 'config_unreadable', subject: 'openclaw.json' }]);
  });
});

describe('an inventory between threads', () => {
  const perform = (task: InventoryTask) => unpackAnswer(performTask(packTask(task)));

  it('is the same, with what the transcripts that were named look like', () => {
    write('agents/main/sessions/s1.jsonl', '{}\n');
    write('agents/ops/sessions/ß.jsonl', 'x');
    const directory = (agent: string) => path.join(state, 'agents', agent, 'sessions');
    const { inventories, looked } = perform({
      requests: [request(), request({ place: 'work' })],
      looks: [
        { directory: directory('ops'), list: listOf(['ß.jsonl', 'gone.jsonl']) },
        { directory: directory('main'), list: listOf([]) },
        { directory: directory('main'), list: listOf(['s1.jsonl']) },
      ],
    });
    expect(inventories).toEqual([take(), take({ place: 'work' })]);
    const stamp = expect.stringMatching(/^\d+:\d+:[13]:/);
    expect(looked.map((it) => [...it])).toEqual([
      [
        [0, { stamp }],
        [1, null],
      ],
      [],
      [[0, { stamp }]],
    ]);
  });

  it('may be a look alone', () => {
    write('agents/main/sessions/s1.jsonl', '{}\n');
    const look = { directory: path.join(state, 'agents/main/sessions'), list: listOf(['s1.jsonl']) };
    const { inventories, looked } = perform({ requests: [], looks: [look] });
    expect([inventories, looked.length]).toEqual([[], 1]);
  });
});
