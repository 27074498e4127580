/** The clock and the zone that days are cut by. */
import { duration } from '../../page/format.ts';
import type { Milliseconds } from '../../units.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** No clock that is right shows less: the first store that counts is younger. */
const EARLIEST: Milliseconds = Date.UTC(2026, 0, 1);
const TOLERANCE: Milliseconds = 120_000;

/** @param lastWrite when a transcript was last written; null without any */
export function lookAtClock(now: Milliseconds, lastWrite: Milliseconds | null, timeZone: string): Finding {
  const time = new Date(now).toISOString();
  if (now < EARLIEST)
    return fail('clock', `The clock shows ${time}, which cannot be.`, 'Set it: timedatectl set-ntp true');
  if (lastWrite !== null && lastWrite > now + TOLERANCE) {
    return warn(
      'clock',
      `The last transcript was written ${duration(lastWrite - now)} from now: this clock is slow, or that of the gateway fast.`,
      'Set both: timedatectl set-ntp true',
    );
  }
  return ok('clock', `The clock shows ${time}, and days are those of ${timeZone}.`);
}
