/** What a refresh reads of a transcript that changed, by the two counters that the service shows: bytes read and bytes appended. */
import { appendFileSync, renameSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { MESSAGES, RECORDS } from '../../src/compute/figures.ts';
import { KIB, MIB } from '../../src/units.ts';
import { linesOf } from '../support/fold-text.ts';
import { expectLikeFresh } from '../support/keeper-state.ts';
import { type KeptStore, keptStore, REFRESHED_AT, type RefreshResult, scanned } from '../support/kept-store.ts';
import { writeWhole } from '../support/random-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

/** The anchors of the cursor before and after. */
const ANCHORS = 8 * KIB;
const SECOND = 1_000;

const line = (text: string) =>
  linesOf([{ timestamp: '2026-11-20T10:00:00Z', message: { role: 'assistant', usage: { input: 1 }, text } }]);
const LINE = line('x'.repeat(1_000));
const OTHER = LINE.replace(':1}', ':2}');

let path: string;
let kept: KeptStore;
let records: () => number;
let messages: () => number;

beforeEach(() => {
  const directory = temporaryStateDir();
  path = join(directory, 'agents/main/sessions/a.jsonl');
  writeWhole(path, LINE.repeat(100));
  kept = keptStore(directory);
  const figure = (column: number) =>
    kept.keeper.catalog.rows.get('main/a.jsonl')?.folded?.summary.whole.figures[column];
  records = () => figure(RECORDS) ?? 0;
  messages = () => figure(MESSAGES) ?? 0;
});

/** Changes the transcript and looks at it, `seconds` after the first time. */
function look(change: () => void, seconds = 0): RefreshResult {
  change();
  return kept.refresh(REFRESHED_AT + seconds * SECOND);
}

const append = (text: string) => () => appendFileSync(path, text);

describe('of lines that were appended', () => {
  test('only they are read, and the anchors', () => {
    const { bytesAppended, bytesRead } = look(append(LINE.repeat(3)));
    expect(bytesAppended).toBe(LINE.length * 3);
    expect(bytesRead).toBe(LINE.length * 3 + ANCHORS);
    expect(records()).toBe(103);
  });

  test('and nothing else, whatever the lines and however often', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 4 }), { maxLength: 8 }), (looks) => {
        for (const sizes of looks) {
          const text = sizes.map((size) => line('x'.repeat(size))).join('');
          const { bytesAppended, bytesRead } = look(append(text));
          expect(bytesAppended).toBe(text.length);
          expect(bytesRead).toBeLessThanOrEqual(text.length * 1.1 + ANCHORS);
        }
      }),
      { numRuns: 20 },
    );
    expectLikeFresh(kept, 'appended');
  });
});

