import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionEntryWriter } from '../../src/compute/session-entries.ts';
import type { SessionEntry } from '../../src/compute/transcript.ts';

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('a', 'b'));
const absent = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const entry: fc.Arbitrary<SessionEntry> = fc.record({
  key: fc.constantFrom('', 'a', 'b', 'agent:ops:main', 'é'.repeat(200)),
  sessionId: text,
  updatedAt: absent(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
  label: absent(text),
  channel: absent(text),
  originProvider: absent(text),
  creator: absent(text),
  familyKey: absent(text),
  familySessionIds: fc.array(text, { maxLength: 3 }),
});

test('entries come back as they were; of those with the same key in one index the last counts', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.oneof(entry, fc.record({ forget: entry })), { maxLength: 30 })), (indexes) => {
      const writer = new SessionEntryWriter();
      const expected = indexes.flatMap((index) => {
        const entries = new Map<string, SessionEntry>();
        writer.nextIndex();
        for (const step of index) {
          const { key } = 'forget' in step ? step.forget : step;
          entries.delete(key);
          if ('forget' in step) writer.forget(key);
          else {
            writer.add(step);
            entries.set(key, step);
          }
        }
        return [...entries.values()];
      });
      const entries = writer.finish();
      expect([...entries]).toEqual(expected);
      const ids: [string, string, boolean][] = [];
      entries.forEachId((id, _idAt, entryAt, own) => ids.push([entries.at(entryAt).key, id, own]));
      expect(ids).toEqual(
        expected.flatMap(({ key, sessionId, familySessionIds }) => [
          [key, sessionId, true],
          ...familySessionIds.filter((id) => id !== sessionId).map((id) => [key, id, false]),
        ]),
      );
    }),
  );
});

test('an index can be forgotten, without those before it', () => {
  const writer = new SessionEntryWriter();
  const [kept, dropped] = fc.sample(entry, 2) as [SessionEntry, SessionEntry];
  writer.add(kept);
  writer.nextIndex();
  writer.add(dropped);
  writer.forgetIndex();
  expect([...writer.finish()]).toEqual([kept]);
});
