/** Windows, the windows before them, and their buckets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import {
  type Activity,
  type Buckets,
  bucketsOf,
  GRANULARITIES,
  type Granularity,
  nextMidnight,
  previousWindow,
  RANGES,
  resolveWindow,
  type Window,
  type WindowQuery,
} from '../../src/snapshot/window.ts';
import { DAY_MS, formatDay, HOUR_MS, zoneOf } from '../../src/snapshot/zone.ts';
import { QUARTER_MS, quarterOf } from '../../src/units.ts';

const NOW = Date.parse('2026-11-22T12:34:56.789Z');
const NO_ACTIVITY: Activity = { first: null, last: null };

function resolve(query: Partial<WindowQuery>, now = NOW, activity = NO_ACTIVITY): Window {
  const none = { range: null, startDate: null, endDate: null, timeZone: 'UTC', granularity: 'day' } as const;
  return resolveWindow({ ...none, ...query }, now, activity);
}

function day(timeZone: string, date: string, granularity: Granularity): Window {
  return resolve({ startDate: date, endDate: date, timeZone, granularity });
}

function iso(window: { start: number; end: number } | null): string[] {
  return window === null ? [] : [new Date(window.start).toISOString(), new Date(window.end).toISOString()];
}

function startsOf(buckets: Buckets): number[] {
  return Array.from({ length: buckets.count }, (_, index) => buckets.startOf(index));
}

const zoneName = fc.oneof(
  fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
  fc.constantFrom('UTC', 'UTC+5:45', 'UTC-9:30', 'Africa/Monrovia', 'Pacific/Apia', 'America/St_Johns'),
);
const MAX_DAYS = { day: 800, hour: 60, quarter: 31 };
/** Windows of two dates from 1970 to 2099. */
const dated: fc.Arbitrary<Window> = fc
  .record({
    timeZone: zoneName,
    granularity: fc.constantFrom(...GRANULARITIES),
    first: fc.integer({ min: 0, max: 47_000 }),
    length: fc.nat(),
  })
  .map(({ timeZone, granularity, first, length }) =>
    resolve({
      timeZone,
      granularity,
      startDate: formatDay(first),
      endDate: formatDay(first + (length % MAX_DAYS[granularity])),
    }),
  );

