/** Transcripts that are deleted, renamed, rotated and restored: what counts, under what name, and what the disk holds of it. */
import { cpSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DigestStore } from '../../src/cache/digest-store.ts';
import { LEDGER_FILE, Ledger } from '../../src/cache/ledger.ts';
import { namesIn } from '../../src/compute/look-list.ts';
import { fileStampOf } from '../../src/snapshot/content-stamp.ts';
import { sessionQuery, sessionsQuery, usageQuery } from '../../src/snapshot/query.ts';
import { sessionView } from '../../src/snapshot/session-view.ts';
import { listSessions, sessionsPage } from '../../src/snapshot/sessions-view.ts';
import { usageView } from '../../src/snapshot/usage-view.ts';
import { linesOf } from '../support/fold-text.ts';
import { KeptStore, performed, REFRESHED_AT } from '../support/kept-store.ts';
import { writeJson, writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const ALL = { timeZone: 'UTC', range: 'all' } as const;

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
});

/** `count` answers of one token and one dollar each. */
function answers(count: number, at = '2026-11-20T10:00:00Z', input = 1): string {
  const usage = { input, cost: { total: 1 } };
  return linesOf(
    Array.from({ length: count }, () => ({
      timestamp: at,
      message: { role: 'assistant', provider: 'p', model: 'm', usage },
    })),
  );
}

let directory: string;
let data: string;
let ledger: Ledger;
let kept: KeptStore;
beforeEach(() => {
  directory = temporaryStateDir();
  data = temporaryStateDir();
  write('a.jsonl', answers(3));
  write('b.jsonl', answers(5));
  writeJson(directory, 'agents/main/sessions/sessions.json', {
    'agent:main:telegram:direct:+4912345': { sessionId: 'a', updatedAt: 1_790_000_000_000, label: 'Ann' },
    'agent:main:main': { sessionId: 'b', updatedAt: 1_790_000_001_000 },
  });
  kept = start();
  kept.refresh();
});

const folder = (agent = 'main') => join(directory, 'agents', agent, 'sessions');
const path = (name: string, agent = 'main') => join(folder(agent), name);
const write = (name: string, content: string, agent = 'main') => writeWhole(path(name, agent), content);
const rename = (from: string, to: string, agent = 'main') => renameSync(path(from), path(to, agent));
const remove = (...names: string[]) => {
  for (const name of names) rmSync(path(name));
};

/** A service that begins with what is in the data directory. */
function start(options: Partial<ConstructorParameters<typeof KeptStore>[1]> & { retain?: number } = {}): KeptStore {
  const digests = new DigestStore(data);
  ledger = new Ledger(data, { now: () => REFRESHED_AT });
  opened.push(digests, ledger);
  return new KeptStore(directory, { digests, retention: { ledger, retain: options.retain ?? 400 * DAY }, ...options });
}

/** What a process leaves that was killed; a new one begins with it. */
function killed(options: Parameters<typeof start>[0] = {}): KeptStore {
  const copy = temporaryStateDir();
  for (const name of readdirSync(data)) cpSync(join(data, name), join(copy, name));
  data = copy;
  return start(options);
}

/** Answers that count, and of them those of transcripts that are gone. */
function counts(of = kept): [all: number, retained: number] {
  const { records, retained } = usageView(of.keeper, usageQuery(ALL), REFRESHED_AT).totals;
  expect(retained.cost).toBe(retained.records);
  return [records, retained.records];
}

/** The stamp that a transcript was seen with last. */
function stampOf(name: string): string {
  return fileStampOf(kept.keeper.catalog.find(`main/${name}`)?.stamp as string);
}

/** Scan threads that see a file with another stamp than it has. */
function seeing(name: string, stamp: string): KeptStore['perform'] {
  return (task) => {
    const { inventories, looked } = performed(task);
    const changed = looked.map((found, order) => {
      const told = new Map(found);
      const place = namesIn(task.looks[order]?.list ?? new Uint8Array()).indexOf(name);
      if (place >= 0 && told.get(place) !== null) told.set(place, { stamp });
      return [...told].sort(([a], [b]) => a - b);
    });
    return { inventories, looked: changed };
  };
}

