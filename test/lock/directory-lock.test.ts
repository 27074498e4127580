/** Who gets a directory, and what the others are told; with real processes, since only their ends end what the kernel keeps. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import { type DirectoryLock, lockDirectory } from '../../src/lock/directory-lock.ts';
import { LeaseMarks } from '../../src/lock/lease-marks.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { temporaryStateDir } from '../support/stores.ts';

const HOLDER = join(import.meta.dirname, 'holder.mjs');

const held: DirectoryLock[] = [];
const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
  for (const child of running) child.kill('SIGKILL');
});

async function lock(directory: string): Promise<DirectoryLock> {
  const taken = await lockDirectory(directory);
  held.push(taken);
  return taken;
}

/** What a process says that tries to get a directory: `held`, or why not. */
async function holder(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [HOLDER, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'close');
}

const refusal = (directory: string) =>
  lockDirectory(directory).then(
    () => 'held',
    (error: unknown) => (error instanceof ClawgaugeError ? `${error.code}: ${error.message}` : error),
  );

describe('a directory', () => {
  test('is made if need be, held by one, and free when that one lets go', async () => {
    const directory = join(temporaryStateDir(), 'data', 'own');
    const first = await lock(directory);
    expect(first.problem).toBeNull();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    first.tell('http://127.0.0.1:18790');
    expect(await refusal(directory)).toMatch(
      new RegExp(
        `^data_directory_in_use: ${directory}: expected no other process to use it; it is in use since \\d{4}-.*Z ` +
          `by process ${process.pid} at http://127.0.0.1:18790\\. End that one, or name another directory`,
      ),
    );
    await first.release();
    expect((await lock(directory)).problem).toBeNull();
  });

  test('is free at once when its holder is killed, and leaves one mark behind however often', async () => {
    const directory = temporaryStateDir();
    for (let life = 0; life < 3; life++) {
      const { child, said } = await holder(directory);
      expect(said).toBe('held');
      expect(await refusal(directory)).toContain(`by process ${child.pid}`);
      await end(child);
    }
    await lock(directory);
    expect(readdirSync(directory)).toEqual(['lock.4']);
  });

  test('is held also by a process that stands still', async () => {
    const directory = temporaryStateDir();
    const { child } = await holder(directory);
    child.kill('SIGSTOP');
    expect(await refusal(directory)).toMatch(/^data_directory_in_use: .* it is in use\. End/);
  });

  test('goes to exactly one of twenty that want it at once, also over a dead one', async () => {
    const directory = temporaryStateDir();
    for (let round = 0; round < 2; round++) {
      const all = await Promise.all(Array.from({ length: 20 }, () => holder(directory)));
      const winners = all.filter(({ said }) => said === 'held');
      expect(winners).toHaveLength(1);
      expect(new Set(all.map(({ said }) => said))).toEqual(new Set(['held', 'data_directory_in_use']));
      await Promise.all(winners.map(({ child }) => end(child)));
    }
  });

  test('may have a path that is too long for a socket', async () => {
    const directory = join(temporaryStateDir(), 'd'.repeat(200));
    const first = await lock(directory);
    expect(first.problem).toBeNull();
    expect(readdirSync(directory)).toEqual(['lock.1']);
    expect(await refusal(directory)).toContain('data_directory_in_use');
    expect((await holder(directory)).said).toBe('data_directory_in_use');
  });

  test('with something else under the name of a mark is taken all the same', async () => {
    const directory = temporaryStateDir();
    writeFileSync(join(directory, 'lock.7'), 'no socket');
    writeFileSync(join(directory, 'lock.07'), 'no mark');
    writeFileSync(join(directory, 'lease.3'), 'no lease');
    expect((await lock(directory)).problem).toBeNull();
    expect(readdirSync(directory).sort()).toEqual(['lease.3', 'lock.07', 'lock.8']);
  });

  test('that cannot be made or written is not held, which is said', async () => {
    const file = join(temporaryStateDir(), 'file');
    writeFileSync(file, '');
    expect((await lock(file)).problem).toMatch(/EEXIST|ENOTDIR/);
    expect((await lock(join(file, 'below'))).problem).toMatch(/ENOTDIR/);
  });

  test.skipIf(process.getuid?.() === 0)('that only others may write is not held, which is said', async () => {
    const directory = temporaryStateDir();
    mkdirSync(join(directory, 'closed'), { mode: 0o500 });
    expect((await lock(join(directory, 'closed'))).problem).toMatch(/EACCES/);
    chmodSync(join(directory, 'closed'), 0o700);
  });

  test('is not taken from a process that says nothing of itself', async () => {
    const directory = temporaryStateDir();
    const server = createServer((socket) => socket.end('something else'));
    await new Promise<void>((resolve) => server.listen(join(directory, 'lock.1'), resolve));
    expect(await refusal(directory)).toMatch(/^data_directory_in_use: .* it is in use\. End/);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('where no socket can be made, a lease', () => {
  const facts = { since: 5, pid: 42, url: null };

  test('is held for as long as it is renewed, and a minute longer', async () => {
    const directory = temporaryStateDir();
    const clock = new ManualClock(1_790_000_000_000);
    const marks = new LeaseMarks(directory, { ...facts }, clock);
    const other = new LeaseMarks(directory, { ...facts }, clock);
    expect(await marks.make(1)).toBe(true);
    expect(await other.make(1)).toBe(false);
    marks.tell('http://x');
    await clock.advance(600_000);
    expect(await other.holder(1)).toEqual({ since: 5, pid: 42, url: 'http://x' });
    expect(readdirSync(directory)).toEqual(['lease.1']);
    expect(statSync(join(directory, 'lease.1')).mode & 0o777).toBe(0o600);
    await marks.end();
    expect(await other.holder(1)).toBeNull();
  });

  test('is dead a minute after its holder, and at once after a start of the machine', async () => {
    const directory = temporaryStateDir();
    const clock = new ManualClock(1_790_000_000_000);
    const marks = new LeaseMarks(directory, { ...facts }, clock);
    await marks.make(1);
    const later = (ms: number) => ({
      ...clock,
      now: () => clock.now() + ms,
      monotonic: () => 0,
      after: () => () => {},
    });
    expect(await new LeaseMarks(directory, facts, later(59_999)).holder(1)).toMatchObject({ pid: 42 });
    expect(await new LeaseMarks(directory, facts, later(60_000)).holder(1)).toBeNull();
    const until = clock.now() + 60_000;
    writeFileSync(join(directory, 'lease.2'), JSON.stringify({ ...facts, boot: 'another', until }));
    expect(await marks.holder(2)).toBeNull();
    expect(await marks.holder(3)).toBeNull();
    await marks.end();
  });

  test('keeps also those away that could make a socket', async () => {
    const directory = temporaryStateDir();
    const { systemClock } = await import('../../src/clock.ts');
    const marks = new LeaseMarks(directory, { ...facts }, systemClock);
    await marks.make(1);
    expect(await refusal(directory)).toContain('by process 42');
    await marks.end();
    expect((await lock(directory)).problem).toBeNull();
  });
});
