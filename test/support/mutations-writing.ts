/** The same value, written differently. */
import { type JsonMember, recordsIn, scalarsIn, textOf, treeOf } from './json-tree.ts';
import type { Mutation } from './mutation.ts';
import { below, pick, type Random, shuffled } from './random.ts';

export const WRITING: Mutation[] = [
  same('as it is', (line) => line),
  same('members in another order', (line, rnd) => {
    const tree = treeOf(line);
    for (const record of recordsIn(tree)) record.members = shuffled(record.members, rnd);
    return textOf(tree);
  }),
  same('white space wherever it is legal', (line, rnd) =>
    textOf(treeOf(line), () => (rnd() < 0.3 ? pick([' ', '\t', '  ', ' \t '], rnd) : '')),
  ),
  same('lone carriage returns wherever white space is legal', (line, rnd) =>
    textOf(treeOf(line), () => (rnd() < 0.1 ? '\r' : '')),
  ),
  same('a space after every colon and comma', (line) => textOf(treeOf(line), () => ' ')),
  same('keys with escapes', (line, rnd) => {
    const tree = treeOf(line);
    for (const record of recordsIn(tree)) {
      for (const member of record.members) member.key = escaped(member.key, rnd);
    }
    return textOf(tree);
  }),
  same('strings with escapes', (line, rnd) => {
    const tree = treeOf(line);
    for (const scalar of scalarsIn(tree)) if (scalar.text.startsWith('"')) scalar.text = escaped(scalar.text, rnd);
    return textOf(tree);
  }),
  same('numbers with exponents and fractions', (line, rnd) => {
    const tree = treeOf(line);
    for (const scalar of scalarsIn(tree)) {
      if (!/^-?\d+$/.test(scalar.text)) continue;
      scalar.text += pick(['.0', '.000', 'e0', 'E+00', 'e-0', '.0e0'], rnd);
    }
    return textOf(tree);
  }),
  same('every key twice, the last one as it was', (line, rnd) => {
    const tree = treeOf(line);
    for (const record of recordsIn(tree))
      record.members = [...shuffled(record.members, rnd).map(other(rnd)), ...record.members];
    return textOf(tree);
  }),
  same('a carriage return before the newline', (line) => `${line}\r`),
  same('several carriage returns around it', (line) => `\r${line}\r\r`),
  same('a byte order mark before it', (line) => `\uFEFF${line}`),
  same('exotic white space around it', (line, rnd) => {
    const space = () => pick(['\u00a0', '\u2003', '\u2028', '\u2029', '\u3000', '\v', '\f', '\t', ' '], rnd);
    return `${space()}${space()}${line}${space()}`;
  }),
  same('blank lines around it', (line) => `\n  \n\r\n${line}\n\t\r`),
];

function same(name: string, write: (line: string, rnd: Random) => string): Mutation {
  return { name, sameReading: true, apply: (line, rnd) => Buffer.from(write(line, rnd)) };
}

/** A JSON string with some of its plain letters, digits and signs as `\uXXXX`. */
function escaped(text: string, rnd: Random): string {
  const inner = text.slice(1, -1).replace(/\\u[0-9a-fA-F]{4}|\\.|[^\\]/g, (unit) => {
    if (unit.length !== 1 || rnd() > 0.2) return unit;
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${rnd() < 0.5 ? digits : digits.toUpperCase()}`;
  });
  return `"${inner}"`;
}

const OTHER_VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '7e3',
  '""',
  '"user"',
  '"assistant"',
  '[]',
  '{}',
  '[{"usage":{"input":9}}]',
];

/** The same key with a value that must not win. */
function other(rnd: Random): (member: JsonMember) => JsonMember {
  return ({ key, value }) => {
    if (below(3, rnd) === 0) return { key, value };
    return { key: rnd() < 0.3 ? escaped(key, rnd) : key, value: { kind: 'text', text: pick(OTHER_VALUES, rnd) } };
  };
}