const inLedger = () => ledger.page('', 100).map(({ name }) => name);

function sessions(of = kept, groupBy: 'instance' | 'family' = 'instance') {
  const query = sessionsQuery(ALL, {}, { groupBy });
  return sessionsPage(of.keeper, listSessions(of.keeper, query, REFRESHED_AT), query, 0, String).sessions;
}

describe('a transcript that was deleted', () => {
  test('goes on counting, as retained, with all that was known of its session', () => {
    const before = sessions().find(({ sessionId }) => sessionId === 'a');
    remove('a.jsonl');
    writeJson(directory, 'agents/main/sessions/sessions.json', {});
    expect(kept.refresh()).toMatchObject({ removed: 1, folded: 0 });
    expect(counts()).toEqual([8, 3]);
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 1, retained: 1, pending: 0 });
    const after = sessions().find(({ sessionId }) => sessionId === 'a');
    const retained = { records: 3, cost: 3 };
    expect(after).toEqual({ ...before, retained: true, totals: { ...before?.totals, retained } });
    expect(inLedger()).toEqual(['a.jsonl']);
    expect(kept.refresh()).toMatchObject({ removed: 0, changed: 0, pending: 0, folded: 0 });
  });

  test('counts as retained in every part of the answers, and its messages count too', () => {
    remove('a.jsonl');
    kept.refresh();
    const retained = { records: 3, cost: 3 };
    const view = usageView(kept.keeper, usageQuery(ALL), REFRESHED_AT);
    const rows = [...view.byModel, ...view.byProvider, ...view.byAgent, ...view.series];
    expect(rows.filter(({ totals }) => totals.records > 0).map(({ totals }) => totals.retained)).toEqual([
      retained,
      retained,
      retained,
      retained,
    ]);
    expect(view.byKind.map(({ kind, totals }) => [kind, totals.retained.records])).toEqual([
      ['main', 0],
      ['direct', 3],
    ]);
    expect(view.messages.total).toBe(8);
    expect(view.sessionCount).toBe(2);
    const filtered = usageView(kept.keeper, usageQuery(ALL, { model: ['m'], kind: ['direct'] }), REFRESHED_AT);
    expect(filtered.totals).toMatchObject({ records: 3, retained });
    const target = { groupBy: 'family', key: 'agent:main:telegram:direct:+4912345', agent: null } as const;
    const one = sessionView(kept.keeper, sessionQuery(ALL, target), REFRESHED_AT);
    expect([one.session.retained, one.session.totals.retained, one.byModel[0]?.totals.retained]).toEqual([
      true,
      retained,
      retained,
    ]);
  });

  test('leaves a session that has others still there', () => {
    write('b.jsonl.reset.2026-11-01T00-00-00Z', answers(2));
    kept.refresh();
    remove('b.jsonl.reset.2026-11-01T00-00-00Z');
    kept.refresh();
    expect(sessions().find(({ sessionId }) => sessionId === 'b')).toMatchObject({
      retained: false,
      totals: { records: 7, retained: { records: 2, cost: 2 } },
    });
    expect(counts()).toEqual([10, 2]);
  });

  test('without anything that counts is simply gone', () => {
    write('empty.jsonl', linesOf([{ type: 'session' }]));
    kept.refresh();
    remove('empty.jsonl');
    kept.refresh();
    expect([counts(), inLedger(), kept.keeper.coverage().retained]).toEqual([[8, 0], [], 0]);
  });

  test('before it was ever folded is simply gone', () => {
    write('new.jsonl', answers(7));
    kept.inventory();
    kept.keeper.restore(REFRESHED_AT);
    remove('new.jsonl');
    kept.refresh();
    expect(counts()).toEqual([8, 0]);
  });

  test('counts with what was folded last, not with what came and went since', () => {
    writeFileSync(path('a.jsonl'), answers(10), { flag: 'a' });
    remove('a.jsonl');
    kept.refresh();
    expect(counts()).toEqual([8, 3]);
  });

  test('keeps its prices when those of today change, and it is said how many do', () => {
    remove('a.jsonl');
    kept.refresh();
    writeJson(directory, 'openclaw.json', { models: { providers: { p: { models: [{ id: 'm', cost: price(7) }] } } } });
    expect(kept.keeper.retention().ledger).toMatchObject({ retained: 1, otherPrices: 0 });
    expect(kept.refresh()).toMatchObject({ folded: 1 });
    expect(kept.keeper.retention().ledger).toMatchObject({ retained: 1, otherPrices: 1 });
    expect(counts()).toEqual([8, 3]);
  });

  const price = (input: number) => ({ input, output: 1, cacheRead: 1, cacheWrite: 1 });

  test('of which no digest is left cannot be retained, which is said by its name', () => {
    const poor = new KeptStore(directory, { cacheBytes: 1, retention: { ledger, retain: DAY * 400 } });
    poor.refresh();
    remove('a.jsonl');
    poor.refresh();
    expect(poor.keeper.retention().lost).toMatchObject([
      { code: 'transcript_lost', agent: 'main', subject: 'a.jsonl' },
    ]);
    expect(counts(poor)).toEqual([5, 0]);
  });

  test('is not retained where a store only cannot be seen', () => {
    renameSync(folder(), `${folder()}-away`);
    symlinkSync('sessions', folder());
    const { removed, problems } = kept.refresh();
    expect(removed).toBe(0);
    expect(problems).toContainEqual(expect.objectContaining({ code: 'store_unreadable' }));
    expect([counts(), inLedger()]).toEqual([[8, 0], []]);
  });

  test('hides its key like any other, while the ledger names it', () => {
    remove('a.jsonl');
    for (const _ of ['gone meanwhile', 'in the ledger']) {
      const again = killed({ redact: (key) => `hidden ${key.length}` });
      again.refresh();
      const row = sessions(again).find(({ sessionId }) => sessionId === 'a');
      expect(row).toMatchObject({ key: 'hidden 35', label: null, family: 'hidden 35', retained: true });
      expect(ledger.page('', 9)).toMatchObject([{ key: 'agent:main:telegram:direct:+4912345', label: 'Ann' }]);
    }
  });
});

