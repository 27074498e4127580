/** Damage: bytes that are no UTF-8, text that is no JSON, and lines that were cut, joined or filled with rubbish. */
import { scalarsIn, textOf, treeOf } from './json-tree.ts';
import type { Mutation } from './mutation.ts';
import { below, pick, type Random } from './random.ts';

const INVALID_UTF8 = [
  [0xff],
  [0xc3],
  [0xc3, 0x28],
  [0xed, 0xa0, 0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x9a],
  [0x80],
  [0xc0, 0xaf],
  [0xf5, 0x80, 0x80, 0x80],
];

export const BROKEN: Mutation[] = [
  damaged('bytes that are no UTF-8 in a string', (line, rnd) =>
    insertedInString(line, Buffer.from(pick(INVALID_UTF8, rnd)), rnd),
  ),
  damaged('bytes that are no UTF-8 anywhere', (line, rnd) =>
    insertedAnywhere(line, Buffer.from(pick(INVALID_UTF8, rnd)), rnd),
  ),
  damaged('a raw control character in a string', (line, rnd) =>
    insertedInString(line, Buffer.from([below(32, rnd)]), rnd),
  ),
  damaged('a NUL, newline or carriage return anywhere', (line, rnd) =>
    insertedAnywhere(line, Buffer.from(pick(['\0', '\n', '\r', '\0\0\0\0'], rnd)), rnd),
  ),
  damaged('NULs before or after', (line, rnd) => (rnd() < 0.5 ? `\0\0\0\0${line}` : `${line}\0\0\0\0`)),
  damaged('nothing but NULs', () => '\0'.repeat(4096)),
  damaged('cut off at any byte', (line, rnd) => {
    const bytes = Buffer.from(line);
    return bytes.subarray(0, below(bytes.length, rnd));
  }),
  damaged('its beginning lost', (line, rnd) => {
    const bytes = Buffer.from(line);
    return bytes.subarray(below(bytes.length, rnd));
  }),
  damaged('any byte flipped', (line, rnd) => {
    const bytes = Buffer.from(line);
    const at = below(bytes.length, rnd);
    bytes[at] = (bytes[at] as number) ^ (1 << below(8, rnd));
    return bytes;
  }),
  damaged('any byte dropped', (line, rnd) => {
    const bytes = Buffer.from(line);
    const at = below(bytes.length, rnd);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  }),
  damaged('two objects on one line', (line, rnd) => `${line}${pick(['', ' ', ',', '\t', '\r'], rnd)}${line}`),
  damaged(
    'cut off, then the next line without a newline between',
    (line, rnd) => `${line.slice(0, below(line.length, rnd))}${line}`,
  ),
  damaged(
    'rubbish behind it',
    (line, rnd) => line + pick(['}', ']', ',', 'x', ' null', '"', '//', '/* c */', '\u00a0}'], rnd),
  ),
  damaged(
    'rubbish before it',
    (line, rnd) => pick(['{', '[', ',', 'x', 'data: ', '"', '\u00a0{', ")]}',"], rnd) + line,
  ),
  damaged('a comma too many', (line, rnd) => line.replace(pick([/\}/, /\{/, /,/, /:/], rnd), (sign) => `${sign},`)),
  damaged('text that is almost JSON', (line, rnd) => {
    const tree = treeOf(line);
    const scalar = pick(scalarsIn(tree), rnd);
    scalar.text = pick(
      [
        '01',
        '+1',
        '.5',
        '5.',
        '1e',
        '0x10',
        'NaN',
        'Infinity',
        'undefined',
        'True',
        "'a'",
        '"\\x41"',
        '"\\u12G4"',
        '"\\u12"',
        '-',
        '1_000',
        '"\\',
        'nul',
      ],
      rnd,
    );
    return textOf(tree);
  }),
  damaged('keys without quotes', (line) => line.replace(/"(role|usage)":/, '$1:')),
  damaged('UTF-16', (line) => Buffer.from(line, 'utf16le')),
  damaged('an empty line', () => ''),
  damaged('white space only', (_, rnd) => pick([' ', '\t\t', '\r', '\u00a0', '\uFEFF', '\u2028'], rnd)),
  damaged('a scalar', (_, rnd) => pick(['null', 'true', '42', '"text"', '-0', '1e400', '[]', '{}', '[1,2,3]'], rnd)),
  damaged('a byte order mark inside', (line) => line.replace(',', ',\uFEFF')),
  damaged('exotic white space inside', (line, rnd) =>
    line.replace(':', `:${pick(['\u00a0', '\u2028', '\v', '\f'], rnd)}`),
  ),
];

function damaged(name: string, damage: (line: string, rnd: Random) => string | Buffer): Mutation {
  return { name, sameReading: false, apply: (line, rnd) => Buffer.from(damage(line, rnd)) };
}

function insertedAnywhere(line: string, extra: Buffer, rnd: Random): Buffer {
  const bytes = Buffer.from(line);
  const at = below(bytes.length + 1, rnd);
  return Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)]);
}

/** Puts bytes behind the opening quote of some string, of a key or a value. */
function insertedInString(line: string, extra: Buffer, rnd: Random): Buffer {
  const tokens = line.split(/("(?:[^"\\]|\\.)*")/);
  const strings = tokens.map((_, at) => at).filter((at) => at % 2 === 1);
  const chosen = pick(strings, rnd);
  const before = Buffer.from(`${tokens.slice(0, chosen).join('')}"`);
  const after = Buffer.from((tokens[chosen] as string).slice(1) + tokens.slice(chosen + 1).join(''));
  return Buffer.concat([before, extra, after]);
}
