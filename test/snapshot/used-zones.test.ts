import { beforeEach, describe, expect, test } from 'vitest';
import { UsedZones } from '../../src/snapshot/used-zones.ts';
import { DAY_MS } from '../../src/snapshot/zone.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const HOUR = 3_600_000;

let now = NOON;
const clock = { now: () => now };
const zones = (earlier = [] as { name: string; usedAt: number }[]) =>
  new UsedZones(clock, ['UTC', 'Europe/Paris'], earlier);

beforeEach(() => {
  now = NOON;
});

describe('used zones', () => {
  test('are those that were asked in, but for those that are ready anyhow', () => {
    const used = zones();
    for (const name of ['UTC', 'Asia/Tokyo', 'Europe/Paris', 'America/Lima', 'Asia/Tokyo']) used.note(name);
    expect(used.names()).toEqual(['America/Lima', 'Asia/Tokyo']);
  });

  test('are eight: a ninth takes the place of the one that was used longest ago', () => {
    const used = zones();
    const names = Array.from({ length: 8 }, (_, at) => `UTC+${at + 1}:00`);
    for (const name of names) used.note(name);
    used.note('UTC+1:00');
    used.note('Asia/Tokyo');
    expect(used.names()).toEqual(['Asia/Tokyo', ...names.filter((name) => name !== 'UTC+2:00')]);
  });

  test('have an order that does not change with their use', () => {
    const used = zones();
    used.note('Asia/Tokyo');
    used.note('America/Lima');
    const before = used.names();
    used.note('Asia/Tokyo');
    expect(used.names()).toEqual(before);
  });

  test('are forgotten when nobody used them for a day', () => {
    const used = zones();
    used.note('Asia/Tokyo');
    now += HOUR;
    used.note('America/Lima');
    now = NOON + DAY_MS - 1;
    expect(used.names()).toEqual(['America/Lima', 'Asia/Tokyo']);
    now = NOON + DAY_MS;
    expect(used.names()).toEqual(['America/Lima']);
    used.note('Asia/Tokyo');
    expect(used.names()).toEqual(['America/Lima', 'Asia/Tokyo']);
  });

  test('go on after a restart, in the order of their use', () => {
    const used = zones();
    for (const name of Array.from({ length: 8 }, (_, at) => `UTC+${at + 1}:00`)) {
      used.note(name);
      now += HOUR;
    }
    const restarted = zones([...used.entries()]);
    expect(restarted.entries()).toEqual(used.entries());
    restarted.note('Asia/Tokyo');
    expect(restarted.names()).not.toContain('UTC+1:00');
    expect(restarted.names()).toContain('UTC+2:00');
    // One that the configuration names since then is no longer among them.
    expect(zones([{ name: 'Europe/Paris', usedAt: now }]).names()).toEqual([]);
  });
});
