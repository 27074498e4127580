import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Era } from '../../src/compute/era.ts';
import { type CatalogListing, ModelCatalogs } from '../../src/compute/model-catalog.ts';

let outside: string;
let state: string;
beforeEach(() => {
  outside = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-catalog-'));
  state = path.join(outside, 'state');
  mkdirSync(state);
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(outside, { recursive: true });
});

const agents = () => path.join(state, 'agents');
const fileOf = (agent: string) => path.join(agents(), agent, 'agent', 'models.json');
const catalog = (model: string) => {
  const cost = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
  return JSON.stringify({ providers: { acme: { apiKey: 'secret', models: [{ id: model, cost }] } } });
};
const write = (agent: string, text: string) => {
  mkdirSync(path.dirname(fileOf(agent)), { recursive: true });
  writeFileSync(fileOf(agent), text);
};
/** Makes what was written so far old enough for its stamps to be relied on. */
const settle = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_000 });

/** One inventory of some stores: the listing of each, the models that were read for it, and the problems. */
function listed(
  stores: readonly (readonly [agent: string, era: Era, known?: CatalogListing | null, moved?: string])[],
) {
  const catalogs = new ModelCatalogs(agents());
  const listings = stores.map(([agent, era, known, moved]) =>
    catalogs.list(path.join(agents(), agent, 'sessions'), era, known ?? null, moved ?? null),
  );
  const models = listings.map((it) => catalogs.prices[it?.key ?? '']?.map(([key]) => key));
  return { listings, models, read: Object.keys(catalogs.prices).length, problems: catalogs.problems };
}

describe('the model catalog of a store', () => {
  it('is the own one of its agent in 2026.9, and that of agent main in 2026.5', () => {
    write('main', catalog('a'));
    write('ops', catalog('b'));
    const { models, problems } = listed([
      ['main', '2026.9'],
      ['ops', '2026.9'],
      ['ops', '2026.5'],
      ['lab', '2026.9'],
    ]);
    expect(models).toEqual([['acme/a'], ['acme/b'], ['acme/a'], []]);
    expect(problems).toEqual([]);
  });

  it('is in 2026.9 where the configuration moves the files of its agent to', () => {
    write('main', catalog('a'));
    write('ops', catalog('b'));
    const moved = path.join(state, 'elsewhere');
    mkdirSync(moved);
    writeFileSync(path.join(moved, 'models.json'), catalog('c'));
    const { models } = listed([
      ['ops', '2026.9', null, moved],
      ['ops', '2026.5', null, moved],
      ['main', '2026.9', null, path.join(state, 'nowhere')],
    ]);
    expect(models).toEqual([['acme/c'], ['acme/a'], []]);
  });

  it('lists a model without any price in 2026.5 only, whichever rules it was read by before', () => {
    const model = (id: string, cost: unknown) => ({ id, cost });
    const broken = [model('a', { input: null }), model('b', { tieredPricing: [5] })];
    const none = [model('c', {}), model('d', { tieredPricing: [] }), model('e', undefined), model('f', 5)];
    write('main', JSON.stringify({ providers: { acme: { models: [...broken, ...none] } } }));
    settle();
    const all = ['acme/a', 'acme/b', 'acme/c', 'acme/d', 'acme/e', 'acme/f'];
    const older = listed([
      ['main', '2026.5'],
      ['main', '2026.9'],
    ]);
    expect(older.models).toEqual([all, ['acme/a', 'acme/b']]);
    expect(listed([['main', '2026.9', older.listings[0] ?? null]]).models).toEqual([['acme/a', 'acme/b']]);
  });

  it('that equals another is told once', () => {
    write('ops', catalog('a'));
    write('lab', catalog('a'));
    const { listings, read } = listed([
      ['ops', '2026.9'],
      ['lab', '2026.9'],
    ]);
    expect(listings[0]?.key).toBe(listings[1]?.key);
    expect(read).toBe(1);
  });

  it('is not read again while it has not changed, nor while there is none', () => {
    write('ops', catalog('a'));
    settle();
    const before = listed([
      ['ops', '2026.9'],
      ['lab', '2026.9'],
    ]).listings;
    const again = () =>
      listed([
        ['ops', '2026.9', before[0] ?? null],
        ['lab', '2026.9', before[1] ?? null],
      ]);
    expect(again()).toMatchObject({ listings: [null, null], read: 0 });
    write('ops', catalog('bb'));
    write('lab', catalog('c'));
    expect(again().models).toEqual([['acme/bb'], ['acme/c']]);
  });

  it('is another one when the era is', () => {
    write('main', catalog('a'));
    write('ops', catalog('b'));
    settle();
    const [known] = listed([['ops', '2026.5']]).listings;
    expect(listed([['ops', '2026.9', known ?? null]]).models).toEqual([['acme/b']]);
  });

  it('is another one when the files of its agent are moved', () => {
    write('ops', catalog('a'));
    write('moved', catalog('b'));
    settle();
    const [known] = listed([['ops', '2026.9']]).listings;
    const moved = path.dirname(fileOf('moved'));
    expect(listed([['ops', '2026.9', known ?? null, moved]]).models).toEqual([['acme/b']]);
  });

  it('is read again while it is so young that another change may have the same date', () => {
    write('ops', catalog('a'));
    const [known] = listed([['ops', '2026.9']]).listings;
    expect(listed([['ops', '2026.9', known ?? null]]).models).toEqual([['acme/a']]);
  });

  it('that cannot be read is a problem until it can, told without quoting it', () => {
    write('main', '{"providers":{"acme":{"apiKey":secret}}}');
    utimesSync(fileOf('main'), 1, 1);
    settle();
    const first = listed([
      ['ops', '2026.5'],
      ['lab', '2026.5'],
    ]);
    expect(first.listings).toEqual([
      { file: null, era: '2026.5', key: null },
      { file: null, era: '2026.5', key: null },
    ]);
    const subject = path.join('agents', 'main', 'agent', 'models.json');
    expect(first.problems).toMatchObject([{ code: 'config_unreadable', agent: null, subject }]);
    expect(JSON.stringify(first.problems)).not.toMatch(/secret|clawgauge-catalog-/);
    expect(listed([['ops', '2026.5', first.listings[0] ?? null]]).problems).toHaveLength(1);
  });

  it('that lies elsewhere is a problem under its last names', () => {
    const moved = path.join(outside, 'x', 'y');
    mkdirSync(moved, { recursive: true });
    writeFileSync(path.join(moved, 'models.json'), '[');
    const { problems } = listed([['ops', '2026.9', null, moved]]);
    expect(problems).toMatchObject([{ code: 'config_unreadable', subject: 'x/y/models.json' }]);
  });
});
