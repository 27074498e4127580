/** What is written section by section, held against what is written whole. */
import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JoinedSections } from '../../src/snapshot/joined-sections.ts';
import { render } from '../../src/snapshot/renderer.ts';
import { SectionWriter, type WrittenSection } from '../../src/snapshot/section-writer.ts';
import { sectionsOf } from '../../src/snapshot/sections.ts';

interface Row {
  readonly name: string;
}

const row = fc.record({ name: fc.string({ maxLength: 4 }) });
const change = fc.record({
  kind: fc.constantFrom('append', 'replace', 'remove', 'nothing'),
  row,
  at: fc.nat(150),
});
const script = fc.record({
  list: fc.constantFrom('series', 'sessions'),
  rows: fc.array(row, { minLength: 0, maxLength: 150, size: 'max' }),
  changes: fc.array(change, { maxLength: 8 }),
});

function changed(rows: readonly Row[], { kind, row, at }: { kind: string; row: Row; at: number }): readonly Row[] {
  if (kind === 'append') return [...rows, row];
  if (kind === 'replace') return rows.map((it, place) => (place === at ? row : it));
  if (kind === 'remove') return rows.filter((_, place) => place !== at);
  return rows;
}

test('whatever changes in a long list, a view is the text of its figures, with the tag that it has when rendered anew', () => {
  fc.assert(
    fc.property(script, ({ list, rows: initial, changes }) => {
      const writer = new SectionWriter();
      let rows: readonly Row[] = initial;
      let sections: readonly WrittenSection[] = [];
      let etag = '';
      for (const next of [null, ...changes]) {
        if (next !== null) rows = changed(rows, next);
        const figures = { window: {}, totals: rows.length, [list]: rows, next: '<' };
        const written = writer.write(sectionsOf(figures));
        if (written !== null) {
          const news = [...written.changed];
          const before = sections;
          sections = written.kept.map((isKept, at) => (isKept ? before[at] : news.shift()) as WrittenSection);
          expect(written.etag).not.toBe(etag);
          etag = written.etag;
        }
        const { rest, restDeflated } = new JoinedSections(etag, sections);
        expect(`{${Buffer.from(rest)}`).toBe(JSON.stringify(figures).replaceAll('<', '\\u003c'));
        expect(inflateRawSync(restDeflated, { finishFlush: constants.Z_SYNC_FLUSH }).equals(rest)).toBe(true);
        expect(render(figures).etag).toBe(etag);
      }
    }),
  );
});

test('only the sections that changed are written: those of rows that are the same objects are not even looked at', () => {
  const writer = new SectionWriter();
  const series = Array.from({ length: 200 }, (_, day) => ({ day }));
  const first = writer.write(sectionsOf({ totals: 1, series, tools: [] }));
  expect(first?.kept).toEqual([false, false, false, false, false, false]);
  const today = { day: 'another' };
  const second = writer.write(sectionsOf({ totals: 1, series: [...series.slice(0, -1), today], tools: [] }));
  expect(second?.kept).toEqual([true, true, true, true, true, false]);
  expect(second?.changed.map(({ plain }) => Buffer.from(plain).toString())).toEqual([
    ',{"day":"another"}],"tools":[]}',
  ]);
  expect(writer.write(sectionsOf({ totals: 1, series: [...series.slice(0, -1), today], tools: [] }))).toBeNull();
});
