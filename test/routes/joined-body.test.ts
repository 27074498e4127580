import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gzipOf, headPrefix, joinGzip, joinIdentity, type Piece } from '../../src/routes/joined-body.ts';
import { headAt, NOON, rendered } from './memory-service.ts';

/** A deflate stream that others may follow. */
const open = (bytes: Uint8Array, level: number) =>
  deflateRawSync(bytes, { level, finishFlush: constants.Z_SYNC_FLUSH });

test('pieces, stored or deflated, are one gzip member in their order', () => {
  const piece: fc.Arbitrary<Piece> = fc
    .tuple(fc.uint8Array({ maxLength: 2000 }), fc.option(fc.integer({ min: 0, max: 9 })))
    .map(([plain, level]) => ({ plain, deflated: level === null ? null : open(plain, level) }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      expect(gunzipSync(gzipOf(pieces)).equals(Buffer.concat(pieces.map(({ plain }) => plain)))).toBe(true);
    }),
  );
});

describe('a joined body', () => {
  test('is the head and the rest, as one JSON document', () => {
    const head = headAt(NOON);
    const body = JSON.parse(joinIdentity(head, rendered({ window: { range: '7d' }, totals: null })).toString());
    expect(body).toEqual({ snapshot: head, window: { range: '7d' }, totals: null });
  });

  test('is the same in gzip, whatever the head and the rest', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 0, max: 9 }),
        (id, rest, level) => {
          const head = headAt(NOON, { id });
          const view = { etag: 'W/"1"', rest, restDeflated: open(rest, level) };
          const identity = joinIdentity(head, view);
          const gzip = joinGzip(head, view);
          expect(gunzipSync(gzip).equals(identity)).toBe(true);
          expect(gzip.readUInt32LE(gzip.length - 8)).toBe(crc32(identity));
          expect(gzip.readUInt32LE(gzip.length - 4)).toBe(identity.length);
        },
      ),
    );
  });

  test('takes a head longer than one stored block', () => {
    const head = headAt(NOON, { id: 'x'.repeat(200_000) });
    const view = rendered({ window: null });
    expect(gunzipSync(joinGzip(head, view)).equals(joinIdentity(head, view))).toBe(true);
  });

  test('is not compressed again', () => {
    const view = rendered({ window: 'y'.repeat(10_000) });
    const gzip = joinGzip(headAt(NOON), view);
    expect(gzip.includes(Buffer.from(view.restDeflated))).toBe(true);
    expect(gzip.includes(headPrefix(headAt(NOON)))).toBe(true);
  });

  test('shares the bytes of one head between views', () => {
    const head = headAt(NOON);
    expect(headPrefix(head)).toBe(headPrefix(head));
  });
});
