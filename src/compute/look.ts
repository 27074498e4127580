/**
 * Looking at transcripts by name, thousands at a time: names go in, and what was found comes out, as bytes, so that a
 * look at one costs hardly more than its system call.
 *
 *   names: UTF-8, with a zero byte between them
 *   found: for each name six 64-bit integers: the outcome, dev, ino, size, mtimeNs, ctimeNs
 */
import { lstatSync } from 'node:fs';
import { isDatabase } from './agent-database.ts';
import { type FileState, fileStateOf } from './file-stamp.ts';
import { readDatabase } from './quiet-database.ts';
import { sessionStates } from './session-states.ts';
import { errorCode } from './small-file.ts';

/** Names of one directory of the file system, relative to it. */
export interface LookOrder {
  /** Absolute. */
  readonly directory: string;
  readonly names: readonly string[];
}

const FOUND = 0n;
/** Nothing there, or nothing that counts: a link, a directory. */
const MISSING = 1n;
/** The outcomes from here on are errors, in the order in which they were first met. */
const FIRST_ERROR = 2n;
const FIELDS = 6;

export function packNames(names: readonly string[]): Uint8Array {
  return Buffer.from(names.join('\0'));
}

export function unpackNames(packed: Uint8Array): string[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const names: string[] = [];
  // Not split(): its pieces would keep the whole text alive.
  for (let start = 0; start < bytes.length; ) {
    const zero = bytes.indexOf(0, start);
    const end = zero < 0 ? bytes.length : zero;
    names.push(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return names;
}

/** Looks at every name of an order. @param errors codes of the file system's errors, of all orders of one task */
export function lookAt({ directory, names }: LookOrder, errors: string[]): Uint8Array {
  if (isDatabase(directory)) return lookInto(directory, names, errors);
  const found = new BigInt64Array(names.length * FIELDS);
  for (const [index, name] of names.entries()) {
    const at = index * FIELDS;
    found[at] = MISSING;
    try {
      const stats = lstatSync(`${directory}/${name}`, { bigint: true, throwIfNoEntry: false });
      if (!stats?.isFile()) continue;
      found[at] = FOUND;
      found[at + 1] = stats.dev;
      found[at + 2] = stats.ino;
      found[at + 3] = stats.size;
      found[at + 4] = stats.mtimeNs;
      found[at + 5] = stats.ctimeNs;
    } catch (error) {
      const code = errorCode(error);
      if (!errors.includes(code)) errors.push(code);
      found[at] = FIRST_ERROR + BigInt(errors.indexOf(code));
    }
  }
  return new Uint8Array(found.buffer);
}

/** The same for the sessions of a database. */
function lookInto(file: string, names: readonly string[], errors: string[]): Uint8Array {
  const found = new BigInt64Array(names.length * FIELDS);
  try {
    const indexes = new Map(names.map((name, index) => [name, index]));
    found.fill(MISSING);
    readDatabase(file, (database) => {
      for (const { sessionId, dev, ino, events, updatedNs, hash } of sessionStates(database)) {
        const index = indexes.get(`${sessionId}.jsonl`);
        if (index !== undefined) found.set([FOUND, dev, ino, events, updatedNs, hash], index * FIELDS);
      }
    });
  } catch (error) {
    const code = errorCode(error);
    if (!errors.includes(code)) errors.push(code);
    for (let at = 0; at < found.length; at += FIELDS) found[at] = FIRST_ERROR + BigInt(errors.indexOf(code));
  }
  return new Uint8Array(found.buffer);
}

/** Reads what lookAt() wrote. */
export class Looked {
  readonly count: number;
  readonly #found: BigInt64Array;
  readonly #errors: readonly string[];

  constructor(packed: Uint8Array, errors: readonly string[]) {
    // Inside an envelope the bytes may begin anywhere.
    this.#found = new BigInt64Array(new Uint8Array(packed).buffer);
    this.#errors = errors;
    this.count = this.#found.length / FIELDS;
  }

  /** The transcript there, null when there is none, or the code of the error that kept it from being looked at. */
  at(index: number): FileState | null | string {
    const [outcome, dev, ino, size, mtimeNs, ctimeNs] = this.#found.subarray(
      index * FIELDS,
      (index + 1) * FIELDS,
    ) as unknown as [bigint, bigint, bigint, bigint, bigint, bigint];
    if (outcome === MISSING) return null;
    if (outcome !== FOUND) return this.#errors[Number(outcome - FIRST_ERROR)] as string;
    return fileStateOf(`${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`);
  }
}
