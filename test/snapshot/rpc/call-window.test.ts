/** Format.md 2.9 and 3: the span of a call in each dialect. */
import { describe, expect, test } from 'vitest';
import { type CallWindow, callWindow, type WindowParams } from '../../../src/snapshot/rpc/call-window.ts';

const NOW = Date.parse('2026-11-22T23:30:00Z');
const PARIS = 'Europe/Paris';
const YORK = 'America/New_York';

function span(params: WindowParams, dialect: '2026.5' | '2026.9', zone = 'UTC') {
  const window = callWindow(params, dialect, zone, NOW);
  if (typeof window === 'string') return window;
  const { startMs, endMs } = window;
  return [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
}

const both = ['2026.5', '2026.9'] as const;

describe.each(both)('in %s', (dialect) => {
  test.each([
    ['30 days of UTC', {}, ['2026-10-24T00:00:00.000Z', '2026-11-22T23:59:59.999Z']],
    ['a range', { range: '7d' }, ['2026-11-16T00:00:00.000Z', '2026-11-22T23:59:59.999Z']],
    ['a number of days', { days: 2 }, ['2026-11-21T00:00:00.000Z', '2026-11-22T23:59:59.999Z']],
    ['a number of days as text', { days: '2.9' }, ['2026-11-21T00:00:00.000Z', '2026-11-22T23:59:59.999Z']],
    ['no less than a day', { days: -5 }, ['2026-11-22T00:00:00.000Z', '2026-11-22T23:59:59.999Z']],
    ['everything', { range: 'all' }, ['1970-01-01T00:00:00.000Z', '2026-11-22T23:59:59.999Z']],
    [
      'two dates, before a range',
      { startDate: '2026-01-30', endDate: '2026-02-01', range: '7d' },
      ['2026-01-30T00:00:00.000Z', '2026-02-01T23:59:59.999Z'],
    ],
    [
      'an offset from UTC, where it is tomorrow already',
      { days: 1, mode: 'specific', utcOffset: 'UTC+5:30' },
      ['2026-11-22T18:30:00.000Z', '2026-11-23T18:29:59.999Z'],
    ],
  ])('%s', (_name, params, expected) => {
    expect(span(params, dialect)).toEqual(expected);
  });

  test('mode gateway takes days for those of the zone of the service', () => {
    expect(span({ days: 1, mode: 'gateway' }, dialect, PARIS)).toEqual([
      '2026-11-22T23:00:00.000Z',
      '2026-11-23T22:59:59.999Z',
    ]);
  });
});

describe('in 2026.5', () => {
  test('a day has 24 hours also when clocks change, and the one on which they are set back loses one', () => {
    const params = { mode: 'gateway', startDate: '2026-11-01', endDate: '2026-11-01' };
    expect(span(params, '2026.5', YORK)).toEqual(['2026-11-01T04:00:00.000Z', '2026-11-02T03:59:59.999Z']);
  });

  test('what cannot be understood is as good as absent', () => {
    const usual = span({}, '2026.5');
    for (const params of [
      { startDate: '2026-11-01' },
      { startDate: '1.11.2026', endDate: '2026-11-02' },
      { range: '8d' },
      { days: 'many' },
      { mode: 'specific', utcOffset: 'UTC+15' },
      { mode: 'specific', timeZone: PARIS },
    ]) {
      expect(span(params, '2026.5')).toEqual(usual);
    }
  });

  test('a date that the calendar does not have is so many days later', () => {
    expect(span({ startDate: '2026-02-30', endDate: '2026-13-01' }, '2026.5')).toEqual([
      '2026-03-02T00:00:00.000Z',
      '2027-01-01T23:59:59.999Z',
    ]);
  });

  test('days are told apart in the zone of the gateway, whatever the call asks for, and limits are named in UTC', () => {
    const params = { days: 1, mode: 'specific', utcOffset: 'UTC-5' };
    expect(callWindow(params, '2026.5', PARIS, NOW)).toMatchObject({
      dayZone: PARIS,
      startDate: '2026-11-22',
      endDate: '2026-11-23',
      undated: true,
    });
  });
});

describe('in 2026.9', () => {
  test('a day is one of the calendar', () => {
    const params = { mode: 'specific', timeZone: YORK, startDate: '2026-11-01', endDate: '2026-11-01' };
    expect(span(params, '2026.9')).toEqual(['2026-11-01T04:00:00.000Z', '2026-11-02T04:59:59.999Z']);
  });

  test.each([
    ['startDate and endDate must be provided together', { startDate: '2026-11-01' }],
    [
      'invalid startDate: expected a valid YYYY-MM-DD calendar date',
      { startDate: '2026-02-30', endDate: '2026-03-01' },
    ],
    ['invalid endDate: expected a valid YYYY-MM-DD calendar date', { startDate: '2026-02-01', endDate: 5 }],
    ['startDate must not be after endDate', { startDate: '2026-11-02', endDate: '2026-11-01' }],
    ['invalid timeZone: expected a valid IANA time zone', { mode: 'specific', timeZone: 'Europe/Nowhere' }],
    ['invalid utcOffset: expected UTC-12:00 through UTC+14:00', { mode: 'specific', utcOffset: 'UTC+15' }],
    [
      'calendar day does not exist in requested time zone',
      { mode: 'specific', timeZone: 'Pacific/Apia', startDate: '2011-12-30', endDate: '2011-12-30' },
    ],
  ])('%s', (message, params) => {
    expect(span(params, '2026.9')).toBe(message);
  });

  test('a zone comes before an offset, which stands in for one that there is not', () => {
    const utcOffset = 'UTC+2';
    const zone = (timeZone: string) =>
      (callWindow({ mode: 'specific', timeZone, utcOffset }, '2026.9', 'UTC', NOW) as CallWindow).dayZone;
    expect(zone('europe/paris')).toBe(PARIS);
    expect(zone('Europe/Nowhere')).toBe('UTC+2');
  });

  test('messages without a time count in everything only', () => {
    const undated = (params: WindowParams) => (callWindow(params, '2026.9', 'UTC', NOW) as CallWindow).undated;
    expect(undated({ range: 'all' })).toBe(true);
    expect(undated({ range: '1y' })).toBe(false);
  });
});
