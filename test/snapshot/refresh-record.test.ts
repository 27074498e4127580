import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/compute/transcript.ts';
import { describeRefresh, newRecord, type RefreshRecord } from '../../src/snapshot/refresh-record.ts';

const PROBLEM: Problem = { code: 'index_unreadable', agent: 'main', subject: 'sessions.json', detail: 'EACCES' };

function record(changes: Partial<RefreshRecord> = {}): RefreshRecord {
  return { ...newRecord('timer', 0), ended: 'ok', ...changes };
}

describe('the line of a refresh in the log', () => {
  test.each<[string, RefreshRecord, Problem[], boolean, string]>([
    ['warns when it failed', record({ ended: 'failed' }), [], false, 'warn'],
    ['warns of a transcript that could not be folded', record({ failed: 1 }), [], false, 'warn'],
    ['warns of a new problem', record(), [PROBLEM], false, 'warn'],
    ['is quiet about a problem that was told before', record(), [PROBLEM], true, 'debug'],
    ['tells of a new snapshot', record({ published: true }), [], false, 'info'],
    ['tells of a new snapshot beside a known problem', record({ published: true }), [PROBLEM], true, 'info'],
    ['is quiet when nothing changed', record(), [], true, 'debug'],
  ])('%s', (_name, ended, problems, known, level) => {
    expect(describeRefresh(ended, problems, known)).toMatchObject({ level, fields: { problems } });
  });

  test('names the thread of each phase', () => {
    const { fields } = describeRefresh(record(), [], false);
    expect(fields).toMatchObject({ phases: { inventory: '0 scan', publish: '0 keeper' } });
  });
});