describe('of a transcript of which other bytes changed', () => {
  test.each<[string, () => void]>([
    ['cut short', () => truncateSync(path, LINE.length * 70)],
    ['cut short in the middle of a line', () => truncateSync(path, LINE.length * 70 - 7)],
    ['rewritten in as many bytes', () => writeFileSync(path, OTHER + LINE.repeat(99))],
    ['rewritten in more bytes', () => writeFileSync(path, `${line('y').repeat(1000)}${LINE}`)],
    ['replaced by a copy that has grown', () => replace(LINE.repeat(101))],
    ['replaced by a copy', () => replace(LINE.repeat(100))],
  ])('all is read, and nothing of any other: %s', (_, change) => {
    writeWhole(join(path, '../b.jsonl'), LINE.repeat(10));
    kept.refresh();
    const { folded, bytesRead } = look(change);
    const { size } = statSync(path);
    expect(folded).toBe(1);
    expect(bytesRead).toBeGreaterThanOrEqual(size);
    // Of one that looks as if it had grown, the anchor that does not match.
    expect(bytesRead).toBeLessThanOrEqual(size + ANCHORS);
    expectLikeFresh(kept, 'changed');
  });

  function replace(content: string): void {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  }

  test('all is read when it was rewritten in as many bytes and its time of change was put back', () => {
    const old = new Date('2026-11-20T10:00:00Z');
    const times = () => {
      const { size, ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return { size, ino, mtimeNs, ctimeNs };
    };
    utimesSync(path, old, old);
    kept.refresh();
    const before = times();
    writeFileSync(path, OTHER + LINE.repeat(99));
    do utimesSync(path, old, old);
    while (times().ctimeNs === before.ctimeNs);
    expect(times()).toEqual({ ...before, ctimeNs: times().ctimeNs });
    expect(kept.refresh()).toMatchObject({ folded: 1, bytesAppended: 0 });
    expectLikeFresh(kept, 'put back');
  });
});

describe('a line without end', () => {
  const half = LINE.length >> 1;
  const [begin, end] = [LINE.slice(0, half), LINE.slice(half)];

  test('counts at once if it parses, and is read again when it ended', () => {
    expect(look(append(LINE.trimEnd()))).toMatchObject({ folded: 1, bytesRead: LINE.length - 1 + ANCHORS });
    expect(records()).toBe(101);
    expect(look(append('\n'))).toMatchObject({ folded: 1, bytesAppended: 1, bytesRead: 1 + LINE.length + ANCHORS });
    expect(records()).toBe(101);
    expectLikeFresh(kept, 'ended');
  });

  test('that goes on is only looked through for its end, and what it counted for before counts', () => {
    look(append(LINE.trimEnd()));
    expect(look(append(' '.repeat(500)))).toMatchObject({ folded: 0, bytesAppended: 500, bytesRead: 500 });
    expect(look(append(' '.repeat(300)))).toMatchObject({ folded: 0, bytesAppended: 300, bytesRead: 300 });
    expect(records()).toBe(101);
    expect(kept.keeper.coverage()).toMatchObject({ transcripts: 1, pending: 0, failed: 0 });
    expect(look(append(`\n${LINE}`))).toMatchObject({ folded: 1, bytesAppended: 1 + LINE.length });
    expect(records()).toBe(102);
    expectLikeFresh(kept, 'ended');
  });

  test('that goes on is read again when it stood still for 2 s, which the next refresh waits for', () => {
    look(append(begin));
    look(append(end.slice(0, 10)), 10);
    look(append(end.slice(10, -1)), 11);
    expect(kept.keeper.nextRetry()).toBe(REFRESHED_AT + 13 * SECOND);
    expect([12.999, 13].map((seconds) => kept.keeper.isIdle(REFRESHED_AT + seconds * SECOND))).toEqual([true, false]);
    expect(look(() => {}, 12.999)).toMatchObject({ folded: 0, bytesRead: 0 });
    expect(records()).toBe(100);
    expect(look(() => {}, 13)).toMatchObject({ folded: 1, bytesAppended: 0 });
    expect(records()).toBe(101);
    expect(kept.keeper.nextRetry()).toBeNull();
    expectLikeFresh(kept, 'stood still');
  });

  test.each<[string, (text: string) => void]>([
    [
      'replaced',
      (text) => {
        writeFileSync(`${path}.new`, text);
        renameSync(`${path}.new`, path);
      },
    ],
    ['cut short', () => truncateSync(path, LINE.length * 50)],
  ])('does not hold up a transcript that is %s', (_, change) => {
    look(append(begin));
    look(append('more'));
    expect(look(() => change(LINE.repeat(200)))).toMatchObject({ folded: 1 });
    expectLikeFresh(kept, 'changed');
  });

  test('that is cut short and ends before where it was looked through to is read', () => {
    const { size } = statSync(path);
    const torn = '{"message":{"role":"assistant"';
    look(append(torn));
    look(append(',"of which":"nothing stays"'));
    truncateSync(path, size + torn.length);
    expect(look(append('}}\n'))).toMatchObject({ folded: 1 });
    expect(messages()).toBe(101);
    expectLikeFresh(kept, 'ended');
  });

  test('is counted once when more of it comes between listing and reading', () => {
    look(append(begin));
    for (const piece of ['more', '\n']) {
      kept.scan = (batch) => {
        append('and more')();
        return scanned(batch);
      };
      const first = look(append(piece));
      kept.scan = scanned;
      const results = [first, kept.refresh()];
      expect(results.map(({ bytesAppended }) => bytesAppended)).toEqual([piece.length + 'and more'.length, 0]);
    }
    expectLikeFresh(kept, 'raced');
  });

  test('is forgotten with its transcript', () => {
    look(append(begin));
    look(append('more'));
    renameSync(path, `${path}.bak`);
    kept.refresh();
    expect(kept.keeper.nextRetry()).toBeNull();
  });

  test('of a megabyte in a hundred pieces, each of them looked at, is read twice', () => {
    const long = line('x'.repeat(MIB));
    const piece = Math.ceil(long.length / 100);
    let [read, appended, folded] = [0, 0, 0];
    for (let at = 0; at < long.length; at += piece) {
      const result = look(append(long.slice(at, at + piece)));
      read += result.bytesRead;
      appended += result.bytesAppended;
      folded += result.folded;
    }
    expect(appended).toBe(long.length);
    expect(folded).toBe(2);
    expect(read).toBeLessThanOrEqual(2 * long.length + 2 * ANCHORS);
    expect(records()).toBe(101);
    expectLikeFresh(kept, 'ended');
  });

  test('is read three times at most, wherever lines are torn, and all appended bytes are counted once', () => {
    const texts = fc.array(fc.oneof(fc.nat(3_000), fc.nat(100_000)), { minLength: 1, maxLength: 4 });
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(texts, cuts, (sizes, places) => {
        const text = sizes.map((size) => line('x'.repeat(size))).join('');
        const ends = [...places.map((place) => place % text.length), text.length].sort((a, b) => a - b);
        let [from, read, appended, folded] = [0, 0, 0, 0];
        for (const end of ends) {
          const result = look(append(text.slice(from, end)));
          from = end;
          read += result.bytesRead;
          appended += result.bytesAppended;
          folded += result.folded;
        }
        expect(appended).toBe(text.length);
        // Looked through for an end, read with the lines that ended before it, and read when it ended itself.
        expect(read).toBeLessThanOrEqual(3 * text.length + folded * ANCHORS);
        const { folded: later } = kept.refresh(REFRESHED_AT + 2 * SECOND);
        expect(later).toBe(0);
      }),
      { numRuns: 60 },
    );
    expectLikeFresh(kept, 'torn');
  });
});

describe('a transcript that was read in parts', () => {
  test('is read whole in its turn, also when it has just grown again', () => {
    look(append(LINE));
    const grown = look(append(LINE), 60);
    expect(grown.bytesRead).toBeGreaterThanOrEqual(statSync(path).size);
    // From there on in parts again.
    expect(look(append(LINE), 61).bytesRead).toBe(LINE.length + ANCHORS);
    expectLikeFresh(kept, 'verified');
  });
});
