import { describe, expect, it } from 'vitest';
import {
  KINDS,
  plainReport,
  REPORT_FLAGS,
  reportRequest,
  sessionsQuestion,
  usageQuestion,
} from '../../../src/cli/report/request.ts';
import { ClawgaugeError } from '../../../src/errors.ts';

const NOW = Date.parse('2026-11-22T23:30:00Z');

function requested(kind: string | undefined, flags: Record<string, unknown> = {}, timeZone = 'UTC') {
  return reportRequest(kind, flags, timeZone, NOW);
}

function refusal(kind: string, flags: Record<string, unknown> = {}): string {
  try {
    requested(kind, flags);
  } catch (error) {
    if (error instanceof ClawgaugeError && error.code === 'invalid_option') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a report', () => {
  it('is of all days, as a table, unless something else is asked for', () => {
    const request = requested(undefined);
    expect(request).toMatchObject({ kind: 'daily', form: 'table', watch: false, limit: 50, sort: 'updated' });
    expect(usageQuestion(request)).toMatchObject({ range: 'all', startDate: null, endDate: null, split: 'model' });
  });

  it('begins and ends with the days that are named, as ccusage writes them too', () => {
    expect(usageQuestion(requested('monthly', { since: '20260131', until: '2026-02-28' }))).toMatchObject({
      range: null,
      startDate: '2026-01-31',
      endDate: '2026-02-28',
    });
  });

  it('ends today, in its zone, or begins with time where only one of them is named', () => {
    expect(requested('daily', { since: '2026-11-01' }, 'Asia/Tokyo').window).toMatchObject({ endDate: '2026-11-23' });
    expect(requested('daily', { until: '2026-11-01' }).window).toMatchObject({ startDate: '1970-01-01' });
  });

  it('is of what its filters name', () => {
    const flags = { agent: ['main', 'ops'], model: ['gpt-5.5'], kind: ['cron'] };
    expect(usageQuestion(requested('agents', flags)).filters).toEqual({
      agent: ['main', 'ops'],
      model: ['gpt-5.5'],
      kind: ['cron'],
      channel: [],
      provider: [],
    });
  });

  it('of sessions is asked for page by page', () => {
    const request = requested('sessions', { limit: '1200', sort: 'cost' });
    expect(sessionsQuestion(request, 1200, null)).toMatchObject({ limit: 1000, sort: 'cost', cursor: null });
    expect(sessionsQuestion(request, 200, 'next')).toMatchObject({ limit: 200, cursor: 'next' });
    expect(requested('sessions', { json: true }).limit).toBeNull();
  });

  it('is refused where it says what cannot be, with what was expected and what came', () => {
    expect(refusal('yearly')).toBe(`report: expected one of ${KINDS.join(', ')}; got "yearly"`);
    expect(refusal('daily', { json: true, csv: true })).toContain('expected either --json or --csv');
    expect(refusal('daily', { watch: true, csv: true })).toContain('expected a table');
    expect(refusal('daily', { limit: '5' })).toContain('expected for sessions only; got it for daily');
    expect(refusal('sessions', { limit: '0' })).toContain('expected a whole number from 1 on; got "0"');
    expect(refusal('models', { kind: ['cron', 'crone'] })).toContain('topic, orphan, other; got "crone"');
    expect(refusal('sessions', { sort: 'name' })).toContain('expected one of updated, cost, tokens; got "name"');
    expect(refusal('daily', { since: '2026-02-30' })).toContain('expected a day such as 2026-01-31 or 20260131');
    expect(refusal('daily', { since: '2026-11-23' })).toContain('expected no day after 2026-11-22; got 2026-11-23');
  });
});

describe('the plain command line of a report', () => {
  it('is a kind with flags, each of them known', () => {
    expect(plainReport([])).toEqual({ kind: undefined, flags: {} });
    expect(plainReport(['weekly', '--agent', 'a', '--agent', 'b', '--json', '--state-dir', '/x'])).toEqual({
      kind: 'weekly',
      flags: { agent: ['a', 'b'], json: true, stateDir: ['/x'] },
    });
    for (const { flag } of REPORT_FLAGS) {
      const [name = '', value] = flag.split(' ');
      expect(plainReport(value === undefined ? [name] : [name, 'x']), flag).not.toBeNull();
    }
  });

  it('is left to the parser where it is anything else', () => {
    for (const args of [
      ['--help'],
      ['daily', 'weekly'],
      ['daily', '--since'],
      ['--json', 'daily'],
      ['daily', '--port', '1'],
    ]) {
      expect(plainReport(args)).toBeNull();
    }
  });
});
