import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernelSource } from '../../scripts/build-kernel.mjs';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';

describe('the scan kernel', () => {
  test('is the compiled form of kernel/*.wat', async () => {
    const checkedIn = readFileSync(new URL('../../src/compute/scan-kernel-code.ts', import.meta.url), 'utf8');
    expect(await kernelSource()).toBe(checkedIn);
  });

  test('hands out exactly the lines that cannot be rejected unread', () => {
    const piece = fc.constantFrom(
      '\n',
      '\n\n',
      '"role"',
      '"role":"toolResult"',
      '"role":"toolResul"',
      '"role": "toolResult"',
      '"rol',
      'e"',
      '\\u006f',
      '\\u0075',
      '\\u001b',
      '\\u00',
      '\\\\u0061',
      '"r',
      '\\u',
      'x',
      'text of some length, longer than a vector',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(40), fc.boolean(), (pieces, from, all) => {
        const text = Buffer.from(pieces.join(''));
        const kernel = new ScanKernel(4096);
        kernel.buffer.fill('"role"\n\\u0061');
        text.copy(kernel.buffer, from);
        const found: string[] = [];
        const { lines, read, next, more } = kernel.linesToRead(from, from + text.length, all, (start, end) => {
          found.push(kernel.buffer.toString('latin1', start, end));
        });
        const ended = text.toString('latin1').split('\n').slice(0, -1);
        expect(found).toEqual(ended.filter((line) => line !== '' && (all || !canReject(line))));
        expect({ lines, read, more }).toEqual({
          lines: ended.filter((line) => line !== '').length,
          read: found.length,
          more: false,
        });
        expect(next).toBe(from + text.lastIndexOf(10) + 1);
      }),
      { numRuns: 3000 },
    );
  });

  test('hands out more lines than fit one call in further calls', () => {
    const line = '{"role":"user"}\n';
    const count = 5_000;
    const kernel = new ScanKernel(line.length * count);
    kernel.buffer.fill(line);
    let from = 0;
    let lines = 0;
    let calls = 0;
    for (let more = true; more; calls++) {
      const found = kernel.linesToRead(from, kernel.buffer.length, false, (start, end) => {
        expect(end - start).toBe(line.length - 1);
      });
      lines += found.lines;
      from = found.next;
      more = found.more;
    }
    expect({ lines, from }).toEqual({ lines: count, from: kernel.buffer.length });
    expect(calls).toBeGreaterThan(1);
  });

  test('stops in a string where something other than text and legal escapes stands', () => {
    const piece = fc.oneof(
      fc.constantFrom('"', '\\n', '\\"', '\\\\', '\\/', '\\u00e9', '\\u00G0', '\\x', '\\', '\u0000', '\u001f', '\t'),
      fc.constantFrom('\\u12', 'a', ' ', 'text of some length, longer than a vector', 'é', '\u2028', '\u007f'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(20), (pieces, from) => {
        const text = Buffer.from(pieces.join(''));
        const kernel = new ScanKernel(4096);
        kernel.buffer.fill('\\"');
        text.copy(kernel.buffer, from);
        const end = from + text.length;
        expect(kernel.skipString(from, end) - from).toBe(plainLength(text.toString('latin1')));
      }),
      { numRuns: 3000 },
    );
  });

  test('owns its buffer from the first byte on, and no other', () => {
    const kernel = new ScanKernel(64);
    expect(kernel.owns(kernel.buffer)).toBe(true);
    expect(kernel.owns(kernel.buffer.subarray(0, 10))).toBe(true);
    expect(kernel.owns(kernel.buffer.subarray(1))).toBe(false);
    expect(kernel.owns(Buffer.alloc(64))).toBe(false);
  });
});

/** The rule in plain words: no key `role` but at most one, of a tool result, and no escaped letter that could hide one. */
function canReject(line: string): boolean {
  if (/\\u00[67]/.test(line)) return false;
  const roles = line.match(/"role"(:"toolResult")?/g) ?? [];
  return roles.length === 0 || (roles.length === 1 && roles[0] === '"role":"toolResult"');
}

function plainLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what ends a JSON string here
  return (/^(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*/.exec(text) as RegExpExecArray)[0].length;
}
