import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasNewline, LineScanner, type LineSink } from '../../src/compute/line-scanner.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { MIB } from '../../src/units.ts';
import { readFrom } from '../support/pieces.ts';

/** What a scan said, in order: the model of a line that counts, or what else there was. */
function scan(
  text: string | Buffer,
  { size = 1024, from = 0, to = Buffer.byteLength(text), toolResults = false } = {},
) {
  const said: string[] = [];
  const sink: LineSink = {
    message: (facts) => said.push(String(facts.messageModel)),
    malformed: () => said.push('(malformed)'),
    cut: () => said.push('(cut)'),
    tail: () => said.push('(tail)'),
  };
  const scanner = new LineScanner(new ScanKernel(size), sink, toolResults);
  const next = scanner.scan(readFrom(Buffer.from(text)), from, to);
  return { said, next, counts: scanner.counts };
}

interface Growth {
  readonly name: string;
  readonly usage: string;
  readonly cut: number;
  readonly grownRss: number;
  readonly grownBuffers: number;
}

/** A line that counts; `more` are further members of the message. */
function line(model: string, more = ''): string {
  return `{"type":"message","message":{"role":"assistant","model":"${model}"${more}}}`;
}

const toolResult = '{"type":"message","message":{"role":"toolResult","toolName":"exec","content":[]}}';
const SIZES = [64, 65, 100, 256, 4096, MIB];

describe('the lines of a transcript', () => {
  it('are those between newlines, whatever the size of the buffer', () => {
    const text = `${line('a')}\n\n${line('b', `,"content":"${'x'.repeat(300)}"`)}\r\n\n\n${toolResult}\n${line('c')}\n`;
    for (const size of SIZES) {
      const { said, next, counts } = scan(text, { size });
      expect(said).toEqual(['a', 'b', 'c']);
      expect(next).toBe(text.length);
      expect(counts.lines).toBe(4);
    }
  });

  it('are no messages and not malformed where they are blank, though every line is read', () => {
    const text = `${line('a')}\n \r\n\n\t\n${line('b')}\n`;
    expect(scan(text, { toolResults: true }).said).toEqual(['a', 'b']);
  });

  it('may end exactly where the buffer does, or a byte before or behind it', () => {
    const text = `${line('a')}\n${line('b')}\n${line('c')}\n`;
    for (let size = 8; size <= text.length + 2; size++)
      expect(scan(text, { size })).toMatchObject({ said: ['a', 'b', 'c'], next: text.length });
  });

  it('are looked for from the start of one on, and up to the size that is asked for', () => {
    const [a, b, c] = [`${line('a')}\n`, `${line('b')}\n`, `${line('c')}\n`];
    const text = a + b + c;
    for (const size of SIZES) {
      expect(scan(text, { size, from: a.length })).toMatchObject({ said: ['b', 'c'], next: text.length });
      expect(scan(text, { size, to: a.length + b.length })).toMatchObject({
        said: ['a', 'b'],
        next: a.length + b.length,
      });
      expect(scan(text, { size, to: a.length + 40 })).toMatchObject({ said: ['a'], next: a.length });
      expect(scan(text, { size, from: text.length })).toMatchObject({ said: [], next: text.length });
    }
  });

  it('are fewer when the transcript turns out to be shorter', () => {
    const text = `${line('a')}\n${line('b')}\n${line('c').slice(0, 50)}`;
    for (const size of SIZES) {
      const { said, next } = scan(text, { size, to: 10_000 });
      expect(said).toEqual(['a', 'b']);
      expect(next).toBe(text.lastIndexOf('\n') + 1);
    }
  });

  it('can be many in one buffer', () => {
    const names = Array.from({ length: 5000 }, (_, at) => `m${at}`);
    const { said, counts } = scan(names.map((name) => `${toolResult}\n${line(name)}\n`).join(''), { size: MIB });
    expect(said).toEqual(names);
    expect(counts).toEqual({ lines: 10_000, fast: 10_000, parsed: 0, streamed: 0 });
  });

  it('come to an error of reading as it is', () => {
    const scanner = new LineScanner(new ScanKernel(64), { message() {}, malformed() {}, cut() {}, tail() {} });
    const failure = new Error('EIO');
    expect(() =>
      scanner.scan(
        () => {
          throw failure;
        },
        0,
        10,
      ),
    ).toThrow(failure);
  });
});

