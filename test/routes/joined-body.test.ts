import { crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headPrefix, joinGzip, joinIdentity } from '../../src/routes/joined-body.ts';
import { headAt, NOON, rendered } from './memory-service.ts';

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
          const view = { etag: 'W/"1"', rest, restDeflated: deflateRawSync(rest, { level }) };
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
