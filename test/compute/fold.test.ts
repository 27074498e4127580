import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDigest, decodeFigures } from '../../src/compute/digest-codec.ts';
import { anchorAt, foldTranscript } from '../../src/compute/fold.ts';
import type { ReadAt } from '../../src/compute/line-scanner.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { MIB } from '../../src/units.ts';
import { readTranscript } from '../oracle/records.ts';
import { arbitraryLine } from '../support/arbitrary-record.ts';
import { contentsOf, contentsOfRecords } from '../support/digest-contents.ts';
import { linePool } from '../support/line-pool.ts';
import { mutations } from '../support/mutations.ts';
import { readFrom } from '../support/pieces.ts';
import { seededRandom } from '../support/random.ts';

const pool = linePool(5);
/** The size that the service has, and some in which most lines do not fit. */
const kernels = [MIB, 4096, 256, 64].map((size) => new ScanKernel(size));
const [kernel] = kernels as [ScanKernel];

function fold(transcript: Uint8Array, previous: Uint8Array | null = null, buffer = kernel): Buffer {
  return foldTranscript(readFrom(transcript), transcript.length, pool.accounting, buffer, previous).digest;
}

/** Folds in buffers of every size; all must give what the oracle's records add up to. */
function expectOracle(transcript: Uint8Array): void {
  const expected = contentsOfRecords(readTranscript(transcript, pool.prices).records);
  for (const buffer of kernels) {
    expect(contentsOf(decodeFigures(fold(transcript, null, buffer))), `buffer of ${buffer.buffer.length}`).toEqual(
      expected,
    );
  }
}

function lines(all: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(all.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
}

const arbitraryTranscript = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: arbitraryLine },
      { weight: 1, arbitrary: fc.constantFrom('', '{"type":"mess', 'null', '\r') },
    ),
    { maxLength: 30 },
  )
  .map((all) => lines(all));

describe('a digest', () => {
  it('is what the records of a generated transcript add up to', () => {
    expect(pool.transcripts.length).toBeGreaterThan(10);
    for (const { text } of pool.transcripts) expectOracle(Buffer.from(text));
  });

  it('is what the records of any transcript add up to', () => {
    fc.assert(
      fc.property(arbitraryTranscript, (transcript) => expectOracle(transcript)),
      { numRuns: 200 },
    );
  });

  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    'is so with %s in every line',
    (_, mutation) => {
      const large = mutation.apply(pool.lines[0] as string, seededRandom(1)).length > 100_000;
      const mutated = pool.lines.slice(0, large ? 12 : 300).map((line, at) => mutation.apply(line, seededRandom(at)));
      expect(mutated.length).toBe(large ? 12 : 300);
      expectOracle(lines(mutated));
    },
  );

  it('is so for any mutation of any record', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(arbitraryLine, fc.constantFrom(...mutations), fc.integer()), { maxLength: 8 }),
        (all) => {
          expectOracle(lines(all.map(([line, mutation, seed]) => mutation.apply(line, seededRandom(seed)))));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is so for more latencies than are kept exact', () => {
    const answer = (at: number) =>
      `{"timestamp":"2026-11-22T10:00:00Z","message":{"role":"assistant","durationMs":${at * 17}}}`;
    for (const count of [2048, 2049, 5000]) expectOracle(lines(Array.from({ length: count }, (_, at) => answer(at))));
  });

  it('has the same bytes whatever the size of the buffer, if no line is malformed', () => {
    const transcripts = pool.transcripts.map(({ lines: all }) => lines(all.filter(isJson)));
    for (const transcript of transcripts) {
      for (const buffer of kernels) expect(fold(transcript, null, buffer).equals(fold(transcript))).toBe(true);
    }
  });

  it('holds no text of the conversation', () => {
    const transcript = lines([
      '{"secret":"hunter2","message":{"role":"user","model":"m","content":[{"type":"text","text":"hunter2"}]}}',
    ]);
    expect(fold(transcript).includes('hunter2')).toBe(false);
  });
});

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