describe('a line', () => {
  const size = 4096;

  it.each([
    ['has no role', '{"type":"session","version":3,"timestamp":"2026-11-22T00:00:00Z"}'],
    ['is no JSON and has no role', '{"type":"message","mess'],
    ['is the result of a tool', toolResult],
    ['has a role in its text only, where quotes are escaped', '{"type":"custom","data":"\\"role\\":\\"user\\""}'],
    ['has escapes of other characters', '{"type":"custom","data":"\\u0022role\\u0022 \\u00e9 \\u0041"}'],
    ['is blank', ' \t '],
  ])('that %s is rejected unread', (_, text) => {
    expect(scan(`${text}\n`, { size })).toMatchObject({
      said: [],
      counts: { lines: 1, fast: 1, parsed: 0, streamed: 0 },
    });
  });

  it.each([
    ['counts', line('m'), ['m']],
    ['has its members in another order', '{"message":{"model":"m","content":[],"role":"user"},"id":1}', ['m']],
    ['has white space between tokens', '{ "message" : { "role" : "user" , "model" : "m" } }\r', ['m']],
    ['has another role', '{"message":{"role":"system","model":"m"}}', []],
    ['has a role elsewhere', '{"data":{"role":"user"},"message":{"model":"m"}}', []],
    [
      'has a tool result in it, and a message',
      '{"data":{"role":"toolResult"},"message":{"role":"user","model":"m"}}',
      ['m'],
    ],
    ['is a tool result followed by a role', '{"message":{"role":"toolResult","model":"m","data":{"role":"user"}}}', []],
    [
      'has the role of a tool result, then the one that counts',
      '{"data":{"role":"toolResult","role":"toolResult"},"message":{"role":"user","model":"m"}}',
      ['m'],
    ],
    ['has a role that only begins like a tool result', '{"message":{"role":"toolResultX","model":"m"}}', []],
    ['is torn after its role', '{"message":{"role":"assistant","mod', ['(malformed)']],
    ['ends in rubbish', `${line('m')}}`, ['(malformed)']],
    ['is two records', line('m') + line('m'), ['(malformed)']],
    ['begins with a byte order mark', `\uFEFF${line('m')}`, ['m']],
    ['begins and ends with white space', ` \u00a0${line('m')}\u2003\r`, ['m']],
    ['begins with rubbish', `x${line('m')}`, ['(malformed)']],
    ['is an array', `[${line('m')}]`, []],
    ['is a text', '"r\\u006fle"', ['(malformed)']],
    ['has a member twice and ends in rubbish', '{"message":{"role":"user","role":"user"}}}', ['(malformed)']],
  ])('that %s is cut out without being parsed', (_, text, said) => {
    expect(scan(`${text}\n`, { size })).toMatchObject({ said, counts: { lines: 1, fast: 1, parsed: 0, streamed: 0 } });
  });

  it.each([
    ['has the letters of its role escaped', '{"message":{"r\\u006fle":"user","model":"m"}}', ['m']],
    ['has all of them escaped', '{"message":{"\\u0072\\u006F\\u006c\\u0065":"user","model":"m"}}', ['m']],
    [
      'has a tool result, and a role escaped',
      '{"message":{"role":"toolResult","rol\\u0065":"user","model":"m"}}',
      ['m'],
    ],
    ['has a member twice', '{"message":{"role":"user","model":"a","model":"m"}}', ['m']],
    ['has one, and white space around it', '\uFEFF{"message":{"role":"user","model":"a","model":"m"}}\u2003', ['m']],
    ['has two roles of tool results', '{"message":{"role":"toolResult","model":"m","role":"toolResult"}}', []],
    ['has a member of more than 256 KiB', line('m', `,"usage":"${'x'.repeat(300_000)}"`), ['m']],
  ])('that %s is parsed whole', (_, text, said) => {
    expect(scan(`${text}\n`, { size: MIB })).toMatchObject({
      said,
      counts: { lines: 1, fast: 0, parsed: 1, streamed: 0 },
    });
  });

  it.each([
    ['counts', line('m', `,"content":"${'x'.repeat(500)}"`), ['m']],
    ['counts and was shifted by white space', `${'\u00a0'.repeat(200)}${line('m')}${'\u2003'.repeat(200)}`, ['m']],
    [
      'has the letters of its role escaped',
      `{"message":{"r\\u006fle":"user","model":"m","content":"${'x'.repeat(500)}"}}`,
      ['m'],
    ],
    ['has a member twice', `{"message":{"role":"user","model":"a","content":"${'x'.repeat(500)}","model":"m"}}`, ['m']],
    ['is a tool result', `{"message":{"role":"toolResult","content":"${'x'.repeat(500)}"}}`, []],
    ['is torn', `{"message":{"role":"user","content":"${'x'.repeat(500)}`, ['(malformed)']],
    ['is no JSON', 'x'.repeat(500), ['(malformed)']],
    ['has a member of more than 256 KiB', line('m', `,"usage":"${'x'.repeat(300_000)}"`), ['(cut)', 'm']],
    ['has such a member and ends in rubbish', `${line('m', `,"usage":"${'x'.repeat(300_000)}"`)}}`, ['(malformed)']],
  ])('longer than the buffer that %s is cut through', (_, text, said) => {
    for (const bufferSize of [64, 65, 200]) {
      const { counts, ...result } = scan(`${line('a')}\n${text}\n${line('b')}\n`, { size: bufferSize });
      expect(result.said).toEqual(['a', ...said, 'b']);
      expect(counts.streamed).toBeGreaterThan(0);
    }
  });
});

