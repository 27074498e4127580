/**
 * JSON text as a tree that keeps what parsing loses: the order of members, duplicate keys, and how a scalar is written.
 * For tests that write the same record, or nearly the same, in unusual ways.
 */

export type JsonTree = JsonText | JsonList | JsonRecord;

/** A scalar as it is written; need not be valid. */
export interface JsonText {
  kind: 'text';
  text: string;
}

export interface JsonList {
  kind: 'list';
  items: JsonTree[];
}

export interface JsonRecord {
  kind: 'record';
  members: JsonMember[];
}

export interface JsonMember {
  /** As it is written, quotes and escapes included. */
  key: string;
  value: JsonTree;
}

/** The tree of a JSON text. */
export function treeOf(text: string): JsonTree {
  return fromValue(JSON.parse(text));
}

/** The tree of a value that JSON can hold. */
export function fromValue(value: unknown): JsonTree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(fromValue) };
  if (typeof value !== 'object' || value === null) return { kind: 'text', text: JSON.stringify(value) };
  return { kind: 'record', members: Object.entries(value).map(([key, member]) => memberOf(key, member)) };
}

export function memberOf(key: string, value: unknown): JsonMember {
  return { key: JSON.stringify(key), value: fromValue(value) };
}

/** `gap` gives the text to stand between two tokens. */
export function textOf(tree: JsonTree, gap: () => string = () => ''): string {
  if (tree.kind === 'text') return tree.text;
  const parts =
    tree.kind === 'list'
      ? tree.items.map((item) => textOf(item, gap))
      : tree.members.map(({ key, value }) => `${key}${gap()}:${gap()}${textOf(value, gap)}`);
  const [open, close] = tree.kind === 'list' ? ['[', ']'] : ['{', '}'];
  return `${open}${gap()}${parts.join(`${gap()},${gap()}`)}${gap()}${close}`;
}

/** All records of a tree, the outermost first. */
export function recordsIn(tree: JsonTree): JsonRecord[] {
  if (tree.kind === 'text') return [];
  if (tree.kind === 'list') return tree.items.flatMap(recordsIn);
  return [tree, ...tree.members.flatMap((member) => recordsIn(member.value))];
}

/** All scalars of a tree. */
export function scalarsIn(tree: JsonTree): JsonText[] {
  if (tree.kind === 'text') return [tree];
  return tree.kind === 'list' ? tree.items.flatMap(scalarsIn) : tree.members.flatMap(({ value }) => scalarsIn(value));
}

/** The value of the last member of that name along the path; undefined where there is none. */
export function find(tree: JsonTree, ...path: string[]): JsonTree | undefined {
  let at: JsonTree | undefined = tree;
  for (const name of path) {
    if (at?.kind !== 'record') return undefined;
    at = at.members.findLast((member) => member.key === JSON.stringify(name))?.value;
  }
  return at;
}
