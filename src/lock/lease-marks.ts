/**
 * Marks that are files with a date, for directories in which no socket can be made. The holder puts the date off as
 * long as it lives. One of an earlier boot of the machine is dead whatever its date; so a crash costs a minute at most.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Milliseconds } from '../units.ts';
import { type Facts, type Holder, holderOf, LEASES, type Marks, removeFile } from './marks.ts';

const LEASE: Milliseconds = 60_000;
const RENEW_EVERY: Milliseconds = 15_000;

interface Lease extends Facts {
  readonly boot: string;
  readonly until: Milliseconds;
}

export class LeaseMarks implements Marks {
  readonly prefix = LEASES;
  readonly #directory: string;
  readonly #facts: Facts;
  readonly #clock: Clock;
  #path: string | null = null;
  #cancelRenewal: () => void = () => {};

  constructor(directory: string, facts: Facts, clock: Clock) {
    this.#directory = directory;
    this.#facts = facts;
    this.#clock = clock;
  }

  async make(number: number): Promise<boolean> {
    const path = this.#pathOf(number);
    const temporary = this.#written(path);
    try {
      // Whole from its first moment on, so that nobody finds half a lease.
      linkSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      removeFile(temporary);
    }
    this.#path = path;
    this.#renewLater();
    return true;
  }

  async holder(number: number): Promise<Holder | null> {
    try {
      const text = readFileSync(this.#pathOf(number), 'utf8');
      const { boot, until } = JSON.parse(text) as Partial<Lease>;
      return boot === bootIdentity() && Number(until) > this.#clock.now() ? holderOf(text) : null;
    } catch {
      return null;
    }
  }

  tell(url: string): void {
    this.#facts.url = url;
    this.#renew();
  }

  async end(): Promise<void> {
    this.#cancelRenewal();
    const path = this.#path;
    this.#path = null;
    if (path !== null) this.#replace(path, 0);
  }

  #renewLater(): void {
    this.#cancelRenewal();
    this.#cancelRenewal = this.#clock.after(RENEW_EVERY, () => this.#renew());
  }

  #renew(): void {
    if (this.#path !== null) this.#replace(this.#path, this.#clock.now() + LEASE);
    this.#renewLater();
  }

  #replace(path: string, until: Milliseconds): void {
    try {
      renameSync(this.#written(path, until), path);
    } catch {
      // The next renewal tries again.
    }
  }

  /** A lease under a name that nobody looks for. */
  #written(path: string, until = this.#clock.now() + LEASE): string {
    const lease: Lease = { ...this.#facts, boot: bootIdentity(), until };
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    writeFileSync(temporary, JSON.stringify(lease), { mode: 0o600 });
    return temporary;
  }

  #pathOf(number: number): string {
    return join(this.#directory, `${this.prefix}${number}`);
  }
}

/** Another after every start of the machine; '' where the system does not tell. */
function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
