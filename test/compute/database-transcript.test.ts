/** Sessions that lie in a database or in a compressed archive, read because somebody asked. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTranscript, type ReadableTranscript } from '../../src/compute/readable-transcript.ts';
import { ReadingWatch } from '../../src/compute/reading-watch.ts';
import type { ReadItem, ReadView } from '../../src/compute/session-read.ts';
import { MIB } from '../../src/units.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { ARCHIVE, ARCHIVE_TEXT } from '../support/compressed-archive.ts';
import { askSession, type Json } from '../support/session-reads.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { zstdFrame } from '../support/zstd-frame.ts';

const ENDLESS = Number.POSITIVE_INFINITY;
const START = Date.UTC(2026, 10, 1);
const SERIES: ReadView = { view: 'timeseries', form: 'v1', points: 1000 };
const page = (limit: number, cursor: string | null = null): ReadView => ({ view: 'logs', form: 'v1', limit, cursor });

function record(at: number, content = `text ${at}`): object {
  const usage = { input: at, output: 0, cacheRead: 0, cacheWrite: 0, cost: { total: 1, input: 1 } };
  return { type: 'message', message: { role: 'assistant', content, usage, timestamp: START + at * 1000 } };
}

const records = (count: number) => Array.from({ length: count }, (_, at) => record(at));

function asked(items: readonly ReadItem[], view: ReadView): Json {
  return askSession(items, view, { era: '2026.9' }).body;
}

describe('a session in a database', () => {
  let directory: string;
  let database: AgentDatabase;
  let items: ReadItem[];

  beforeEach(() => {
    directory = temporaryStateDir();
    database = new AgentDatabase(directory, 'main');
    const sessions = join(directory, 'agents', 'main', 'sessions');
    items = [{ sessionId: 's', directory: sessions, name: '../agent/openclaw-agent.sqlite/s.jsonl' }];
  });

  afterEach(() => database.close());

  const opened = () => openTranscript(items[0]?.directory ?? '', items[0]?.name ?? '') as ReadableTranscript;

  it('has the points of its visible branch', () => {
    database.write('s', 'agent:main:main', records(700));
    const { points, reading } = asked(items, SERIES);
    expect(points.map(({ input }: Json) => input)).toEqual(Array.from({ length: 700 }, (_, at) => at));
    expect(reading).toEqual({ transcripts: 1, read: 1, share: 1, retained: 0 });
  });

  it('comes in pages that together are all of it, also while it grows', () => {
    database.write('s', 'agent:main:main', records(1200));
    const last = asked(items, page(500));
    database.write('s', 'agent:main:main', records(1300));
    const middle = asked(items, page(500, last.next));
    const first = asked(items, page(500, middle.next));
    expect(first.next).toBeNull();
    const texts = [first, middle, last].flatMap(({ entries }) => entries.map(({ text }: Json) => text));
    expect(texts).toEqual(Array.from({ length: 1200 }, (_, at) => `text ${at}`));
  });

  it('is known by its stamp until it is written to', () => {
    database.write('s', 'agent:main:main', records(3));
    const { header } = askSession(items, page(9), { era: '2026.9' });
    const known = header.kind === 'read' ? header.stamps : [];
    expect(askSession(items, page(9), { era: '2026.9', known }).header).toEqual({ kind: 'unchanged' });
    database.write('s', 'agent:main:main', records(4));
    expect(askSession(items, page(9), { era: '2026.9', known }).body.entries).toHaveLength(4);
  });

  it('is read on while it grows, and anew when another branch of it is shown', () => {
    database.write('s', 'agent:main:main', records(1200));
    const transcript = opened();
    const watch = new ReadingWatch(new Int32Array(1), ENDLESS);
    const readWhile = (happens: () => void) =>
      transcript.backwards(1200, ENDLESS, watch, (_, at) => {
        if (at === 1000) happens();
        return false;
      });
    expect(readWhile(() => database.write('s', 'agent:main:main', records(1201)))).toBe(0);
    const lastOfPage = 'UPDATE session_transcript_active_events SET event_seq = 0 WHERE active_position = 688';
    expect(() => readWhile(() => database.exec(lastOfPage))).toThrow(expect.objectContaining({ name: 'SessionMoved' }));
    expect(asked(items, page(1)).entries).toMatchObject([{ text: 'text 1200' }]);
  });

  it('stops at its bytes and at its time', () => {
    database.write(
      's',
      'agent:main:main',
      Array.from({ length: 40 }, (_, at) => record(at, 'x'.repeat(MIB / 8))),
    );
    const transcript = opened();
    const patient = new ReadingWatch(new Int32Array(1), ENDLESS);
    const reached = transcript.backwards(40, MIB, patient, () => false) as number;
    expect(reached).toBeGreaterThan(20);
    expect(reached).toBeLessThan(40);
    expect(transcript.backwards(40, ENDLESS, new ReadingWatch(new Int32Array(1), 0), () => false)).toBe(40);
    expect(transcript.backwards(41, ENDLESS, patient, () => false)).toBeNull();
  });

  it('is read back past an event that is longer than a page', () => {
    database.write('s', 'agent:main:main', [record(0), record(1, 'x'.repeat(2 * MIB)), record(2)]);
    const positions: number[] = [];
    opened().backwards(3, ENDLESS, new ReadingWatch(new Int32Array(1), ENDLESS), (_, at) => {
      positions.push(at);
      return false;
    });
    expect(positions).toEqual([2, 1, 0]);
  });

  it('is none when the database has none of its name', () => {
    database.write('other', 'agent:main:main', records(1));
    expect(opened()).toBeNull();
    expect(asked(items, page(9)).entries).toEqual([]);
  });

  it('cannot be read while its visible branch is not known', () => {
    database.write('s', 'agent:main:main', records(1));
    database.exec('UPDATE session_transcript_index_state SET needs_rebuild = 1');
    expect(askSession(items, page(9), { era: '2026.9' }).header).toMatchObject({ code: 'transcript_unreadable' });
  });
});

describe('a session in cold storage', () => {
  const COUNT = 40;
  const LONG = MIB / 4;
  let directory: string;
  let database: AgentDatabase;
  let items: ReadItem[];
  let archive: string;
  /** Long ones among them, so that more than one block is read. */
  const said = Array.from({ length: COUNT }, (_, at) =>
    record(at, `text ${at} ${'x'.repeat(at % 2 === 0 ? LONG : 0)}`),
  );

  beforeEach(() => {
    directory = temporaryStateDir();
    database = new AgentDatabase(directory, 'main');
    const sessions = join(directory, 'agents', 'main', 'sessions');
    items = [{ sessionId: 's', directory: sessions, name: '../agent/openclaw-agent.sqlite/s.jsonl' }];
    database.write('s', 'agent:main:main', said);
  });
  afterEach(() => database.close());

  const freeze = (storage: 'file' | 'sqlite' = 'sqlite') => {
    const { name, archive: content } = database.freeze('s', said, zstdFrame, storage);
    archive = join(items[0]?.directory ?? '', 'cold', name);
    if (storage === 'sqlite') return;
    mkdirSync(dirname(archive), { recursive: true });
    writeFileSync(archive, content);
  };

  it.each(['file', 'sqlite'] as const)('has the points that it had before, where its archive is a %s', (storage) => {
    const before = asked(items, SERIES);
    freeze(storage);
    expect(asked(items, SERIES)).toEqual(before);
    expect(before.points).toHaveLength(COUNT);
  });

  it('has the log that it had before, by pages that go on where they were', () => {
    const [last, whole] = [asked(items, page(7)), asked(items, page(COUNT))];
    freeze();
    expect(asked(items, page(7)).entries).toEqual(last.entries);
    const before = asked(items, page(COUNT, last.next));
    expect(before.next).toBeNull();
    expect([...before.entries, ...last.entries]).toEqual(whole.entries);
  });

  it.each(['logs', 'timeseries'] as const)('answers the %s of a gateway as before', (view) => {
    const ask: ReadView =
      view === 'logs' ? { view, form: '2026.9', limit: 9, cursor: null } : { view, form: '2026.9', points: 200 };
    const before = asked(items, ask);
    freeze();
    expect(asked(items, ask)).toEqual(before);
  });

  it('without time is not taken for read', () => {
    freeze();
    const within = { era: '2026.9', within: 0 } as const;
    expect(askSession(items, SERIES, within).body).toMatchObject({ partial: true, reading: { read: 0, share: 0 } });
    expect(askSession(items, page(9), within).body).toMatchObject({ partial: true, entries: [] });
  });

  it('whose archive is missing cannot be read, which is said', () => {
    freeze('file');
    rmSync(archive);
    const { header } = askSession(items, page(9), { era: '2026.9' });
    expect(header).toMatchObject({ code: 'transcript_unreadable', detail: 'its cold archive is missing' });
  });

  it('whose archive is said to lie elsewhere is not read', () => {
    freeze('file');
    writeFileSync(join(dirname(archive), 'other.zst'), readFileSync(archive));
    database.exec("UPDATE session_transcript_cold_archives SET archive_name = 'other.zst'");
    const { header } = askSession(items, page(9), { era: '2026.9' });
    expect(header).toMatchObject({ detail: 'its cold archive has no usable name' });
  });
});

describe('a compressed archive', () => {
  const directory = temporaryStateDir();
  const [plain, packed] = ['talk.jsonl', 'talk.jsonl.reset.2026-11-05T09-50-08.312Z.zst'];
  writeFileSync(join(directory, plain), ARCHIVE_TEXT);
  writeFileSync(join(directory, packed), ARCHIVE);
  const itemOf = (name: string): ReadItem => ({ sessionId: 'talk', directory, name });

  it('has the points of what was compressed', () => {
    expect(asked([itemOf(packed)], SERIES)).toEqual(asked([itemOf(plain)], SERIES));
  });

  it('has its log, page by page', () => {
    const [ofPlain, ofPacked] = [asked([itemOf(plain)], page(300)), asked([itemOf(packed)], page(300))];
    expect(ofPacked.entries).toEqual(ofPlain.entries);
    const [before, beforePacked] = [ofPlain.next, ofPacked.next];
    expect(asked([itemOf(packed)], page(300, beforePacked)).entries).toEqual(
      asked([itemOf(plain)], page(300, before)).entries,
    );
  });
});
