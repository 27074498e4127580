/** What a mutation of a transcript line is, and the changes that many of them are made of. */
import { find, type JsonRecord, memberOf, textOf, treeOf } from './json-tree.ts';
import { below, type Random } from './random.ts';

/** Takes a valid line: a record with a message, without its newline. */
export interface Mutation {
  name: string;
  /** True when a transcript of the result must read exactly as one of the line. */
  sameReading: boolean;
  apply(line: string, rnd: Random): Buffer;
}

/** The usage of a decoy: it shows in figures when it is taken for the real one. */
export const DECOY = {
  input: 900_001,
  output: 900_002,
  cacheRead: 900_003,
  cacheWrite: 900_004,
  cost: { total: 900 },
};

/** Values of the types that a member should not have. */
export const WRONG_TYPES: readonly unknown[] = [
  true,
  false,
  null,
  0,
  1,
  -3.5,
  '',
  'text',
  [],
  [1, 'a', null],
  {},
  [[]],
  { input: 5 },
];

/** A mutation of the record's tree. */
export function changed(name: string, change: (record: JsonRecord, rnd: Random) => void): Mutation {
  return {
    name,
    sameReading: false,
    apply(line, rnd) {
      const tree = treeOf(line);
      if (tree.kind !== 'record')
        throw new TypeError(`a line to mutate holds an object; this one: ${line.slice(0, 80)}`);
      change(tree, rnd);
      return Buffer.from(textOf(tree));
    },
  };
}

/** The record's message; where it is no object, a new one takes its place. */
export function messageOf(record: JsonRecord): JsonRecord {
  const message = find(record, 'message');
  if (message?.kind === 'record') return message;
  const created: JsonRecord = { kind: 'record', members: [memberOf('role', 'assistant')] };
  record.members.push({ key: '"message"', value: created });
  return created;
}

/** Adds a member before or after those that are there, whether or not one has this name already. */
export function addAnywhere(record: JsonRecord, name: string, value: unknown, rnd: Random): void {
  record.members.splice(below(record.members.length + 1, rnd), 0, memberOf(name, value));
}

/** The only member of this name. */
export function set(record: JsonRecord, name: string, value: unknown): void {
  record.members = [...record.members.filter(({ key }) => key !== JSON.stringify(name)), memberOf(name, value)];
}
