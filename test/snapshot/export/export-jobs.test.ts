/** Exports in steps: whole lines, bounded, and only as they are asked for. */
import { describe, expect, test } from 'vitest';
import { ExportJobs } from '../../../src/snapshot/export/export-jobs.ts';
import { type ExportFormat, exportQuery } from '../../../src/snapshot/export/export-query.ts';
import { keptStore, REFRESHED_AT } from '../../support/kept-store.ts';
import { randomStore } from '../../support/random-store.ts';

const ALL = { timeZone: 'UTC', range: 'all' } as const;
const { keeper } = keptStore(randomStore(24));

/** Time goes on by so much with each look at the clock. */
function jobsWith(step: number): ExportJobs {
  let time = 0;
  return new ExportJobs(keeper, { monotonic: () => (time += step) });
}

function chunksOf(jobs: ExportJobs, format: ExportFormat, what: 'usage' | 'sessions' = 'usage'): string[] {
  const decoder = new TextDecoder();
  let step: ReturnType<ExportJobs['goOn']> = jobs.begin(exportQuery(ALL, {}, { format, what }), REFRESHED_AT);
  const chunks: string[] = [];
  while (step !== null) {
    chunks.push(decoder.decode(step.bytes));
    step = step.done ? null : jobs.goOn(step.job);
  }
  return chunks;
}

describe('an export', () => {
  test('is the same text in steps of any length, each of whole lines', () => {
    const [whole] = chunksOf(jobsWith(0), 'csv');
    const steps = chunksOf(jobsWith(3), 'csv');
    expect(steps.length).toBeGreaterThan(5);
    expect(steps.join('')).toBe(whole);
    for (const chunk of steps) expect(chunk === '' || chunk.endsWith('\r\n')).toBe(true);
  });

  test.each(['usage', 'sessions'] as const)('of %s says the same as CSV and as NDJSON', (what) => {
    const [head = '', ...lines] = chunksOf(jobsWith(0), 'csv', what).join('').trimEnd().split('\r\n');
    const objects = chunksOf(jobsWith(0), 'ndjson', what)
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects.length).toBe(lines.length);
    for (const object of objects) expect(Object.keys(object)).toEqual(head.split(','));
    const column = head.split(',').indexOf('totalTokens');
    const plain = lines.filter((line) => !line.includes('"'));
    expect(plain.length).toBeGreaterThan(0);
    expect(objects.map(({ totalTokens }) => String(totalTokens))).toEqual(
      expect.arrayContaining(plain.map((line) => line.split(',')[column])),
    );
  });

  test('that is ended, or one of too many, is not gone on with', () => {
    const jobs = jobsWith(11);
    const begin = () => jobs.begin(exportQuery(ALL), REFRESHED_AT);
    const first = begin();
    expect(first.done).toBe(false);
    expect(jobs.goOn(first.job)).not.toBeNull();
    jobs.end(first.job);
    expect(jobs.goOn(first.job)).toBeNull();
    const many = Array.from({ length: 9 }, begin);
    expect(many.map(({ job }) => jobs.goOn(job) === null)).toEqual([true, ...Array<boolean>(8).fill(false)]);
  });
});
