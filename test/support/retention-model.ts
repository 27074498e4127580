/**
 * What a service has to count that looked at a state directory now and then: all that is there, and the last that was
 * seen of what is gone. Worked out from whole files, as slowly as it takes.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readStateDir, type StoredSession } from '../oracle/sessions.ts';

interface Seen {
  readonly session: StoredSession;
  readonly bytes: Buffer;
  readonly inode: number;
}

export class RetentionModel {
  readonly #directory: string;
  #there = new Map<string, Seen>();
  #gone = new Map<string, Seen>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Forgets what was there, as a service does that lost its digests. */
  loseDigests(): void {
    this.#there = new Map();
  }

  /** What counts after one more look. */
  look(): StoredSession[] {
    const before = this.#there;
    this.#there = new Map(readStateDir(this.#directory).map((session) => [nameOf(session), this.#see(session)]));
    const came = [...this.#there.entries()]
      .filter(([name, { inode }]) => before.get(name)?.inode !== inode)
      .map(([, seen]) => seen);
    for (const [name, seen] of before) if (!this.#there.has(name)) this.#gone.set(name, seen);
    for (const [name, seen] of this.#gone) {
      const isThere = this.#there.has(name) || came.some((newer) => isOf(seen, newer) && holds(newer, seen));
      if (isThere || seen.session.records.length === 0) this.#gone.delete(name);
    }
    const retained = [...this.#gone.values()].map(({ session }) => ({ ...session, retained: true }));
    const there = [...this.#there.values()].map(({ session }) => session);
    return [...there, ...retained].sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  }

  get retained(): number {
    return this.#gone.size;
  }

  #see(session: StoredSession): Seen {
    const path = join(this.#directory, 'agents', session.agent, 'sessions', session.fileName);
    // A file's own time is taken in whole milliseconds.
    const whole = { ...session, updatedAt: Math.floor(session.updatedAt) };
    return { session: whole, bytes: readFileSync(path), inode: statSync(path).ino };
  }
}

function nameOf({ agent, fileName }: StoredSession): string {
  return `${agent}/${fileName}`;
}

/** Whether one may be the other under another name. */
function isOf(gone: Seen, came: Seen): boolean {
  const sameSession = gone.session.agent === came.session.agent && gone.session.sessionId === came.session.sessionId;
  return sameSession || gone.inode === came.inode;
}

/** Whether a file begins with all the whole lines of another; of one without any, whether it is the same. */
function holds(came: Seen, gone: Seen): boolean {
  const lines = gone.bytes.subarray(0, gone.bytes.lastIndexOf(10) + 1);
  return lines.length === 0 ? came.bytes.equals(gone.bytes) : came.bytes.subarray(0, lines.length).equals(lines);
}
