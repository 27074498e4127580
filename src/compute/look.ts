/**
 * Looking at transcripts by name, thousands at a time: a list goes in (look-list.ts), and what is not as it was known comes
 * out, as bytes, so that a look at one that is costs hardly more than its system call.
 *
 *   found: for each that differs: place in the list | STAMP, NOTHING or ERROR | the stamp, nothing, or the error's code
 */
import { lstatSync } from 'node:fs';
import { isDatabase } from './agent-database.ts';
import { stampOf } from './file-stamp.ts';
import { type Found, LookReader, namesIn } from './look-list.ts';
import { readDatabase } from './quiet-database.ts';
import { sessionStates } from './session-states.ts';
import { errorCode } from './small-file.ts';
import { isStampOf, type StampNumbers, stampOfNumbers } from './stamp-numbers.ts';
import { ByteReader, ByteWriter } from './varint.ts';

/** A list of one directory of the file system, or of one database. */
export interface LookOrder {
  /** Absolute. */
  readonly directory: string;
  /** Of names relative to it. */
  readonly list: Uint8Array;
}

/** What a look found that is not as it was known, in the order of its list. */
export type Looked = Iterable<readonly [place: number, found: Found]>;

const STAMP = 0;
const NOTHING = 1;
const ERROR = 2;

/** Of a session's state: whether it is there, and what its stamp is made of. */
const STATE = 6;
const THERE = 1n;

const NO_THROW = { throwIfNoEntry: false } as const;
const EXACT = { bigint: true, throwIfNoEntry: false } as const;

/** Looks at all of an order. */
export function lookAt({ directory, list }: LookOrder): Uint8Array {
  const writer = new ByteWriter(256);
  const states = isDatabase(directory) ? statesIn(directory, namesIn(list)) : null;
  const reader = new LookReader(list);
  for (let place = 0; reader.next(); place++) {
    const { name, numbers } = reader;
    const found = states === null ? differing(`${directory}/${name}`, numbers) : states(name, numbers);
    if (found !== undefined) writeFound(writer, place, found);
  }
  return writer.finish();
}

/** Reads what lookAt() wrote. */
export function* readLooked(bytes: Uint8Array): Generator<readonly [place: number, found: Found], undefined> {
  for (const reader = new ByteReader(bytes); !reader.done; ) {
    const place = reader.unsigned();
    const outcome = reader.byte();
    if (outcome === NOTHING) yield [place, null];
    else yield [place, outcome === STAMP ? { stamp: reader.text() } : { error: reader.text() }];
  }
}

/** What is at a path, a link or a directory being nothing that counts; undefined where that is as it was known. */
function differing(path: string, numbers: StampNumbers | null): Found | undefined {
  try {
    if (numbers !== null) {
      const stats = lstatSync(path, NO_THROW);
      if (stats?.isFile() && isStampOf(numbers, stats)) return undefined;
    }
    const stats = lstatSync(path, EXACT);
    return stats?.isFile() ? unless(stampOf(stats), numbers) : null;
  } catch (error) {
    return { error: errorCode(error) };
  }
}

/** The same of the sessions of a database that have these names. As text their states would not fit into a thread's heap. */
function statesIn(
  file: string,
  names: readonly string[],
): (name: string, numbers: StampNumbers | null) => Found | undefined {
  const places = new Map(names.map((name, place) => [name, place * STATE]));
  const states = new BigInt64Array(names.length * STATE);
  try {
    readDatabase(file, (database) => {
      for (const { sessionId, dev, ino, events, updatedNs, hash } of sessionStates(database)) {
        const at = places.get(`${sessionId}.jsonl`);
        if (at !== undefined) states.set([THERE, dev, ino, events, updatedNs, hash], at);
      }
    });
  } catch (error) {
    const found = { error: errorCode(error) };
    return () => found;
  }
  return (name, numbers) => {
    const at = places.get(name) as number;
    const [there, ...state] = states.subarray(at, at + STATE);
    return there === THERE ? unless(state.join(':'), numbers) : null;
  };
}

function unless(stamp: string, numbers: StampNumbers | null): Found | undefined {
  return numbers !== null && stampOfNumbers(numbers) === stamp ? undefined : { stamp };
}

function writeFound(writer: ByteWriter, place: number, found: Found): void {
  writer.unsigned(place);
  if (found === null) {
    writer.byte(NOTHING);
  } else if ('stamp' in found) {
    writer.byte(STAMP);
    writer.text(found.stamp);
  } else {
    writer.byte(ERROR);
    writer.text(found.error);
  }
}