describe('what stands behind the last newline', () => {
  const before = `${line('a')}\n`;

  it.each([
    ['counts for now', line('b'), ['a', '(tail)', 'b']],
    ['counts for now when it is parsed whole', ` ${line('b')}`, ['a', '(tail)', 'b']],
    ['does not count when it is no record that counts', toolResult, ['a']],
    ['is still being written when it is no JSON', line('b').slice(0, -1), ['a']],
    ['is still being written when it begins otherwise', 'x"role"', ['a']],
    ['may be white space', ' \r', ['a']],
    ['may be nothing', '', ['a']],
    ['may be cut through', line('b', `,"content":"${'x'.repeat(5000)}"`), ['a', '(tail)', 'b']],
    ['may be cut through and torn', `{"message":{"role":"user","content":"${'x'.repeat(5000)}`, ['a']],
  ])('%s', (_, tail, said) => {
    for (const size of [64, 256, 4096]) {
      const result = scan(before + tail, { size });
      expect(result.said).toEqual(said);
      expect(result.next).toBe(before.length);
      expect(result.counts.lines).toBe(tail === '' ? 1 : 2);
    }
  });

  it('is said before anything of it counts', () => {
    const dropped = `,"usage":"${'x'.repeat(300_000)}"`;
    expect(scan(before + line('b', dropped)).said).toEqual(['a', '(tail)', '(cut)', '(tail)', 'b']);
    expect(scan(`${before}{"message":{"role":"toolResult"${dropped}}}`).said).toEqual(['a', '(tail)', '(cut)']);
  });

  it('may be all that there is', () => {
    for (const size of SIZES) expect(scan(line('a'), { size })).toMatchObject({ said: ['(tail)', 'a'], next: 0 });
  });
});

describe('whether a line ends', () => {
  it.each([
    ['', false],
    ['\n', true],
    [`${'x'.repeat(1000)}\n`, true],
    [`${'x'.repeat(1000)}\nyy`, true],
    ['x'.repeat(1001), false],
  ])('in %j is found by any buffer', (text, ends) => {
    const bytes = Buffer.from(`\n${text}`);
    for (const size of SIZES) {
      expect(hasNewline(readFrom(bytes), 1, bytes.length, Buffer.alloc(size))).toBe(ends);
    }
  });

  it('is no when the transcript is shorter than it was', () => {
    expect(hasNewline(readFrom(Buffer.from('x')), 1, 10, Buffer.alloc(4))).toBe(false);
  });
});

describe('lines of 300 MB', () => {
  it('are cut through in the memory of the buffer, and count', () => {
    const child = path.join(import.meta.dirname, 'line-scanner.child.ts');
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', child], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const results = JSON.parse(stdout) as Growth[];
    expect(results.map(({ name, usage, cut }) => [name, usage, cut])).toEqual([
      ['text in a block', '{"input":42}', 0],
      ['text as the content', '{"input":42}', 0],
      ['many small values', '{"input":42}', 0],
      ['a member that is wanted', 'Symbol(container)', 1],
    ]);
    for (const { grownRss, grownBuffers } of results) {
      expect(grownRss).toBeLessThan(8 * MIB);
      expect(grownBuffers).toBeLessThan(MIB);
    }
  });
});
