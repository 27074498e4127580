/** Marks in a directory, of which everybody can tell whether the process that made one still lives. */
import { unlinkSync } from 'node:fs';
import type { Milliseconds } from '../units.ts';

/** What the names of marks begin with, before their number. */
export const SOCKETS = 'lock.';
export const LEASES = 'lease.';

/** What a holder says of itself. */
export interface Facts {
  readonly since: Milliseconds;
  readonly pid: number;
  /** Where it answers; null before it listens. */
  url: string | null;
}

/**
 * Removes a file if it is there. Not rmSync, which looks at what it removes: after a look at a socket by lstatSync, Node
 * 20.20 takes links to packages for the packages themselves and no longer finds what they import.
 */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** What is known of a holder. */
export type Holder = { readonly [Name in keyof Facts]: Facts[Name] | null };

export interface Marks {
  readonly prefix: typeof SOCKETS | typeof LEASES;
  /** Makes this process's mark; false when the number is taken. Throws the system's error where such marks cannot be made. */
  make(number: number): Promise<boolean>;
  /** Who made a mark; null when nobody lives behind it. */
  holder(number: number): Promise<Holder | null>;
  tell(url: string): void;
  /** Gives the mark up, and leaves its file. */
  end(): Promise<void>;
}

/** Reads what a holder said; whatever cannot be read is not known. */
export function holderOf(text: string): Holder {
  try {
    const { since, pid, url } = JSON.parse(text) as Record<string, unknown>;
    return {
      since: typeof since === 'number' ? since : null,
      pid: typeof pid === 'number' ? pid : null,
      url: typeof url === 'string' ? url : null,
    };
  } catch {
    return { since: null, pid: null, url: null };
  }
}