describe('a new name', () => {
  test.each([
    ['of the same session, after a reset', 'a.jsonl.reset.2026-11-22T00-00-00.000Z', 'main'],
    ['of the same session, after a deletion', 'a.jsonl.deleted.2026-11-22T00-00-00.000Z', 'main'],
    ['of another session', 'c.jsonl', 'main'],
    ['with another agent', 'a.jsonl', 'ops'],
  ])('%s is a move: nothing is retained, nothing counts twice, and hardly anything is read', (_, name, agent) => {
    write('big.jsonl', `${JSON.stringify({ message: { role: 'toolResult', content: 'x'.repeat(100_000) } })}\n`);
    write('a.jsonl', answers(3) + ' '.repeat(100_000));
    kept.refresh();
    mkdirSync(folder(agent), { recursive: true });
    rename('a.jsonl', name, agent);
    const { keeper } = kept;
    kept.inventory();
    while (keeper.restore(REFRESHED_AT));
    expect(counts()).toEqual([8, 0]);
    expect(kept.refresh()).toMatchObject({ folded: 1 });
    expect([counts(), inLedger()]).toEqual([[8, 0], []]);
    expect(keeper.coverage()).toMatchObject({ transcripts: 3, retained: 0, pending: 0 });
    expect(counts(fresh())).toEqual([8, 0]);
  });

  test('and an append at once are a move that grew', () => {
    rename('a.jsonl', 'a.jsonl.reset.2026-11-22T00-00-00.000Z');
    writeFileSync(path('a.jsonl.reset.2026-11-22T00-00-00.000Z'), answers(4), { flag: 'a' });
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[12, 0], []]);
  });

  test('twice before anybody read the transcript is one move', () => {
    rename('a.jsonl', 'c.jsonl');
    kept.inventory();
    while (kept.keeper.restore(REFRESHED_AT));
    rename('c.jsonl', 'd.jsonl');
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[8, 0], []]);
  });

  test('under other prices is a move all the same', () => {
    rename('a.jsonl', 'c.jsonl');
    writeJson(directory, 'openclaw.json', { models: { providers: { q: { models: [] } } } });
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[8, 0], []]);
  });

  test('beside the old one, for as long as that takes, is a move once the old one is gone', () => {
    linkSync(path('a.jsonl'), path('c.jsonl'));
    kept.refresh();
    remove('a.jsonl');
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[8, 0], []]);
  });

  test('of a file that cannot be read yet leaves the old one counted until it can', () => {
    rename('a.jsonl', 'c.jsonl');
    const { keeper } = kept;
    kept.inventory();
    while (keeper.restore(REFRESHED_AT));
    const [batch] = keeper.plan(REFRESHED_AT) as [Uint8Array];
    keeper.reject(batch, 'task_overran', 'too slow', REFRESHED_AT);
    expect(kept.refresh(REFRESHED_AT + 1)).toMatchObject({ folded: 0 });
    expect([counts(), keeper.coverage()]).toMatchObject([[8, 0], { transcripts: 2, failed: 1, retained: 0 }]);
    expect(kept.refresh(REFRESHED_AT + HOUR)).toMatchObject({ folded: 1 });
    expect([counts(), inLedger()]).toEqual([[8, 0], []]);
  });

  test('that is only the number of a file used again is none: both count', () => {
    write('c.jsonl', answers(4, '2026-11-21T10:00:00Z'));
    kept.perform = seeing('c.jsonl', stampOf('a.jsonl'));
    remove('a.jsonl');
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[12, 3], ['a.jsonl']]);
  });

  test('of the same session with other content is none: both count', () => {
    remove('a.jsonl');
    write('a.jsonl.reset.2026-11-22T00-00-00.000Z', answers(4, '2026-11-21T10:00:00Z'));
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[12, 3], ['a.jsonl']]);
  });

  test('of a last line without an end is a move if it is the same', () => {
    write('t.jsonl', answers(1).trimEnd());
    kept.refresh();
    rename('t.jsonl', 'u.jsonl');
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[9, 0], []]);
  });

  /** A service that never saw anything else. */
  function fresh(): KeptStore {
    const one = new KeptStore(directory);
    one.refresh();
    return one;
  }
});

