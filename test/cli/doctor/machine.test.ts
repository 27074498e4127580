/** What Clawgauge runs on: Node, memory, watches and the clock, as numbers that a test can choose. */
import { describe, expect, it } from 'vitest';
import { lookAtClock } from '../../../src/cli/doctor/clock.ts';
import { lookAtMemory, lookAtNode } from '../../../src/cli/doctor/runtime.ts';
import { lookAtWatching, refused } from '../../../src/cli/doctor/watching.ts';
import { MIB } from '../../../src/units.ts';
import { temporaryStateDir } from '../../support/stores.ts';

describe('Node', () => {
  it('has SQLite, its own or that of a package', () => {
    expect(lookAtNode(process.versions.node)).toMatchObject({
      level: 'ok',
      says: expect.stringContaining('with SQLite 3.'),
    });
  });

  it.each(['18.20.4', '20.18.1'])('%s is too old', (version) => {
    expect(lookAtNode(version)).toMatchObject({ check: 'node', level: 'fail', advice: 'Use Node 20.19 or newer.' });
  });
});

describe('memory', () => {
  const cap = 256 * MIB;
  const total = 8192 * MIB;
  const none = 2 ** 60;

  it.each([
    ['no limit', { cap, limit: none, total }, 'ok'],
    ['a limit with a margin', { cap, limit: 400 * MIB, total }, 'ok'],
    ['a limit at the cap', { cap, limit: cap, total }, 'warn'],
    ['a machine that is too small', { cap, limit: none, total: 200 * MIB }, 'warn'],
    ['a limit below the cap', { cap, limit: 240 * MIB, total }, 'fail'],
  ])('with %s: %j is %s', (_, memory, level) => {
    expect(lookAtMemory(memory)).toMatchObject({ check: 'memory', level });
  });

  it('below the cap says which cap would do, if one would', () => {
    expect(lookAtMemory({ cap, limit: 255 * MIB, total }).advice).toBe(
      'Lower it: --memory-cap 170mb; or raise the limit.',
    );
    expect(lookAtMemory({ cap, limit: 100 * MIB, total }).advice).toBe('Raise the limit to 384 MiB.');
  });
});

describe('watching', () => {
  it('is tried', async () => {
    const finding = await lookAtWatching([temporaryStateDir(), temporaryStateDir()]);
    expect(finding).toMatchObject({ check: 'watching', level: 'ok', says: '2 directories can be watched.' });
  });

  it('that is refused costs time only, and has a limit to raise', async () => {
    expect(refused('ENOSPC', 11)).toMatchObject({
      level: 'warn',
      advice: expect.stringContaining('max_user_watches='),
    });
    expect(refused('EMFILE', 11)).toMatchObject({
      level: 'warn',
      advice: expect.stringContaining('max_user_instances='),
    });
    expect(await lookAtWatching(['/nonexistent'])).toMatchObject({
      level: 'warn',
      says: expect.stringContaining('ENOENT'),
    });
  });
});

describe('the clock', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');

  it.each([
    ['what was written lately', now - 1_000, 'ok'],
    ['nothing', null, 'ok'],
    ['what a clock a little faster wrote', now + 60_000, 'ok'],
    ['what will be written in an hour', now + 3_600_000, 'warn'],
  ])('beside %s is as it is', (_, lastWrite, level) => {
    expect(lookAtClock(now, lastWrite, 'Europe/Paris')).toMatchObject({ check: 'clock', level });
  });

  it('cannot show the past', () => {
    expect(lookAtClock(0, null, 'UTC')).toMatchObject({ level: 'fail', advice: 'Set it: timedatectl set-ntp true' });
  });
});