describe('a digest that is folded on', () => {
  /** Counts what is read of a transcript. */
  function counted(transcript: Uint8Array): { read: ReadAt; ranges: [number, number][] } {
    const ranges: [number, number][] = [];
    const read = readFrom(transcript);
    return {
      ranges,
      read: (buffer, start, end, position) => {
        const got = read(buffer, start, end, position);
        ranges.push([position, position + got]);
        return got;
      },
    };
  }

  it('is that of the whole, byte for byte, from wherever the transcript ended before', () => {
    const two = [
      '{"message":{"role":"user"},"timestamp":"2026-11-22T10:00:00Z"}',
      '{"message":{"role":"assistant","model":"m","usage":{"input":3},"content":[{"type":"tool_use","name":"exec"}]},"timestamp":"2026-11-22T10:00:07Z"}',
    ];
    const transcript = lines([...two, '{"type":"message","message":{"role', '', ...two]);
    for (const buffer of kernels) {
      const whole = fold(transcript, null, buffer);
      for (let end = 0; end <= transcript.length; end++) {
        const earlier = fold(transcript.subarray(0, end), null, buffer);
        expect(fold(transcript, earlier, buffer).equals(whole), `from ${end}`).toBe(true);
      }
    }
  });

  it('is so for any transcript, and any number of folds', () => {
    fc.assert(
      fc.property(
        arbitraryTranscript,
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.constantFrom(...kernels),
        (transcript, places, buffer) => {
          const ends = places.map((place) => place % (transcript.length + 1)).sort((a, b) => a - b);
          const earlier = ends.reduce<Buffer | null>(
            (digest, end) => fold(transcript.subarray(0, end), digest, buffer),
            null,
          );
          expect(fold(transcript, earlier, buffer).equals(fold(transcript, null, buffer))).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is so across the latencies that are kept exact', () => {
    const all = Array.from(
      { length: 2100 },
      (_, at) => `{"timestamp":"2026-11-22T10:00:00Z","message":{"role":"assistant","durationMs":${at * 31}}}`,
    );
    const whole = fold(lines(all));
    for (const count of [1, 2047, 2048, 2049, 2099])
      expect(fold(lines(all), fold(lines(all.slice(0, count)))).equals(whole)).toBe(true);
    const unended = lines(all.slice(0, 2049)).subarray(0, -1);
    expect(fold(lines(all), fold(unended)).equals(whole)).toBe(true);
  });

  it('is so for users at the ends of time', () => {
    for (const time of [8.64e15, -8.64e15, -8.64e15 + 1, -4_503_599_627_370_497]) {
      const user = `{"message":{"role":"user","timestamp":${time}}}`;
      const transcript = lines([user, `{"message":{"role":"assistant","timestamp":${time < 0 ? time + 5 : time}}}`]);
      expect(fold(transcript, fold(lines([user]))).equals(fold(transcript))).toBe(true);
      expectOracle(transcript);
    }
  });

  it('reads nothing before the cursor but what the anchor is made of', () => {
    const before = lines(pool.lines.slice(0, 100));
    const transcript = Buffer.concat([before, lines(pool.lines.slice(100, 120))]);
    const { read, ranges } = counted(transcript);
    foldTranscript(read, transcript.length, pool.accounting, kernel, fold(before));
    expect(Math.min(...ranges.map(([start]) => start))).toBe(before.length - 4096);
    expect(ranges.filter(([start, end]) => start < before.length && end > before.length)).toEqual([]);
  });

  it('is folded anew when the bytes before its cursor are others, or fewer', () => {
    const [first, second] = [lines(pool.lines.slice(0, 40)), lines(pool.lines.slice(40, 60))];
    for (const transcript of [second, lines([]), Buffer.concat([first.subarray(0, -2), Buffer.from(' \n'), second])]) {
      expect(fold(transcript, fold(first)).equals(fold(transcript))).toBe(true);
    }
  });

  it('is refused with a RangeError when it is none', () => {
    expect(() => fold(lines([]), Buffer.from('no digest'))).toThrow(RangeError);
  });
});

describe('a last line without newline', () => {
  const counts = '{"message":{"role":"user","model":"b"},"timestamp":"2026-11-22T10:00:00Z"}';
  const before = lines(['{"message":{"role":"user","model":"a"}}']);

  it.each([
    ['that counts is in the figures, but not in what is folded on', counts, 2, 1],
    ['that is not complete counts for nothing yet', counts.slice(0, -1), 1, 1],
    ['that does not count leaves the figures alone', '{"message":{"role":"toolResult"}}', 1, 1],
  ])('%s', (_, tail, inFigures, inResume) => {
    const { figures, resume, cursor } = decodeDigest(fold(Buffer.concat([before, Buffer.from(tail)])));
    expect(figures.models.length).toBe(inFigures);
    expect(resume.models.length).toBe(inResume);
    expect(cursor.offset).toBe(before.length);
    expect(figures.malformed).toBe(0);
  });

  it('counts once when it is cut through, loses a member, and is ended later', () => {
    const long = `{"message":{"role":"user","usage":"${'x'.repeat(300_000)}"}}`;
    const small = new ScanKernel(64);
    for (const tail of [long, long.replace('user', 'toolResult')]) {
      const earlier = fold(Buffer.concat([before, Buffer.from(tail)]), null, small);
      expect(decodeFigures(earlier).cut).toBe(1);
      const whole = Buffer.concat([before, lines([tail])]);
      expect(fold(whole, earlier, small).equals(fold(whole, null, small))).toBe(true);
      expect(decodeFigures(fold(whole, earlier, small)).cut).toBe(1);
    }
  });

  it('is malformed only once it ended', () => {
    const torn = Buffer.concat([before, Buffer.from('{"message":{"role":"user"')]);
    const joined = Buffer.concat([torn, lines([counts])]);
    expect(decodeFigures(fold(torn)).malformed).toBe(0);
    expect(decodeFigures(fold(joined, fold(torn))).malformed).toBe(1);
  });
});

describe('what was not read as it stands is counted', () => {
  it.each([
    ['malformed', '{"message":{"role":"user"}}}', 'malformed'],
    ['past a plausible amount', '{"message":{"role":"user","usage":{"input":1e13}}}', 'capped'],
  ] as const)('%s', (_, line, counter) => {
    const expected = { malformed: 0, capped: 0, cut: 0, [counter]: 2 };
    expect(decodeFigures(fold(lines([line, '{"message":{"role":"user"}}', line])))).toMatchObject(expected);
  });
});

describe('an anchor', () => {
  const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, at) => (at * 7919) % 251));
  const hash = (part: Uint8Array) => createHash('sha256').update(part).digest().subarray(0, 8);

  it.each([
    [0, 0],
    [1, 0],
    [4095, 0],
    [4096, 0],
    [4097, 1],
    [10_000, 5904],
  ])('at %d is a hash of the 4 KiB before it, from %d on', (offset, start) => {
    expect(anchorAt(readFrom(bytes), offset)).toEqual(hash(bytes.subarray(start, offset)));
  });

  it('is of what there is when the transcript is shorter', () => {
    expect(anchorAt(readFrom(bytes), 12_000)).toEqual(hash(bytes.subarray(7904)));
  });

  it('stands in the digest at the end of the last line that ended', () => {
    const transcript = Buffer.concat([lines(pool.lines.slice(0, 20)), Buffer.from('{"message":{"role":"user"}}')]);
    const { cursor } = decodeDigest(fold(transcript));
    expect(cursor.offset).toBe(transcript.lastIndexOf('\n') + 1);
    expect(Buffer.from(cursor.anchor)).toEqual(hash(transcript.subarray(cursor.offset - 4096, cursor.offset)));
  });
});
