/** Zones against plain Intl formatting, and the odd days of the record. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import { DAY_MS, formatDay, HOUR_MS, parseDay, type Zone, zoneOf } from '../../src/snapshot/zone.ts';
import { QUARTER_MS } from '../../src/units.ts';

const zoneName = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
/** Seconds of 1970 to 2100. */
const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) / 1000 }).map((seconds) => seconds * 1000);

/** What the clock on the wall shows, as Intl writes it. */
function wallClock(zone: string, ms: number): { date: string; time: string } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const year = (parts.year ?? '').padStart(4, '0');
  return {
    date: `${year}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}:${parts.second}`,
  };
}

/** The latest date that the clock has shown by now, looking back over the hours that can be lived through twice. */
function dateReached(zone: string, ms: number): string {
  const quarter = Math.floor(ms / QUARTER_MS) * QUARTER_MS;
  let date = wallClock(zone, ms).date;
  for (let back = 0; back < 16; back++) {
    const before = wallClock(zone, quarter - back * QUARTER_MS).date;
    if (before > date) date = before;
  }
  return date;
}

function startOf(zone: Zone, date: string): string {
  return new Date(zone.startOfDay(parseDay(date) as number)).toISOString();
}

describe('the name of a zone', () => {
  it.each([
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
    ['GMT', 'UTC'],
    ['europe/PARIS', 'Europe/Paris'],
    ['UTC+5:30', 'UTC+5:30'],
    ['utc+05:30', 'UTC+5:30'],
    ['UTC 5:30', 'UTC+5:30'],
    ['UTC-3', 'UTC-3'],
    ['UTC-03:00', 'UTC-3'],
    ['UTC-0:15', 'UTC-0:15'],
    ['UTC+00:00', 'UTC'],
    ['UTC-0', 'UTC'],
    ['UTC+14:00', 'UTC+14'],
    ['UTC-12', 'UTC-12'],
  ])('%s means %s', (asked, name) => {
    expect(zoneOf(asked).name).toBe(name);
  });

  it('stands for the same zone when asked again, also for a canonical name', () => {
    fc.assert(
      fc.property(zoneName, moment, (name, ms) => {
        const zone = zoneOf(name);
        expect(zoneOf(name)).toBe(zone);
        expect(zoneOf(zone.name).offsetAt(ms)).toBe(zone.offsetAt(ms));
      }),
    );
  });

  it.each(['', ' ', 'Foo/Bar', 'Europe/Paris ', '+05:30', '-3', '5', 'local'])('%j is not known', (name) => {
    expect(() => zoneOf(name)).toThrow(ClawgaugeError);
    expect(() => zoneOf(name)).toThrow(
      `timeZone: expected an IANA name such as Europe/Paris, UTC, or an offset such as UTC+5:30; got ${JSON.stringify(name)}`,
    );
  });

  it.each(['UTC+14:15', 'UTC+15', 'UTC-12:15', 'UTC+5:20', 'UTC+5:3', 'UTC+5:75', 'UTC+', 'UTC+1.5', 'UTC+005'])(
    '%s is no offset in whole quarter hours from -12:00 to +14:00',
    (name) => {
      expect(() => zoneOf(name)).toThrow(
        `timeZone: expected a whole number of quarter hours from UTC-12:00 to UTC+14:00, as in UTC+5:30; got "${name}"`,
      );
    },
  );

  it('may be one of many: those used longest ago are made again', () => {
    for (const name of Intl.supportedValuesOf('timeZone').slice(0, 100)) zoneOf(name);
    expect(startOf(zoneOf('Europe/Paris'), '2026-07-01')).toBe('2026-06-30T22:00:00.000Z');
  });
});

