/** Which transcripts are told to have more quarter hours than are told apart. */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAX_CELLS } from '../../src/compute/digest.ts';
import { fullTranscripts } from '../../src/snapshot/full-transcripts.ts';
import { QUARTER_MS } from '../../src/units.ts';
import { linesOf } from '../support/fold-text.ts';
import { keptStore } from '../support/kept-store.ts';
import { writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const linesIn = (quarters: Iterable<number>) =>
  linesOf(Array.from(quarters, (quarter) => ({ message: { role: 'user', timestamp: quarter * QUARTER_MS } })));

test('one is told as soon as it has so many, and until it is gone', () => {
  const directory = temporaryStateDir();
  const path = join(directory, 'agents/main/sessions/a.jsonl');
  writeWhole(path, linesIn(Array(MAX_CELLS - 1).keys()));
  const kept = keptStore(directory);
  const told = () => fullTranscripts(kept.keeper.catalog.full);
  expect(told()).toEqual({ count: 0, first: [] });
  appendFileSync(path, linesIn([MAX_CELLS]));
  kept.refresh();
  expect(told()).toEqual({ count: 1, first: [{ agent: 'main', name: 'a.jsonl' }] });
  appendFileSync(path, linesIn([MAX_CELLS + 1]));
  kept.refresh();
  expect(told().count).toBe(1);
  rmSync(path);
  kept.refresh();
  expect(told()).toEqual({ count: 0, first: [] });
});
