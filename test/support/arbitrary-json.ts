/** fast-check arbitraries for JSON texts as bytes: well-formed ones in odd spellings, damaged ones, and token soup. */
import fc from 'fast-check';
import { type JsonMember, memberOf, recordsIn, textOf, treeOf } from './json-tree.ts';
import { pick, type Random, seededRandom, shuffled } from './random.ts';

/** What String.trim removes beside the blanks of JSON. */
export const TRIMMED_BLANKS: readonly string[] = [
  ...'\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
];

const KEYS = ['', 'a', 'role', '__proto__', 'naïve', '\u{1F680}', 'x'.repeat(40), 'a"b\\c', '\u0000'];

const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, -0.5, 1e21, '', 'text', '"\\/\b\u2028', '\u{1F680}\ud83d'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('any'), { maxKeys: 4 }),
  ),
})).any;

const blanks = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(' ', '\t\r\n', ...TRIMMED_BLANKS)).map((all) => all.join('')) },
);

/** Texts of any value, with white space wherever it is legal, escaped letters in keys, and keys that come twice. */
export const jsonText: fc.Arbitrary<Buffer> = fc
  .tuple(value, fc.integer(), blanks, blanks)
  .map(([any, seed, before, after]) => Buffer.from(before + spelled(any, seededRandom(seed)) + after));

function spelled(any: unknown, rnd: Random): string {
  const tree = treeOf(JSON.stringify(any));
  for (const record of recordsIn(tree)) {
    const repeated = record.members
      .filter(() => rnd() < 0.2)
      .map(({ key }): JsonMember => ({ ...memberOf('', 0), key }));
    record.members = [...shuffled(repeated, rnd), ...record.members];
    for (const member of record.members) if (rnd() < 0.2) member.key = member.key.replace(/[a-z]/, asEscape);
  }
  return textOf(tree, () => (rnd() < 0.2 ? pick([' ', '\t', '\n', '\r  '], rnd) : ''));
}

function asEscape(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16)}`;
}

/** Such texts with one byte changed, lost, doubled or added, or cut off. */
export const damagedJsonText: fc.Arbitrary<Buffer> = fc
  .tuple(
    jsonText,
    fc.nat(),
    fc.constantFrom('change', 'lose', 'double', 'add', 'cut'),
    fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]:,"\\0-.e '))),
  )
  .map(([bytes, place, damage, byte]) => {
    const at = bytes.length === 0 ? 0 : place % bytes.length;
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    if (damage === 'cut') return before;
    if (damage === 'lose') return Buffer.concat([before, after.subarray(1)]);
    if (damage === 'double') return Buffer.concat([before, after.subarray(0, 1), after]);
    return Buffer.concat([before, Buffer.from([byte]), damage === 'change' ? after.subarray(1) : after]);
  });

const TOKENS = [
  ...'{ } [ ] : , " "a" \\ \\u00e9 \\n 0 1 - . e E + true false null nul \u0000 \u001f \u007f'.split(' '),
  ...[' ', '\n', '\u00a0', '\ufeff', '\u2028'],
].map((token) => Buffer.from(token));
const HALVES = [[0xff], [0xc3], [0xe2, 0x80], [0xc2], [0x80]].map((bytes) => Buffer.from(bytes));

/** The tokens of JSON, white space and broken UTF-8 in any order. */
export const jsonTokens: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...TOKENS) },
      { weight: 1, arbitrary: fc.constantFrom(...HALVES) },
    ),
  )
  .map((tokens) => Buffer.concat(tokens));
