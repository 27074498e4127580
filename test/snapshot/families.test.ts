/** Families and keys, found without asking every transcript: always the same as if every one were asked. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionLookup } from '../../src/compute/dimensions.ts';
import { SessionEntries } from '../../src/compute/session-entries.ts';
import { Families } from '../../src/snapshot/families.ts';
import { Folder, RowIndex } from '../../src/snapshot/store-rows.ts';
import { TranscriptRow } from '../../src/snapshot/transcript-row.ts';

const NAMES = ['a', 'b', 'c', 'agent:main:s1', 'agent:ops:s2-topic-1'];
const SESSIONS = ['s0', 's1', 's2', 's2-topic-1', 's3'];

/** For each session, whether it has an entry, and of which key and family. */
const arbitraryIndex = fc.array(
  fc.option(fc.record({ key: fc.constantFrom(...NAMES), familyKey: fc.option(fc.constantFrom(...NAMES)) })),
  { minLength: SESSIONS.length, maxLength: SESSIONS.length },
);

const lookupOf = (index: readonly ({ key: string; familyKey: string | null } | null)[]) =>
  new SessionLookup(
    SessionEntries.of(
      index.flatMap((names, at) => {
        const sessionId = SESSIONS[at] as string;
        const rest = { updatedAt: at, label: null, channel: null, originProvider: null, creator: null };
        return names === null ? [] : [{ ...names, sessionId, ...rest, familySessionIds: [sessionId] }];
      }),
    ),
  );

function rowsOfStores(): TranscriptRow[] {
  const index = new RowIndex();
  return ['main', 'ops'].flatMap((agent) => {
    const folder = new Folder(index.open(agent, '/sessions'), '/sessions', '');
    return SESSIONS.map((session) => new TranscriptRow(folder, `${session}.jsonl`, '1:1:0:0:0@'));
  });
}

/** Every transcript asked. */
function expectedNamed(rows: ReadonlySet<TranscriptRow>, name: string): Set<TranscriptRow> {
  const familyOf = ({ agent, names }: TranscriptRow) => JSON.stringify([agent, names.family]);
  const named = [...rows].filter(({ names }) => names.key === name || names.family === name);
  const families = new Set(named.map(familyOf));
  return new Set([...rows].filter((row) => families.has(familyOf(row))));
}

test('are those that asking every transcript gives, however they came, went and were renamed', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.nat(SESSIONS.length * 2 - 1),
          fc.record({ agent: fc.constantFrom('main', 'ops'), index: arbitraryIndex }),
          fc.constantFrom(...NAMES),
        ),
      ),
      (steps) => {
        const all = rowsOfStores();
        const inside = new Set<TranscriptRow>();
        const families = new Families(() => inside);
        for (const step of steps) {
          if (typeof step === 'number') {
            const row = all[step] as TranscriptRow;
            if (inside.has(row)) families.leave(row);
            if (!inside.delete(row)) {
              inside.add(row);
              families.enter(row);
            }
          } else if (typeof step === 'string') {
            expect(new Set(families.named(step))).toEqual(expectedNamed(inside, step));
          } else {
            const rows = [...inside].filter(({ agent }) => agent === step.agent);
            families.rename(rows, () => {
              for (const { agent, folder } of all)
                if (agent === step.agent) folder.store.sessions = lookupOf(step.index);
            });
          }
        }
        const groups = [...families.all()].map((rows) => new Set(rows));
        expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(inside.size);
        for (const group of groups) {
          const [{ agent, names }] = group as unknown as [TranscriptRow];
          expect(group).toEqual(
            new Set([...inside].filter((row) => row.agent === agent && row.names.family === names.family)),
          );
        }
      },
    ),
  );
});

test('are found anew where names changed unseen, as soon as one that did leaves', () => {
  const rows = rowsOfStores();
  const families = new Families(() => rows);
  expect(families.named('a')).toEqual([]);
  const [first, ...others] = rows as [TranscriptRow, ...TranscriptRow[]];
  first.folder.store.sessions = lookupOf(SESSIONS.map((key) => ({ key, familyKey: 'a' })));
  families.leave(first);
  rows.shift();
  expect(new Set(families.named('a'))).toEqual(new Set(others.filter(({ agent }) => agent === 'main')));
});

test('names are those of the identity, hidden ones too', () => {
  for (const redact of [null, (key: string) => `<${key}>`]) {
    const folder = new Folder(new RowIndex(redact).open('main', '/sessions'), '/sessions', '');
    folder.store.sessions = lookupOf([{ key: 'a', familyKey: 'b' }, null, { key: 'c', familyKey: null }, null, null]);
    for (const session of SESSIONS) {
      const { identity, names } = new TranscriptRow(folder, `${session}.jsonl`, '1:1:0:0:0@');
      expect(identity).toMatchObject({ key: names.key, family: names.family });
    }
  }
});
