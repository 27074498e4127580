/** The oracle itself against the real gateway: every number of its answers on a golden store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectGoldenCost, expectGoldenSession, expectGoldenTotals } from '../support/golden.ts';
import { onGoldenSets } from '../support/golden-sets.ts';
import type { GoldenSession } from '../support/golden-shapes.ts';
import { GOLDEN_RANGE, type GoldenSet, goldenFixture, goldenFullSet } from '../support/golden-store.ts';
import { goldenFigures } from './golden-figures.ts';
import { readStateDir, type StoredSession } from './sessions.ts';

const EVERYTHING = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

onGoldenSets(goldenFixture, goldenFullSet, compareWith);

function compareWith(set: GoldenSet): void {
  let directory = '';
  let stored: StoredSession[] = [];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'clawgauge-golden-'));
    set.write(directory);
    stored = readStateDir(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const ofAgent = (agent: string) => stored.filter((session) => session.agent === agent);

  test.each(set.agents)('every number of every session of %s', (agent) => {
    const golden = set.sessions(agent);
    const rows = golden.sessions.map((row) => ({ row, transcripts: transcriptsOf(row, ofAgent(agent)) }));
    const figures = rows.map(({ row, transcripts }) => {
      const actual = goldenFigures(
        transcripts.map((session) => session.records),
        GOLDEN_RANGE,
      );
      expect(row.usage, row.key).not.toBeNull();
      if (row.usage !== null) expectGoldenSession(actual, row.usage);
      return actual;
    });
    expectGoldenTotals(
      figures.flatMap((actual) => actual.cells),
      golden.totals,
    );
  });

  test.each(set.agents)('the same sessions of %s, and nothing but files older than the range left out', (agent) => {
    const listed = new Set(set.sessions(agent).sessions.flatMap((row) => transcriptsOf(row, ofAgent(agent))));
    const left = ofAgent(agent).filter((session) => !listed.has(session));
    expect(left.filter((session) => session.mtimeMs >= GOLDEN_RANGE.startMs)).toEqual([]);
  });

  test.each(set.agents)('key, channel, label, family and time of update of the sessions of %s', (agent) => {
    for (const row of set.sessions(agent).sessions) {
      const current = transcriptsOf(row, ofAgent(agent)).find((session) => session.sessionId === row.sessionId);
      expect(current?.updatedAt).toBeCloseTo(row.updatedAt, -1);
      if (current?.kind === 'topic' || current?.kind === 'orphan') continue; // this gateway takes a topic for an orphan
      expect({ ...current }).toMatchObject({
        key: row.key,
        channel: row.channel ?? 'none',
        label: row.label ?? null,
        family: row.sessionFamilyKey,
      });
    }
  });

  test('every number of usage.cost of main', () => {
    const { cells } = goldenFigures(
      ofAgent('main').map((session) => session.records),
      EVERYTHING,
    );
    expectGoldenCost(cells, set.cost());
  });
}

/** The transcripts behind a row: the file it names, and one of each other session id of its family. */
function transcriptsOf(row: GoldenSession, sessions: StoredSession[]): StoredSession[] {
  const file = basename(row.usage?.sessionFile ?? '');
  const ids = (row.includedSessionIds ?? [row.sessionId]).filter((id) => id !== row.sessionId);
  return sessions.filter((session) => session.fileName === file || ids.includes(session.sessionId));
}