describe('a day', () => {
  it('is the calendar date that Intl writes, or the later one that the clock had reached already', () => {
    fc.assert(
      fc.property(zoneName, moment, (name, ms) => {
        expect(formatDay(zoneOf(name).dayOf(ms))).toBe(dateReached(name, ms));
      }),
      { numRuns: 500 },
    );
  });

  it('begins at the first moment of its date', () => {
    fc.assert(
      fc.property(zoneName, moment, (name, ms) => {
        const zone = zoneOf(name);
        const day = zone.dayOf(ms);
        const start = zone.startOfDay(day);
        expect(start).toBeLessThanOrEqual(ms);
        expect(zone.startOfDay(day + 1)).toBeGreaterThan(ms);
        expect(wallClock(name, start).date).toBe(formatDay(day));
        for (const back of [1000, QUARTER_MS, HOUR_MS, 12 * HOUR_MS]) {
          expect(wallClock(name, start - back).date < formatDay(day)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has the offset that Intl has, around every change too', () => {
    fc.assert(
      fc.property(zoneName, moment, (name, ms) => {
        const zone = zoneOf(name);
        for (let at = ms; at < ms + 366 * DAY_MS; at += 5 * DAY_MS) {
          const { date, time } = wallClock(name, at);
          expect(at + zone.offsetAt(at)).toBe(Date.parse(`${date}T${time}Z`));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is as long as the clocks make it', () => {
    const paris = zoneOf('Europe/Paris');
    expect(startOf(paris, '2026-03-29')).toBe('2026-03-28T23:00:00.000Z');
    expect(startOf(paris, '2026-03-30')).toBe('2026-03-29T22:00:00.000Z');
    expect(startOf(paris, '2026-10-25')).toBe('2026-10-24T22:00:00.000Z');
    expect(startOf(paris, '2026-10-26')).toBe('2026-10-25T23:00:00.000Z');
  });

  it.each([
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['America/Sao_Paulo', '2018-02-18', '2018-02-18T03:00:00.000Z'],
    ['Asia/Beirut', '2024-03-31', '2024-03-30T22:00:00.000Z'],
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z'],
    ['Pacific/Chatham', '2026-07-01', '2026-06-30T11:15:00.000Z'],
    ['Australia/Lord_Howe', '2026-01-01', '2025-12-31T13:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-07-01', '2026-06-30T13:30:00.000Z'],
    ['Africa/Monrovia', '1971-01-01', '1971-01-01T00:44:30.000Z'],
    ['UTC+5:45', '2026-01-01', '2025-12-31T18:15:00.000Z'],
    ['UTC-3:30', '2026-01-01', '2026-01-01T03:30:00.000Z'],
  ])('in %s, %s begins at %s', (name, date, start) => {
    expect(startOf(zoneOf(name), date)).toBe(start);
    expect(formatDay(zoneOf(name).dayOf(Date.parse(start)))).toBe(date);
    expect(zoneOf(name).dayOf(Date.parse(start) - 1)).toBe((parseDay(date) as number) - 1);
  });

  it('that the calendar skipped is empty and begins with the next one', () => {
    const apia = zoneOf('Pacific/Apia');
    expect(startOf(apia, '2011-12-29')).toBe('2011-12-29T10:00:00.000Z');
    expect(startOf(apia, '2011-12-30')).toBe('2011-12-30T10:00:00.000Z');
    expect(startOf(apia, '2011-12-31')).toBe('2011-12-30T10:00:00.000Z');
    expect(formatDay(apia.dayOf(Date.parse('2011-12-30T09:59:59Z')))).toBe('2011-12-29');
    expect(formatDay(apia.dayOf(Date.parse('2011-12-30T10:00:00Z')))).toBe('2011-12-31');
  });

  it('that had begun goes on when clocks are set back past its midnight', () => {
    const zone = zoneOf('America/St_Johns');
    const start = Date.parse('2006-10-29T02:30:00Z');
    expect(zone.startOfDay(parseDay('2006-10-29') as number)).toBe(start);
    expect(wallClock(zone.name, start).date).toBe('2006-10-29');
    expect(wallClock(zone.name, start + 2 * QUARTER_MS)).toEqual({ date: '2006-10-28', time: '23:30:00' });
    expect(formatDay(zone.dayOf(start + 2 * QUARTER_MS))).toBe('2006-10-29');
    expect(formatDay(zone.dayOf(start - 1))).toBe('2006-10-28');
  });

  it('is known at the ends of what a Date can hold, and none of it is lost', () => {
    for (const name of ['UTC', 'Europe/Paris', 'America/New_York', 'Pacific/Kiritimati', 'UTC-12', 'UTC+14']) {
      const zone = zoneOf(name);
      for (const ms of [-8.64e15, -8.64e15 + DAY_MS, -1, 8.64e15 - DAY_MS, 8.64e15]) {
        const day = zone.dayOf(ms);
        expect(zone.startOfDay(day)).toBeLessThanOrEqual(ms);
        expect(zone.startOfDay(day + 1)).toBeGreaterThan(ms);
        expect(formatDay(day)).toMatch(/^([+-]\d\d)?\d{4}-\d\d-\d\d$/);
      }
    }
  });

  it('is known for moments scattered over more years than are kept', () => {
    const zone = zoneOf('Europe/Paris');
    const noon = (year: number) => Date.UTC(year, 6, 1, 12);
    for (let year = 1970; year < 2700; year++) expect(zone.dayOf(noon(year))).toBe(Math.floor(noon(year) / DAY_MS));
    expect(zone.offsetAt(noon(1980))).toBe(2 * HOUR_MS);
  });
});

describe('a local time', () => {
  const first = (name: string, local: string) =>
    new Date(zoneOf(name).firstMomentAt(Date.parse(`${local}Z`))).toISOString();

  it('that comes once is the moment at which the clock shows it', () => {
    expect(first('Europe/Paris', '2026-06-01T12:00')).toBe('2026-06-01T10:00:00.000Z');
    expect(zoneOf('Europe/Paris').localTime(Date.UTC(2026, 5, 1, 10))).toBe(Date.UTC(2026, 5, 1, 12));
  });

  it('that comes twice is its first moment', () => {
    expect(first('Europe/Paris', '2026-10-25T02:30')).toBe('2026-10-25T00:30:00.000Z');
    expect(first('Australia/Lord_Howe', '2026-04-05T01:45')).toBe('2026-04-04T14:45:00.000Z');
  });

  it('that never comes is the first moment after the gap', () => {
    expect(first('Europe/Paris', '2026-03-29T02:30')).toBe('2026-03-29T01:00:00.000Z');
    expect(first('Australia/Lord_Howe', '2026-10-04T02:15')).toBe('2026-10-03T15:30:00.000Z');
  });
});

describe('a date', () => {
  it('is written and read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_932_896 }), (day) => {
        expect(parseDay(formatDay(day))).toBe(day);
      }),
    );
    expect(parseDay('1970-01-01')).toBe(0);
    expect(formatDay(2_932_896)).toBe('9999-12-31');
  });

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '1969-12-31',
    '0000-01-01',
    '+012026-01-01',
    '2026-1-1',
    '20260101',
    '2026-01-01T00:00',
    ' 2026-01-01',
    '2026-01-01\n',
    '',
  ])('%j is none', (text) => {
    expect(parseDay(text)).toBeNull();
  });

  it('keeps its sign and six digits in years of more than four', () => {
    expect(formatDay(Date.UTC(56789, 0, 1) / DAY_MS)).toBe('+056789-01-01');
    expect(formatDay(-1_000_000)).toBe('-000768-02-04');
  });
});
