/**
 * service.json in the data directory: where the service that holds the directory answers, for commands and scripts of
 * the same user. It is no proof that anybody lives: a killed process leaves it behind. Who lives is known by the lock.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Milliseconds } from '../units.ts';
import { removeFile } from './marks.ts';

const FILE = 'service.json';

export interface ServiceFacts {
  /** Where to ask, base path included. */
  readonly url: string;
  readonly basePath: string;
  readonly version: string;
  readonly pid: number;
  /** With `pid` it tells one life of a service from the next. */
  readonly startedAt: Milliseconds;
  readonly needsToken: boolean;
  /** Good in place of the token while this process lives; null where none is needed. */
  readonly pass: string | null;
}

/**
 * Writes the file, readable by its owner alone, in the place of an earlier one. Gives what removes it; where it cannot
 * be written, the service is only harder to find, and nothing is thrown.
 */
export function writeServiceFile(directory: string, facts: ServiceFacts): () => void {
  const path = join(directory, FILE);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    try {
      removeFile(temporary);
    } catch {
      // The directory lets nobody do anything.
    }
    return () => {};
  }
  return () => removeFile(path);
}

/** What the file says; null where there is none that can be read. */
export function readServiceFile(directory: string): ServiceFacts | null {
  try {
    const facts = JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as Partial<ServiceFacts>;
    const { url, pid, startedAt } = facts;
    const whole = typeof url === 'string' && typeof pid === 'number' && typeof startedAt === 'number';
    return whole ? (facts as ServiceFacts) : null;
  } catch {
    return null;
  }
}
