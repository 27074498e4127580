import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Inventory, type InventoryRequest, takeInventory } from '../../src/compute/inventory.ts';
import { PriceBook } from '../../src/compute/price-book.ts';

const cost = (input: number) => ({ input, output: 2, cacheRead: 3, cacheWrite: 4 });
const models = (...models: { id: string; cost: unknown }[]) => ({ providers: { acme: { models } } });

let state: string;
beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-state-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const write = (name: string, content: unknown) => {
  const file = path.join(state, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
};
const take = (more: Partial<InventoryRequest> = {}): Inventory =>
  takeInventory({ stateDirectory: state, configPath: path.join(state, 'openclaw.json'), known: {}, ...more });

describe('an inventory', () => {
  it('lists agents, stores, sessions and prices, in plain JSON', () => {
    write('openclaw.json', { agents: { list: [{ id: 'Ops' }] }, models: models({ id: 'a', cost: cost(1) }) });
    write('agents/main/agent/models.json', models({ id: 'b', cost: cost(2) }));
    write('agents/main/sessions/s1.jsonl', '{}\n');
    write('agents/main/sessions/sessions.json', { 'agent:main:main': { sessionId: 's1' } });
    const inventory = take({ ownPrices: { acme: { c: cost(3) } } });
    expect(inventory.agents.map((agent) => agent.id)).toEqual(['main', 'ops']);
    expect(inventory.stores).toMatchObject([
      { agent: 'main', transcripts: [{ name: 's1.jsonl' }], sessions: [{ key: 'agent:main:main' }] },
      { agent: 'ops', transcripts: [], sessions: [], problems: [] },
    ]);
    const prices = new PriceBook(inventory.prices);
    expect(['a', 'b', 'c'].map((model) => prices.find('acme', model)?.units?.input)).toEqual([1, 2, 3]);
    expect(inventory.problems).toEqual([]);
    expect(JSON.parse(JSON.stringify(inventory))).toEqual(inventory);
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
    const [store] = take().stores;
    const known = { main: { indexStamp: store?.indexStamp ?? null } };
    expect(take({ known }).stores).toMatchObject([{ indexStamp: store?.indexStamp, sessions: null }]);
  });

  it.each(['__proto__', 'constructor'])('does not take an agent called %s for known', (name) => {
    write(`agents/${name}/sessions/sessions.json`, { global: { sessionId: 's1' } });
    expect(take({ known: {} }).stores[0]).toMatchObject({ agent: name, sessions: [{ sessionId: 's1' }] });
  });

  it('of a missing state directory says so, and keeps the known prices', () => {
    write('openclaw.json', { models: models({ id: 'a', cost: cost(1) }) });
    const { prices, priceEpoch } = take();
    rmSync(state, { recursive: true });
    const problems = [
      { code: 'state_dir_missing', agent: null, subject: '.', detail: 'expected a directory, found nothing' },
    ];
    expect(take({ knownPrices: prices })).toEqual({
      agents: [],
      stores: [],
      directories: [],
      prices,
      priceEpoch,
      problems,
    });
    expect(take().prices).toEqual({ catalog: [], configured: [], own: [] });
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
      agents: [{ id: 'main', configured: true, onDisk: false }],
      stores: [{ agent: 'main', transcripts: [], sessions: [], indexStamp: null, problems: [] }],
      problems: [],
    });
  });

  it('keeps the known prices of a file that cannot be read now', () => {
    write('openclaw.json', { models: models({ id: 'a', cost: cost(1) }) });
    write('agents/main/agent/models.json', models({ id: 'b', cost: cost(2) }));
    const before = take();
    write('openclaw.json', '{"torn');
    write('agents/main/agent/models.json', models({ id: 'b', cost: cost(5) }));
    const after = take({ knownPrices: before.prices });
    expect(after.prices.configured).toEqual(before.prices.configured);
    expect(new PriceBook(after.prices).find('acme', 'b')?.units?.input).toBe(5);
    expect(after.problems).toMatchObject([{ code: 'config_unreadable', subject: 'openclaw.json' }]);
  });
});

describe('the price epoch', () => {
  const epochOf = (config: unknown) => {
    write('openclaw.json', config);
    return take().priceEpoch;
  };
  const [a, b] = [
    { id: 'a', cost: cost(1) },
    { id: 'b', cost: cost(2) },
  ];

  it('stays when only the writing changes', () => {
    const first = epochOf({ models: models(a, b) });
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(
      epochOf({ agents: { list: [{ id: 'x' }] }, models: models(b, { ...a, cost: { ...cost(1), note: 'x' } }) }),
    ).toBe(first);
  });

  it('changes with a price, a model and a source', () => {
    const epochs = [
      { models: models(a) },
      { models: models(a, b) },
      { models: models({ ...a, cost: cost(2) }) },
      {},
    ].map(epochOf);
    epochs.push(take({ ownPrices: { acme: { a: cost(1) } } }).priceEpoch);
    expect(new Set(epochs).size).toBe(epochs.length);
  });
});
