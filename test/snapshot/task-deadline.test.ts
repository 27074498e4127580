import { expect, test } from 'vitest';
import { scanDeadline } from '../../src/snapshot/task-deadline.ts';
import { MIB } from '../../src/units.ts';

const SECOND = 1_000;

test.each([
  ['the least one for next to nothing', 0, 600, 30],
  ['a second more for each 64 MiB', 640 * MIB, 600, 40],
  ['ten times as much at most', 1e15, 6_000, 300],
  ['half of what a refresh gets at most, so that the refresh can go on without it', 1e15, 100, 50],
  ['that, also where it is the least one', 640 * MIB, 60, 30],
])('a scan task gets %s', (_, bytes, refresh, seconds) => {
  const deadlines = { taskDeadline: 30 * SECOND, refreshDeadline: refresh * SECOND };
  expect(scanDeadline(bytes, deadlines)).toBe(seconds * SECOND);
});