describe('a transcript that comes back', () => {
  beforeEach(() => {
    remove('a.jsonl');
    kept.refresh();
    expect(counts()).toEqual([8, 3]);
  });

  test('counts by itself again, with what it has now', () => {
    write('a.jsonl', answers(2));
    kept.refresh();
    expect([counts(), inLedger(), kept.keeper.coverage().retained]).toEqual([[7, 0], [], 0]);
    remove('a.jsonl');
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[7, 2], ['a.jsonl']]);
  });

  test('counts as retained until it is read', () => {
    write('a.jsonl', answers(2));
    kept.inventory();
    while (kept.keeper.restore(REFRESHED_AT));
    expect(counts()).toEqual([8, 3]);
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 2, pending: 1, retained: 0 });
  });

  test('under another name of its session counts once', () => {
    write('a.jsonl.reset.2026-11-22T00-00-00.000Z', answers(3) + answers(1));
    kept.refresh();
    expect([counts(), inLedger()]).toEqual([[9, 0], []]);
  });

  test('as the very same file counts by itself at once', () => {
    renameSync(path('b.jsonl'), path('away'));
    kept.refresh();
    expect(counts()).toEqual([8, 8]);
    const seen = seeing('b.jsonl', stampOf('b.jsonl'));
    renameSync(path('away'), path('b.jsonl'));
    const again = killed();
    for (const service of [kept, again]) {
      service.perform = seen;
      expect(service.refresh()).toMatchObject({ folded: 0 });
      expect(counts(service)).toEqual([8, 3]);
    }
    expect(inLedger()).toEqual(['a.jsonl']);
  });
});

