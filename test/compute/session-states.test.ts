import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDatabase } from '../../src/compute/quiet-database.ts';
import { asFileState, type SessionState, sessionState, sessionStates } from '../../src/compute/session-states.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { temporaryStateDir } from '../support/stores.ts';

const RECORDS = [{ id: 1 }, { id: 2 }];

let gateway: AgentDatabase;
beforeEach(() => {
  gateway = new AgentDatabase(temporaryStateDir(), 'main');
  gateway.write('s', 'agent:main:main', RECORDS);
});
afterEach(() => gateway.close());

const stateOf = (id: string) => readDatabase(gateway.file, (database) => sessionState(database, id)) as SessionState;

describe('the state of a session', () => {
  test('has the number of its events and the time of the last one in nanoseconds', () => {
    gateway.exec('UPDATE session_windows SET transcript_updated_at = 7');
    expect(stateOf('s')).toMatchObject({ events: 2n, updatedNs: 7_000_000n, needsRebuild: false, isCold: false });
  });

  test.each([
    ['transcript_updated_at', 'UPDATE session_windows SET transcript_updated_at = transcript_updated_at + 1'],
    ['indexed_seq', 'UPDATE session_transcript_index_state SET indexed_seq = 9'],
    ['updated_at', 'UPDATE session_transcript_index_state SET updated_at = updated_at + 1'],
    ['leaf_event_id', "UPDATE session_transcript_index_state SET leaf_event_id = 'other'"],
    ['needs_rebuild', 'UPDATE session_transcript_index_state SET needs_rebuild = 1'],
  ])('is another one with another %s alone', (_, change) => {
    const { stamp } = asFileState(stateOf('s'));
    expect(asFileState(stateOf('s')).stamp).toBe(stamp);
    gateway.exec(change);
    expect(asFileState(stateOf('s')).stamp).not.toBe(stamp);
  });

  test('is told from that of any other session of its database', () => {
    gateway.write('t', 'agent:main:other', RECORDS);
    expect(stateOf('t').ino).not.toBe(stateOf('s').ino);
  });

  test('in cold storage counts all events that were archived, and needs nothing to be worked out', () => {
    gateway.freeze('s', RECORDS, (text) => text, 'sqlite');
    expect(stateOf('s')).toMatchObject({ events: 3n, needsRebuild: false, isCold: true });
  });

  test('is none where there is no transcript', () => {
    gateway.exec("INSERT INTO session_windows VALUES ('t', 'agent:main:other', NULL)");
    expect(stateOf('t')).toBeNull();
    const ids = readDatabase(gateway.file, (database) =>
      Array.from(sessionStates(database), ({ sessionId }) => sessionId),
    );
    expect(ids).toEqual(['s']);
  });
});