describe('a window', () => {
  it.each([
    ['today', '2026-11-22'],
    ['7d', '2026-11-16'],
    ['30d', '2026-10-24'],
    ['90d', '2026-08-25'],
    ['1y', '2025-11-23'],
  ] as const)('%s begins on %s and ends with today', (range, startDate) => {
    expect(resolve({ range })).toEqual({
      range,
      startDate,
      endDate: '2026-11-22',
      timeZone: 'UTC',
      start: Date.parse(startDate),
      end: Date.parse('2026-11-23'),
      granularity: 'day',
    });
  });

  it('is of 30 days when nothing is asked for', () => {
    expect(resolve({})).toEqual(resolve({ range: '30d' }));
  });

  it('follows the calendar of its zone', () => {
    const late = Date.parse('2026-11-22T23:30:00Z');
    expect(resolve({ range: 'today', timeZone: 'europe/paris' }, late)).toMatchObject({
      startDate: '2026-11-23',
      endDate: '2026-11-23',
      timeZone: 'Europe/Paris',
      start: Date.parse('2026-11-22T23:00:00Z'),
      end: Date.parse('2026-11-23T23:00:00Z'),
    });
    expect(iso(resolve({ range: '7d', timeZone: 'America/New_York' }, Date.parse('2026-11-03T12:00:00Z')))).toEqual([
      '2026-10-28T04:00:00.000Z',
      '2026-11-04T05:00:00.000Z',
    ]);
  });

  it('of all takes in the days of the first and the last activity, past or to come', () => {
    const activity = { first: Date.parse('2024-05-01T23:30:00Z'), last: Date.parse('2027-01-01T12:00:00Z') };
    expect(resolve({ range: 'all', timeZone: 'Europe/Paris' }, NOW, activity)).toMatchObject({
      range: 'all',
      startDate: '2024-05-02',
      endDate: '2027-01-01',
      start: Date.parse('2024-05-01T22:00:00Z'),
      end: Date.parse('2027-01-01T23:00:00Z'),
    });
  });

  it('of all is today without any activity', () => {
    expect(resolve({ range: 'all' })).toEqual({ ...resolve({ range: 'today' }), range: 'all' });
  });

  it('of all holds activity of any year that a Date can hold', () => {
    for (const timeZone of ['UTC', 'America/New_York', 'Pacific/Kiritimati']) {
      const window = resolve({ range: 'all', timeZone }, NOW, { first: -8.64e15, last: 8.64e15 });
      const buckets = bucketsOf(window);
      expect(window.startDate).toMatch(/^-\d{6}-\d\d-\d\d$/);
      expect(window.endDate).toMatch(/^\+\d{6}-\d\d-\d\d$/);
      expect(buckets.indexOfQuarter(quarterOf(-8.64e15))).toBe(0);
      expect(buckets.indexOfQuarter(quarterOf(8.64e15))).toBe(buckets.count - 1);
    }
  });

  it('of dates includes the last one', () => {
    const window = resolve({ startDate: '2026-03-28', endDate: '2026-03-29', timeZone: 'Europe/Paris' });
    expect(window).toMatchObject({ range: null, startDate: '2026-03-28', endDate: '2026-03-29' });
    expect(iso(window)).toEqual(['2026-03-27T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  });

  it('is made of whole UTC quarter hours, and holds now when it ends with today', () => {
    fc.assert(
      fc.property(
        zoneName,
        fc.constantFrom(...RANGES),
        fc.integer({ min: 0, max: Date.UTC(2099, 0, 1) }),
        (timeZone, range, now) => {
          const window = resolve({ range, timeZone }, now);
          expect(Math.abs(window.start % QUARTER_MS)).toBe(0);
          expect(window.end % QUARTER_MS).toBe(0);
          expect(window.start).toBeLessThanOrEqual(now);
          expect(window.end).toBeGreaterThan(now);
        },
      ),
    );
  });

  it('begins with the next quarter hour where midnight is not on one', () => {
    expect(iso(day('Africa/Monrovia', '1971-01-01', 'day'))).toEqual([
      '1971-01-01T00:45:00.000Z',
      '1971-01-02T00:45:00.000Z',
    ]);
    const today = resolve({ range: 'today', timeZone: 'Africa/Monrovia' }, Date.parse('1971-01-01T00:44:45Z'));
    expect(today.startDate).toBe('1970-12-31');
  });

  it.each<[string, Partial<WindowQuery>, string]>([
    ['only a start', { startDate: '2026-01-01' }, 'expected both startDate and endDate; got only startDate'],
    ['only an end', { endDate: '2026-01-01' }, 'expected both startDate and endDate; got only endDate'],
    [
      'reversed dates',
      { startDate: '2026-01-02', endDate: '2026-01-01' },
      'expected startDate to be no later than endDate; got 2026-01-02 and 2026-01-01',
    ],
    [
      'a range with dates',
      { range: '7d', startDate: '2026-01-01', endDate: '2026-01-02' },
      'expected either a range or dates; got range 7d together with dates',
    ],
    [
      'a date that does not exist',
      { startDate: '2026-02-30', endDate: '2026-03-01' },
      'startDate: expected a calendar date YYYY-MM-DD from 1970-01-01 to 9999-12-31; got "2026-02-30"',
    ],
    [
      'a date before 1970',
      { startDate: '1969-12-31', endDate: '2026-03-01' },
      'startDate: expected a calendar date YYYY-MM-DD from 1970-01-01 to 9999-12-31; got "1969-12-31"',
    ],
    [
      'a date after 9999',
      { startDate: '2026-03-01', endDate: '10000-01-01' },
      'endDate: expected a calendar date YYYY-MM-DD from 1970-01-01 to 9999-12-31; got "10000-01-01"',
    ],
    [
      'hours of more than 366 days',
      { startDate: '2026-01-01', endDate: '2027-01-02', granularity: 'hour' },
      'granularity: expected a window of at most 366 days for hour; got 367',
    ],
    [
      'quarter hours of more than 31 days',
      { range: '90d', granularity: 'quarter' },
      'granularity: expected a window of at most 31 days for quarter; got 90',
    ],
  ])('refuses %s', (_, query, message) => {
    expect(() => resolve(query)).toThrow(ClawgaugeError);
    expect(() => resolve(query)).toThrow(message);
  });

  it('may have hours of 366 days and quarter hours of 31', () => {
    expect(bucketsOf(resolve({ startDate: '2028-01-01', endDate: '2028-12-31', granularity: 'hour' })).count).toBe(
      366 * 24,
    );
    expect(bucketsOf(resolve({ startDate: '2026-01-01', endDate: '2026-01-31', granularity: 'quarter' })).count).toBe(
      31 * 96,
    );
  });
});

describe('the window before', () => {
  const today = (timeZone: string, now: string) => {
    const window = resolve({ range: 'today', timeZone }, Date.parse(now));
    return iso(previousWindow(window, Date.parse(now)));
  };

  it('has as many days and ends where the window begins', () => {
    fc.assert(
      fc.property(dated, (window) => {
        const previous = previousWindow(window, NOW);
        expect(previous?.end).toBe(window.start);
        const days = (Date.parse(window.endDate) - Date.parse(window.startDate)) / DAY_MS + 1;
        const start = formatDay(Date.parse(window.startDate) / DAY_MS - days);
        if (start >= '1970-01-01') {
          expect(previous?.start).toBe(day(window.timeZone, start, 'day').start);
        }
      }),
    );
    expect(iso(previousWindow(resolve({ range: '7d' }), NOW))).toEqual([
      '2026-11-09T00:00:00.000Z',
      '2026-11-16T00:00:00.000Z',
    ]);
  });

  it('of all does not exist', () => {
    expect(previousWindow(resolve({ range: 'all' }), NOW)).toBeNull();
  });

  it('of today is yesterday up to the same time, in whole quarter hours', () => {
    expect(today('UTC', '2026-11-22T12:34:56Z')).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-21T12:30:00.000Z']);
    expect(today('Asia/Kathmandu', '2026-11-22T12:34:56Z')).toEqual([
      '2026-11-20T18:15:00.000Z',
      '2026-11-21T12:30:00.000Z',
    ]);
    expect(today('UTC', '2026-11-22T00:00:00Z')).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-21T00:00:00.000Z']);
  });

  it('of today ends at the same time on the clock where it was changed in between', () => {
    // 2026-03-29 and 2026-10-25 are the days of change in Paris.
    expect(today('Europe/Paris', '2026-03-29T10:00:00Z')).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T11:00:00.000Z',
    ]);
    expect(today('Europe/Paris', '2026-10-25T11:00:00Z')).toEqual([
      '2026-10-23T22:00:00.000Z',
      '2026-10-24T10:00:00.000Z',
    ]);
  });

  it('of today ends after the gap where yesterday skipped the time', () => {
    expect(today('Europe/Paris', '2026-03-30T00:30:00Z')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ]);
  });

  it('of today ends at the first of two equal times of yesterday', () => {
    expect(today('Europe/Paris', '2026-10-26T01:30:00Z')).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ]);
  });

  it('of today is empty where yesterday was skipped', () => {
    expect(today('Pacific/Apia', '2011-12-30T20:00:00Z')).toEqual([
      '2011-12-30T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
    ]);
  });

  it('of today never reaches into today', () => {
    fc.assert(
      fc.property(zoneName, fc.integer({ min: 0, max: Date.UTC(2099, 0, 1) }), (timeZone, now) => {
        const window = resolve({ range: 'today', timeZone }, now);
        const previous = previousWindow(window, now);
        expect(previous?.start).toBeLessThanOrEqual(previous?.end as number);
        expect(previous?.end).toBeLessThanOrEqual(window.start);
        expect(Math.abs((previous?.end as number) % QUARTER_MS)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('buckets', () => {
  it('cover the window exactly, each quarter hour in one of them', () => {
    fc.assert(
      fc.property(dated, (window) => {
        const buckets = bucketsOf(window);
        const starts = startsOf(buckets);
        expect(starts[0]).toBe(window.start);
        let last = 0;
        for (let quarter = quarterOf(window.start); quarter < quarterOf(window.end); quarter++) {
          const index = buckets.indexOfQuarter(quarter);
          const moment = quarter * QUARTER_MS;
          const end = starts[index + 1] ?? window.end;
          if (index < last || (starts[index] as number) > moment || moment >= end) {
            expect.fail(`${new Date(moment).toISOString()} is in bucket ${index}`);
          }
          last = index;
        }
        expect(buckets.indexOfQuarter(quarterOf(window.start) - 1)).toBe(-1);
        expect(buckets.indexOfQuarter(quarterOf(window.end))).toBe(-1);
      }),
    );
  });

  it('are in order, without gaps between days, and dated as the clock shows', () => {
    fc.assert(
      fc.property(dated, (window) => {
        const zone = zoneOf(window.timeZone);
        const buckets = bucketsOf(window);
        const starts = startsOf(buckets);
        for (const [index, start] of starts.entries()) {
          const length = (starts[index + 1] ?? window.end) - start;
          if (window.granularity === 'quarter') expect(length).toBe(QUARTER_MS);
          if (window.granularity === 'hour') {
            expect(length).toBeGreaterThan(0);
            expect(length).toBeLessThanOrEqual(HOUR_MS);
          }
          if (length > 0) expect(buckets.dateOf(index)).toBe(formatDay(zone.dayOf(start)));
          else expect(window.granularity).toBe('day');
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['2026-03-28', 24],
    ['2026-03-29', 23],
    ['2026-10-25', 25],
  ])('%s has %i hours in Paris', (date, hours) => {
    expect(bucketsOf(day('Europe/Paris', date, 'day')).count).toBe(1);
    expect(bucketsOf(day('Europe/Paris', date, 'hour')).count).toBe(hours);
    expect(bucketsOf(day('Europe/Paris', date, 'quarter')).count).toBe(hours * 4);
  });

  it('of hours count from local midnight, and the last one of a day may be shorter', () => {
    const kathmandu = startsOf(bucketsOf(day('Asia/Kathmandu', '2026-01-01', 'hour')));
    expect(new Date(kathmandu[1] as number).toISOString()).toBe('2025-12-31T19:15:00.000Z');
    const window = resolve({
      startDate: '2026-04-05',
      endDate: '2026-04-06',
      timeZone: 'Australia/Lord_Howe',
      granularity: 'hour',
    });
    const buckets = bucketsOf(window);
    expect(buckets.count).toBe(25 + 24);
    expect(buckets.startOf(25) - buckets.startOf(24)).toBe(HOUR_MS / 2);
    expect([buckets.dateOf(24), buckets.dateOf(25)]).toEqual(['2026-04-05', '2026-04-06']);
  });

  it('of days keep one for a day that was skipped, and it is empty', () => {
    const window = resolve({ startDate: '2011-12-29', endDate: '2011-12-31', timeZone: 'Pacific/Apia' });
    const buckets = bucketsOf(window);
    expect(Array.from({ length: 3 }, (_, index) => buckets.dateOf(index))).toEqual([
      '2011-12-29',
      '2011-12-30',
      '2011-12-31',
    ]);
    expect(buckets.startOf(1)).toBe(buckets.startOf(2));
    expect(buckets.indexOfQuarter(quarterOf(buckets.startOf(2)))).toBe(2);
    expect(buckets.indexOfQuarter(quarterOf(buckets.startOf(2)) - 1)).toBe(0);
  });

  it('of days serve the longest window there is', () => {
    const buckets = bucketsOf(resolve({ startDate: '1970-01-01', endDate: '9999-12-31', timeZone: 'Europe/Paris' }));
    expect(buckets.count).toBe(2_932_897);
    expect(buckets.indexOfQuarter(quarterOf(NOW))).toBe(Math.floor(NOW / DAY_MS));
    expect(buckets.dateOf(buckets.count - 1)).toBe('9999-12-31');
  });
});

describe('the next midnight', () => {
  it('is when today becomes another day', () => {
    fc.assert(
      fc.property(zoneName, fc.integer({ min: 0, max: Date.UTC(2099, 0, 1) }), (timeZone, now) => {
        const midnight = nextMidnight(timeZone, now);
        expect(midnight).toBeGreaterThan(now);
        const today = resolve({ range: 'today', timeZone }, now);
        expect(resolve({ range: 'today', timeZone }, midnight - 1)).toEqual(today);
        expect(resolve({ range: 'today', timeZone }, midnight).startDate > today.startDate).toBe(true);
      }),
    );
  });

  it.each([
    ['Europe/Paris', '2026-03-29T12:00:00Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Paris', '2026-03-29T22:00:00Z', '2026-03-30T22:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-04T03:00:00.000Z'],
    ['Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-30T10:00:00.000Z'],
  ])('in %s after %s is %s', (timeZone, now, midnight) => {
    expect(new Date(nextMidnight(timeZone, Date.parse(now))).toISOString()).toBe(midnight);
  });
});
