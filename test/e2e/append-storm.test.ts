/** More changes than anybody could follow one by one: they make up one refresh a second, and the last one is seen. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { serve } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';

const FILES = 200;
const APPENDS = 3_000;
/** Appends that are written in one go, a thousand a second. */
const BURST = 10;
const BURST_EVERY = 10;

it('a thousand appends a second over 200 transcripts are at most one refresh a second, and the last one is visible', async () => {
  const directory = temporaryStateDir();
  const paths = Array.from({ length: FILES }, (_, at) => writeTranscript(directory, `s${at}`, message()));
  // Only watchers tell of a change in time.
  const service = await (await serve(directory, { '--refresh-interval': '1h' })).ready();

  for (let written = 0; written < APPENDS; written += BURST) {
    for (let at = written; at < written + BURST; at++) append(paths[at % FILES] as string, message());
    await pause(BURST_EVERY);
  }
  await eventually(async () => {
    expect((await service.usage()).totals.records).toBe(FILES + APPENDS);
  });
  // On a slow machine the whole storm may be one refresh, which says nothing of the time between two.
  append(paths[0] as string, message());
  await eventually(async () => {
    expect((await service.usage()).totals.records).toBe(FILES + APPENDS + 1);
  });

  const { refreshes } = await service.status();
  const changes = refreshes.filter(({ trigger }) => trigger === 'change').reverse();
  expect(changes.length).toBeGreaterThan(1);
  expect(changes.reduce((sum, { bytesAppended }) => sum + bytesAppended, 0)).toBeGreaterThan(0);
  for (const [at, { startedAt }] of changes.slice(1).entries()) {
    // Moments are told in whole milliseconds, by a clock that the loop's own need not follow exactly.
    expect(startedAt - (changes[at]?.startedAt ?? 0)).toBeGreaterThanOrEqual(990);
  }
});
