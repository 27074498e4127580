/** Run by line-scanner.test.ts: scans lines of 300 MB that exist nowhere, and prints what they came to and what memory it took. */
import { LineScanner } from '../../src/compute/line-scanner.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { MIB } from '../../src/units.ts';
import { readRepeated } from '../support/pieces.ts';

const OPENING = '{"type":"message","message":{"role":"assistant","timestamp":42,';
const USAGE = '"usage":{"input":42}}}\n';
const PROSE = 'Lorem \\"ipsum\\" dolor, naïve \\u00e9 \\n';

/** A name; what a line begins with, what it consists of, and how it ends. */
const LINES = [
  ['text in a block', `${OPENING}"content":[{"type":"text","text":"`, PROSE, `"}],${USAGE}`],
  ['text as the content', `${OPENING}"content":"`, PROSE, `",${USAGE}`],
  ['many small values', `${OPENING}"details":[`, '{"usage":[1,null,"x"]},', `0],${USAGE}`],
  ['a member that is wanted', `${OPENING}"usage":["`, PROSE, '"]}}\n'],
] as const;

const kernel = new ScanKernel(MIB);

/** Scans one line; `grownRss` and `grownBuffers` are the most bytes above those at its beginning. */
function scan([name, head, unit, tail]: (typeof LINES)[number], size: number) {
  const count = Math.floor(size / Buffer.byteLength(unit));
  const line = readRepeated(Buffer.from(head), Buffer.from(unit), count, Buffer.from(tail));
  const result = { name, usage: 'none', cut: 0, grownRss: 0, grownBuffers: 0 };
  const scanner = new LineScanner(kernel, {
    message: ({ messageUsage }) => {
      result.usage = JSON.stringify(messageUsage) ?? String(messageUsage);
    },
    malformed() {},
    cut: () => result.cut++,
    tail() {},
  });
  global.gc?.();
  const start = process.memoryUsage();
  let turn = 0;
  scanner.scan(
    (...place) => {
      if (turn++ % 16 === 0) {
        const now = process.memoryUsage();
        result.grownRss = Math.max(result.grownRss, now.rss - start.rss);
        result.grownBuffers = Math.max(result.grownBuffers, now.arrayBuffers - start.arrayBuffers);
      }
      return line.read(...place);
    },
    0,
    line.size,
  );
  return result;
}

for (const line of LINES) scan(line, 8 * MIB);
process.stdout.write(JSON.stringify(LINES.map((line) => scan(line, 300e6))));