describe('a service that was not there', () => {
  test('retains what was deleted meanwhile, and knows of it whose it was', () => {
    remove('a.jsonl');
    writeJson(directory, 'agents/main/sessions/sessions.json', {});
    const again = killed();
    expect(again.refresh()).toMatchObject({ folded: 0 });
    expect([counts(again), inLedger()]).toEqual([[8, 3], ['a.jsonl']]);
    expect(sessions(again)).toContainEqual(
      expect.objectContaining({
        key: 'agent:main:telegram:direct:+4912345',
        label: 'Ann',
        channel: 'telegram',
        retained: true,
      }),
    );
  });

  test('takes what was renamed meanwhile for a move', () => {
    rename('a.jsonl', 'a.jsonl.reset.2026-11-22T00-00-00.000Z');
    const again = killed();
    again.refresh();
    expect([counts(again), inLedger()]).toEqual([[8, 0], []]);
    const third = killed();
    third.refresh();
    expect([counts(third), inLedger()]).toEqual([[8, 0], []]);
  });

  test('keeps the last that it knew of what it cannot see, and decides when it can', () => {
    const away = `${directory}-away`;
    renameSync(directory, away);
    const again = killed();
    again.refresh();
    expect([counts(again), inLedger()]).toEqual([[8, 0], []]);
    rmSync(join(away, 'agents/main/sessions/a.jsonl'));
    renameSync(away, directory);
    again.refresh();
    expect([counts(again), inLedger()]).toEqual([[8, 3], ['a.jsonl']]);
  });

  test('knows what it knew of the session last, also when that changed after the last fold', () => {
    writeJson(directory, 'agents/main/sessions/sessions.json', {
      'agent:main:slack:group:g': { sessionId: 'a', updatedAt: 1_790_000_002_000, label: 'Later' },
    });
    expect(kept.refresh()).toMatchObject({ folded: 0 });
    remove('a.jsonl');
    const again = killed();
    again.refresh();
    expect(sessions(again)).toContainEqual(
      expect.objectContaining({ channel: 'slack', label: 'Later', retained: true }),
    );
  });

  test('goes on from its last digest where a transcript grew meanwhile, and counts that one until then', () => {
    writeFileSync(path('a.jsonl'), answers(4), { flag: 'a' });
    const again = killed();
    again.inventory();
    while (again.keeper.restore(REFRESHED_AT));
    expect(counts(again)).toEqual([8, 0]);
    again.refresh();
    expect(counts(again)).toEqual([12, 0]);
  });

  test('still has what is retained when its digests are lost', () => {
    remove('a.jsonl');
    kept.refresh();
    const again = killed({ digests: null });
    again.refresh();
    expect([counts(again), sessions(again).filter(({ retained }) => retained).length]).toEqual([[8, 3], 1]);
  });
});

describe('a process that ends between two writes', () => {
  /** A copy of one of the files as it is now, to be put back later. */
  function copyOf(file: 'digests.sqlite' | typeof LEDGER_FILE): () => void {
    const copy = temporaryStateDir();
    const names = readdirSync(data).filter((name) => name.startsWith(file));
    for (const name of names) cpSync(join(data, name), join(copy, name));
    return () => {
      for (const name of readdirSync(data)) if (name.startsWith(file)) rmSync(join(data, name));
      for (const name of names) cpSync(join(copy, name), join(data, name));
    };
  }

  function afterwards(): [counts: [number, number], ledger: string[]] {
    const again = killed();
    again.refresh();
    expect(again.keeper.retention().lost).toEqual([]);
    const seen = counts(again);
    const third = killed();
    third.refresh();
    expect(counts(third)).toEqual(seen);
    return [seen, inLedger()];
  }

  test('after a transcript went into the ledger, before the digest store forgot it: it counts once', () => {
    const putBack = copyOf('digests.sqlite');
    remove('a.jsonl');
    kept.refresh();
    putBack();
    expect(afterwards()).toEqual([[8, 3], ['a.jsonl']]);
  });

  test('after a restored transcript was stored, before the ledger forgot it: it counts once', () => {
    remove('a.jsonl');
    kept.refresh();
    const putBack = copyOf(LEDGER_FILE);
    write('a.jsonl', answers(4));
    kept.refresh();
    putBack();
    expect(afterwards()).toEqual([[9, 0], []]);
  });

  test('and was deleted again before the next start: the last state counts', () => {
    remove('a.jsonl');
    kept.refresh();
    const putBack = copyOf(LEDGER_FILE);
    write('a.jsonl', answers(4));
    kept.refresh();
    putBack();
    remove('a.jsonl');
    expect(afterwards()).toEqual([[9, 4], ['a.jsonl']]);
  });

  test('after one under another name was stored, before the ledger forgot it: it counts once, there or not', () => {
    remove('a.jsonl');
    kept.refresh();
    const putBack = copyOf(LEDGER_FILE);
    write('a.jsonl.reset.2026-11-22T00-00-00.000Z', answers(4));
    kept.refresh();
    putBack();
    const [digests, before] = [copyOf('digests.sqlite'), copyOf(LEDGER_FILE)];
    expect(afterwards()).toEqual([[9, 0], []]);
    digests();
    before();
    remove('a.jsonl.reset.2026-11-22T00-00-00.000Z');
    expect(afterwards()).toEqual([[9, 4], ['a.jsonl.reset.2026-11-22T00-00-00.000Z']]);
  });
});

