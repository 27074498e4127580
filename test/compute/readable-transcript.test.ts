import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineScanner } from '../../src/compute/line-scanner.ts';
import { openTranscript, type ReadableTranscript } from '../../src/compute/readable-transcript.ts';
import { ReadingStopped, ReadingWatch } from '../../src/compute/reading-watch.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { temporaryStateDir } from '../support/stores.ts';

const directory = temporaryStateDir();
const ENDLESS = Number.POSITIVE_INFINITY;
const patient = new ReadingWatch(new Int32Array(1), ENDLESS);

function opened(content: string | Buffer, buffer = 64): ReadableTranscript {
  writeFileSync(join(directory, 't.jsonl'), content);
  return openTranscript(directory, 't.jsonl', {
    buffer: Buffer.alloc(buffer, '\n'),
    watch: patient,
  }) as ReadableTranscript;
}

/** All lines, last first, in as many calls as it takes with so many lines each. */
function linesBack(transcript: ReadableTranscript, each = ENDLESS): (string | null)[] {
  const lines: (string | null)[] = [];
  let end: number | null = transcript.size;
  while (end !== null && end > 0) {
    let left = each;
    end = transcript.backwards(end, ENDLESS, patient, (line) => {
      lines.push(line);
      left--;
      return left === 0;
    });
  }
  return lines;
}

const arbitraryContent = fc
  .array(fc.oneof(fc.string({ maxLength: 10 }), fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constant('')), {
    maxLength: 20,
  })
  .map((lines) => lines.map((line) => line.replaceAll('\n', ' ')).join('\n'));

describe('a transcript read back from its end', () => {
  it('gives every line with its newline, last first, whatever fits the buffer and however often it is asked', () => {
    fc.assert(
      fc.property(
        arbitraryContent,
        fc.integer({ min: 2, max: 80 }),
        fc.integer({ min: 1, max: 5 }),
        (text, buffer, each) => {
          const transcript = opened(text, buffer);
          const lines = text
            .toWellFormed()
            .split(/(?<=\n)/)
            .filter((line) => line !== '');
          expect(linesBack(transcript)).toEqual([...lines].reverse());
          expect(linesBack(transcript, each)).toEqual([...lines].reverse());
          transcript.close();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives a long line with its strings cut, and none that is too long even so', () => {
    const long = JSON.stringify({ text: 'x'.repeat(5_000_000), more: 1 });
    const transcript = opened(`a\n${long}\n${'y'.repeat(600_000)}\nb\n`, 4096);
    expect(linesBack(transcript)).toEqual([
      'b\n',
      null,
      `${JSON.stringify({ text: 'x'.repeat(32_768), more: 1 })}\n`,
      'a\n',
    ]);
    transcript.close();
  });

  it('refuses a place in the middle of a line, and one behind the end', () => {
    const transcript = opened('one\ntwo\n');
    const before = (end: number) => transcript.backwards(end, ENDLESS, patient, () => false);
    expect([0, 4, 8].map(before)).toEqual([0, 0, 0]);
    expect([3, 5, 7, 9].map(before)).toEqual([null, null, null, null]);
    transcript.close();
  });

  it('stops when its bytes or its time are over, at the beginning of a line', () => {
    const transcript = opened('0123456789abcde\n'.repeat(100));
    const some: number[] = [];
    const reached = transcript.backwards(transcript.size, 100, patient, (_, start) => {
      some.push(start);
      return false;
    });
    expect(reached).toBe(some.at(-1));
    expect(transcript.size - (reached as number)).toBeLessThan(200);
    const late = new ReadingWatch(new Int32Array(1), 0);
    expect(transcript.backwards(transcript.size, ENDLESS, late, () => false)).toBe(transcript.size);
    transcript.close();
  });

  it('is not read on when it shrinks meanwhile', () => {
    const transcript = opened('0123456789abcde\n'.repeat(100));
    truncateSync(join(directory, 't.jsonl'), 100);
    expect(transcript.backwards(1600, ENDLESS, patient, () => false)).toBe(1600);
    transcript.close();
  });

  it('is given up when nobody waits any more', () => {
    const transcript = opened('line\n');
    const watch = new ReadingWatch(new Int32Array([1]), ENDLESS);
    expect(() => transcript.backwards(5, ENDLESS, watch, () => false)).toThrow(ReadingStopped);
    transcript.close();
  });
});

describe('a transcript scanned from its first line', () => {
  it('is scanned as far as there is time, and a line that is cut off there counts for nothing', () => {
    const line = `${JSON.stringify({ message: { role: 'user', content: 'x'.repeat(300) } })}\n`;
    const transcript = opened(line.repeat(50));
    const reach = (looks: number) => {
      let messages = 0;
      const nothing = () => {};
      const sink = { message: () => messages++, malformed: nothing, cut: nothing, tail: nothing };
      const watch = new ReadingWatch(new Int32Array(1), 1, () => (looks-- >= 0 ? 0 : 2));
      return [transcript.scan(new LineScanner(new ScanKernel(1024), sink), watch), messages] as const;
    };
    expect(reach(ENDLESS)).toEqual([transcript.size, 50]);
    for (const looks of [0, 1, 2, 5]) {
      const [position, messages] = reach(looks);
      expect(position).toBeLessThan(transcript.size);
      expect(messages).toBe(Math.floor(position / line.length));
    }
    transcript.close();
  });
});

it('a transcript that is gone is none', () => {
  expect(openTranscript(directory, 'gone.jsonl')).toBeNull();
});
