import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FirstPages } from '../../src/compute/first-pages.ts';
import { readDatabase } from '../../src/compute/quiet-database.ts';
import { SessionEvents } from '../../src/compute/session-events.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { zstdFrame } from '../support/zstd-frame.ts';

const KEY = (id: string) => `agent:main:${id}`;

/** What reading a session gives, together with others or by itself: its lines, its state, and what its anchor is made of. */
function contentOf(events: SessionEvents) {
  const pages: string[] = [];
  try {
    for (let position = 0; ; ) {
      const { lines, next, state } = events.page(position);
      pages.push(lines.toString());
      if (next !== position) position = next;
      else return { text: pages.join(''), state, anchor: Buffer.concat(events.beforeCursor(position)).toString() };
    }
  } catch (error) {
    return (error as Error).message;
  }
}

/** A compressed event in place of what an event says. */
function pack(gateway: AgentDatabase, sessionId: string, seq: number, role: string): void {
  const record = Buffer.from(JSON.stringify({ message: { role, isError: true, content: 'x'.repeat(seq * 1000) } }));
  const navigation = JSON.stringify({ model: { message: { role, isError: true } } });
  gateway.exec(`UPDATE transcript_events SET event_json = NULL, event_utf8_bytes = ${record.length},
    event_zstd = x'${zstdFrame(record).toString('hex')}', navigation_json = '${navigation}'
    WHERE session_id = '${sessionId}' AND seq = ${seq}`);
}

describe('sessions that are read together', () => {
  test('say what each says by itself', () => {
    const size: fc.Arbitrary<number> = fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(1, 3_000, 5_000) },
      fc.constant(700_000),
    );
    const session = fc.record({
      sizes: fc.oneof(fc.array(size, { maxLength: 8 }), fc.constant(Array.from({ length: 70 }, () => 1))),
      packed: fc.array(fc.tuple(fc.nat(7), fc.constantFrom('user', 'assistant', 'toolResult')), { maxLength: 3 }),
      rebuild: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    });
    fc.assert(
      fc.property(fc.array(session, { minLength: 1, maxLength: 16 }), (sessions) => {
        const gateway = new AgentDatabase(temporaryStateDir(), 'main');
        const ids = sessions.map((_, at) => `s${(at * 7) % 31}-${at}`);
        for (const [at, { sizes, packed, rebuild }] of sessions.entries()) {
          const id = ids[at] as string;
          const records = sizes.map((length) => ({ x: 'é'.repeat(length) }));
          gateway.write(id, KEY(id), records);
          for (const [seq, role] of packed) pack(gateway, id, seq, role);
          if (rebuild)
            gateway.exec(`UPDATE session_transcript_index_state SET needs_rebuild = 1 WHERE session_id = '${id}'`);
        }
        const asked = ['missing', ...ids];
        readDatabase(gateway.file, (database) => {
          const pages = new FirstPages(database, asked);
          for (const id of asked) {
            const together = contentOf(new SessionEvents(database, id, pages.take(id)));
            expect(together).toEqual(contentOf(new SessionEvents(database, id)));
          }
        });
        gateway.close();
      }),
      { numRuns: 6 },
    );
  });

  test('are mostly read ahead, and asked for out of turn they are read by themselves', () => {
    const gateway = new AgentDatabase(temporaryStateDir(), 'main');
    const ids = Array.from({ length: 40 }, (_, at) => `s${at}`);
    for (const id of ids) gateway.write(id, KEY(id), [{ id }]);
    readDatabase(gateway.file, (database) => {
      const pages = new FirstPages(database, ids);
      expect(pages.take('s30')).toBeNull();
      expect(ids.map((id) => pages.take(id)?.events.length)).toEqual(ids.map(() => 1));
    });
    gateway.close();
  });
});