describe('a ledger that cannot be written', () => {
  test('makes retained transcripts wait in memory, and on disk as digests, until it can', () => {
    const unusable = join(temporaryStateDir(), 'data');
    writeFileSync(unusable, 'a file in its place');
    let unwritten = ledger;
    const begin = () => {
      unwritten = new Ledger(unusable, { now: () => REFRESHED_AT });
      opened.push(unwritten);
      return killed({ retention: { ledger: unwritten, retain: 400 * DAY } });
    };
    kept = begin();
    kept.refresh();
    remove('a.jsonl');
    kept.refresh();
    expect([counts(), kept.keeper.retention().ledger]).toMatchObject([[8, 3], { available: false, waiting: 1 }]);
    const again = begin();
    again.refresh();
    expect(counts(again)).toEqual([8, 3]);
    rmSync(unusable);
    again.refresh();
    expect(again.keeper.retention().ledger).toMatchObject({ available: true, problem: null, waiting: 0 });
    expect([counts(again), unwritten.page('', 9).length]).toEqual([[8, 3], 1]);
  });

  test('and is damaged in the end gives up what nobody holds any more, and says so', () => {
    remove('a.jsonl');
    kept.refresh();
    ledger.close();
    rmSync(join(data, LEDGER_FILE));
    const again = killed({ cacheBytes: 1 });
    again.refresh();
    expect(counts(again)).toEqual([5, 0]);
  });
});

describe('what is retained', () => {
  test('is released for good once its last activity is too long ago, within an hour', () => {
    remove('a.jsonl');
    kept.refresh();
    const last = Date.parse('2026-11-20T10:00:00Z');
    kept.refresh(last + 400 * DAY);
    expect(counts()).toEqual([8, 3]);
    kept.refresh(last + 400 * DAY + HOUR - 1);
    expect(counts()).toEqual([8, 3]);
    kept.refresh(last + 400 * DAY + HOUR);
    expect([counts(), inLedger()]).toEqual([[5, 0], []]);
    const again = killed();
    again.refresh(last);
    expect(counts(again)).toEqual([5, 0]);
  });

  test('is nothing where nothing is to be, also not what was before', () => {
    remove('a.jsonl');
    kept.refresh();
    const again = killed({ retain: 0 });
    again.refresh();
    expect([counts(again), inLedger()]).toEqual([[5, 0], []]);
    remove('b.jsonl');
    again.refresh();
    expect([counts(again), inLedger()]).toEqual([[0, 0], []]);
  });

  test('leaves the rollup when that is added up anew, and comes back into it', () => {
    remove('a.jsonl');
    const poor = killed({ cacheBytes: 1 });
    poor.refresh();
    write('b.jsonl', answers(6));
    poor.refresh();
    poor.keeper.settle();
    expect(counts(poor)).toEqual([9, 3]);
  });
});
