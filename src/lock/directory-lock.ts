/**
 * One process per data directory. Who holds it is the process behind the highest-numbered mark in the directory:
 * a mark is made exclusively, with a number that none had before, and only after the one before it was found dead.
 * Numbers only grow, since the last mark is left behind; so whoever was slow finds its number taken or outbidden.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { ClawgaugeError, messageOf } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import { type Facts, type Holder, LEASES, type Marks, removeFile, SOCKETS } from './marks.ts';
import { SocketMarks } from './socket-marks.ts';

export interface DirectoryLock {
  /** Why nothing keeps a second process away; null when the directory is held. */
  readonly problem: string | null;
  /** When it was taken, as those who look at it are told. */
  readonly since: Milliseconds;
  /** Tells those who find the directory in use where its holder answers. */
  tell(url: string): void;
  release(): Promise<void>;
}

/** Whoever races for a directory finds it held after a few rounds. */
const MAX_ROUNDS = 1_000;

/**
 * Takes a directory, which is made if need be, for the life of this process. Where nothing can be written there is
 * nothing to hold, and a problem instead.
 * @throws ClawgaugeError data_directory_in_use, which names the directory and what its holder says of itself
 */
export async function lockDirectory(directory: string, clock: Clock = systemClock): Promise<DirectoryLock> {
  const facts: Facts = { since: clock.now(), pid: process.pid, url: null };
  const leases = async () => new (await import('./lease-marks.ts')).LeaseMarks(directory, facts, clock);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // Whoever cannot make sockets there holds it in the other way.
    const lease = highest(directory, LEASES);
    if (lease > 0) await refuseIfHeld(directory, await leases(), lease);
    return await take(directory, new SocketMarks(directory, facts), facts);
  } catch (error) {
    if (error instanceof ClawgaugeError) throw error;
  }
  try {
    const marks = new SocketMarks(directory, facts);
    await refuseIfHeld(directory, marks, highest(directory, SOCKETS)).finally(() => marks.end());
    return await take(directory, await leases(), facts);
  } catch (error) {
    if (error instanceof ClawgaugeError) throw error;
    return { problem: messageOf(error), since: facts.since, tell() {}, async release() {} };
  }
}

/** What is known of the process that holds a directory; null when none does. Makes and changes nothing. */
export async function directoryHolder(directory: string, clock: Clock = systemClock): Promise<Holder | null> {
  const facts: Facts = { since: clock.now(), pid: process.pid, url: null };
  const found = (prefix: string) => (existsSync(directory) ? highest(directory, prefix) : 0);
  const socket = found(SOCKETS);
  const sockets = new SocketMarks(directory, facts);
  const holder = socket === 0 ? null : await sockets.holder(socket).finally(() => sockets.end());
  const lease = found(LEASES);
  if (holder !== null || lease === 0) return holder;
  return new (await import('./lease-marks.ts')).LeaseMarks(directory, facts, clock).holder(lease);
}

/** Throws `data_directory_in_use`, or the system's error where such marks cannot be made. */
async function take(directory: string, marks: Marks, { since }: Facts): Promise<DirectoryLock> {
  try {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const last = highest(directory, marks.prefix);
      await refuseIfHeld(directory, marks, last);
      if (!(await marks.make(last + 1))) continue;
      // One that was slow to look may have made a mark whose number was long past.
      if (highest(directory, marks.prefix) === last + 1) {
        for (const number of numbers(directory, marks.prefix)) if (number <= last) remove(directory, marks, number);
        return { problem: null, since, tell: (url) => marks.tell(url), release: () => marks.end() };
      }
      await marks.end();
      remove(directory, marks, last + 1);
    }
    throw new Error(`expected to hold the directory, or to find it held, within ${MAX_ROUNDS} rounds`);
  } catch (error) {
    await marks.end();
    throw error;
  }
}

async function refuseIfHeld(directory: string, marks: Marks, number: number): Promise<void> {
  const holder = number === 0 ? null : await marks.holder(number);
  if (holder === null) return;
  throw new ClawgaugeError(
    'data_directory_in_use',
    `${directory}: expected no other process to use it; it is in use${described(holder)}. ` +
      'End that one, or name another directory with --data-dir.',
  );
}

function described({ since, pid, url }: Holder): string {
  const parts = [
    since === null ? '' : ` since ${new Date(since).toISOString()}`,
    pid === null ? '' : ` by process ${pid}`,
    url === null ? '' : ` at ${url}`,
  ];
  return parts.join('');
}

function remove(directory: string, { prefix }: Marks, number: number): void {
  removeFile(join(directory, `${prefix}${number}`));
}

/** 0 without any. */
function highest(directory: string, prefix: string): number {
  return numbers(directory, prefix).reduce((a, b) => Math.max(a, b), 0);
}

function numbers(directory: string, prefix: string): number[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
}
