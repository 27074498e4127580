import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { QuietDatabase, readDatabase } from '../../src/compute/quiet-database.ts';
import { SessionEvents } from '../../src/compute/session-events.ts';
import { SessionMoved } from '../../src/compute/session-moved.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { temporaryStateDir } from '../support/stores.ts';

const branch = (...ids: number[]) => ids.map((id) => ({ id, text: 'x'.repeat(700_000) }));

let gateway: AgentDatabase;
let database: QuietDatabase;
let events: SessionEvents;
beforeEach(() => {
  gateway = new AgentDatabase(temporaryStateDir(), 'main');
  gateway.write('s', 'agent:main:main', branch(1, 2, 3, 4));
  database = new QuietDatabase(gateway.file);
  events = new SessionEvents(database, 's');
});
afterEach(() => {
  database.close();
  gateway.close();
});

const idsIn = (lines: Buffer) => [...lines.toString().matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));

describe('the events of a session', () => {
  test('come in pages of about a mebibyte of text, each with the state that it was read in', () => {
    const first = events.page(0);
    expect([idsIn(first.lines), first.next, first.state.events]).toEqual([[1, 2], 2, 4n]);
    expect(idsIn(events.page(2).lines)).toEqual([3, 4]);
    expect(events.page(4)).toMatchObject({ next: 4 });
  });

  test('go on where the branch grew between two pages', () => {
    events.page(0);
    gateway.write('s', 'agent:main:main', branch(1, 2, 3, 4, 5));
    const { lines, state } = events.page(2);
    expect([idsIn(lines), state.events]).toEqual([[3, 4], 5n]);
    expect(idsIn(events.page(4).lines)).toEqual([5]);
  });

  test('are void where the branch was switched between two pages, or the session is gone', () => {
    events.page(0);
    gateway.exec('UPDATE session_transcript_active_events SET event_seq = 3 WHERE active_position = 1');
    expect(() => events.page(2)).toThrow(SessionMoved);
    gateway.exec('DELETE FROM session_windows');
    expect(() => events.page(2)).toThrow(SessionMoved);
  });

  test('go on behind an anchor', () => {
    events.beforeCursor(2);
    expect(idsIn(events.page(2).lines)).toEqual([3, 4]);
  });
});

describe('a database without a log', () => {
  test('is void as a whole where it changed while it was read', () => {
    gateway.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const read = () =>
      readDatabase(gateway.file, (still) => {
        expect(still.isTorn).toBe(false);
        gateway.write('t', 'agent:main:other', branch(1));
        return still.prepare('SELECT count(*) FROM session_windows').get();
      });
    expect(read).toThrow('changed while it was read');
  });
});
