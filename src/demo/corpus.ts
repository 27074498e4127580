/**
 * The text of generated conversations: two long texts, what people and models write and what tools print, out of
 * which random passages are cut. Made once per process, always the same.
 */
import { Random } from './random.ts';

const PROSE_LENGTH = 256 * 1024;
const OUTPUT_LENGTH = 1024 * 1024;
const BASE64_LENGTH = 128 * 1024;

const WORDS = (
  'invoice meeting garden budget forecast backup server package parcel hotel ticket calendar weekly monthly plan ' +
  'review draft summary release rollback branch commit pipeline container database index schema query latency ' +
  'memory thermostat light door camera doctor school dinner recipe birthday flight train seat booking customer ' +
  'answer question idea next first last please check update remind compare explain translate collect write send ' +
  'read find the a an of for with without before after because when where and or not only every some most'
).split(' ');

/** What escaping, other scripts and characters outside the basic plane look like on disk. */
const SPECIALS = [
  'café',
  'Grüße',
  'naïve',
  '会議',
  '予約済み',
  'спасибо',
  'שלום',
  '🙂',
  '🚀',
  '“done”',
  '—',
  '\\',
  '"',
  '\t',
  '</p>',
];

class Corpus {
  readonly #text: string;
  readonly #starts: readonly number[];

  /** Takes lines from `line` until there is enough text. */
  constructor(length: number, line: () => string) {
    const lines: string[] = [];
    const starts: number[] = [];
    for (let at = 0; at < length; ) {
      starts.push(at);
      lines.push(`${line()}\n`);
      at += lines.at(-1)!.length;
    }
    this.#text = lines.join('');
    this.#starts = starts;
  }

  /** About `length` UTF-16 units from the start of a random line; surrogate pairs stay whole. */
  passage(random: Random, length: number): string {
    let wanted = Math.max(1, Math.floor(length));
    let passage = '';
    while (wanted > 0) {
      const from = random.pick(this.#starts);
      let to = Math.min(this.#text.length, from + wanted);
      if (isLowSurrogate(this.#text.charCodeAt(to))) to++;
      passage += this.#text.slice(from, to);
      wanted -= to - from;
    }
    return passage;
  }
}

const source = new Random('corpus');
const prose = new Corpus(PROSE_LENGTH, sentence);
const output = new Corpus(OUTPUT_LENGTH, outputLine);
const base64 = base64Text(BASE64_LENGTH);

/** What people and models write. */
export function proseText(random: Random, length: number): string {
  return prose.passage(random, length);
}

/** What tools print and files hold. */
export function outputText(random: Random, length: number): string {
  return output.passage(random, length);
}

/** Letters and digits as signatures and images have them, at most 64 Ki of them. */
export function base64Passage(random: Random, length: number): string {
  const from = random.integer(0, BASE64_LENGTH / 2);
  return base64.slice(from, from + Math.min(length, BASE64_LENGTH / 2));
}

function sentence(): string {
  const words = Array.from({ length: source.integer(5, 24) }, () =>
    source.pick(source.chance(0.02) ? SPECIALS : WORDS),
  ).join(' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${source.pick(['.', '.', '.', '?', ':'])}`;
}

function outputLine(): string {
  const word = () => source.pick(WORDS);
  const number = (most: number) => source.integer(1, most);
  switch (source.integer(0, 7)) {
    case 0:
      return `-rw-r--r-- 1 claw claw ${String(number(900_000)).padStart(8)} src/${word()}/${word()}-${source.hex(4)}.ts`;
    case 1:
      return JSON.stringify({ id: source.hex(12), name: word(), ok: source.chance(0.9), took: number(9000) });
    case 2:
      return `    at ${word()} (file:///srv/${word()}/dist/${source.hex(6)}.js:${number(4000)}:${number(80)})`;
    case 3:
      return `| ${word()} | ${word()} ${word()} | ${number(1000)} | ${(source.next() * 100).toFixed(2)} % |`;
    case 4:
      // Looks like a counted record; inside a JSON string it is only text.
      return source.chance(0.1)
        ? `{"type":"message","message":{"role":"assistant","usage":{"input":999999,"output":999999}}}`
        : `\u001b[32m${word()}\u001b[0m ${word()} ${source.hex(7)} ${sentence()}`;
    default:
      return sentence();
  }
}

function base64Text(length: number): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return Array.from({ length }, () => digits.charAt(source.integer(0, 63))).join('');
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
