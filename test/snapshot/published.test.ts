import { describe, expect, test } from 'vitest';
import { pack, unpack } from '../../src/compute/envelope.ts';
import { nextSnapshot } from '../../src/snapshot/published.ts';
import type { SnapshotHeader } from '../../src/snapshot/publisher.ts';

const COVERAGE = { transcripts: 1, pending: 0, failed: 0, retained: 0, bytes: 5 };

function packed(id: string, views: Record<string, string>, rest: Partial<SnapshotHeader> = {}): Uint8Array {
  const header: SnapshotHeader = {
    id,
    generation: `of ${id}`,
    coverage: COVERAGE,
    views: Object.entries(views).map(([key, content]) => ({ key, etag: `"${content}"`, kept: [false] })),
    keys: null,
    unavailable: 0,
    ...rest,
  };
  const parts = Object.values(views).flatMap((content) => [Buffer.from(content), Buffer.from(`deflated ${content}`)]);
  return pack(header, parts);
}

describe('a published snapshot', () => {
  test('holds the views by key', () => {
    const snapshot = nextSnapshot(null, packed('k.1', { a: 'one', b: 'two' }), 1000);
    expect(snapshot).toMatchObject({ id: 'k.1', builtAt: 1000, coverage: COVERAGE, generation: 'of k.1' });
    expect([...snapshot.views.keys()]).toEqual(['a', 'b']);
    const view = snapshot.views.get('b');
    expect(view?.etag).toBe('"two"');
    expect(Buffer.from(view?.rest ?? []).toString()).toBe('two');
    expect(Buffer.from(view?.restDeflated ?? []).toString()).toBe('deflated two');
  });

  test('keeps the very bytes of what did not change, and leaves the one before as it was', () => {
    const first = nextSnapshot(null, packed('k.1', { a: 'one', b: 'two' }), 1000);
    const second = nextSnapshot(first, packed('k.2', { b: 'new' }), 2000);
    expect(second).toMatchObject({ id: 'k.2', builtAt: 2000 });
    expect(second.views.get('a')).toBe(first.views.get('a'));
    expect(second.views.get('b')?.etag).toBe('"new"');
    expect(first.views.get('b')?.etag).toBe('"two"');
  });

  test('with the same figures stays the same, but for what it covers and the state behind it', () => {
    const first = nextSnapshot(null, packed('k.1', { a: 'one' }), 1000);
    const coverage = { ...COVERAGE, bytes: 6 };
    const second = nextSnapshot(first, packed('k.1', {}, { coverage, generation: 'another' }), 2000);
    expect(second).toEqual({ ...first, coverage, generation: 'another' });
    expect(second.views).toBe(first.views);
  });

  test('holds what is ready from now on, and is the same where only the views are others', () => {
    const first = nextSnapshot(null, packed('k.1', { a: 'one', b: 'two' }), 1000);
    const second = nextSnapshot(first, packed('k.1', { c: 'three' }, { keys: ['a', 'c'] }), 2000);
    expect(second).toMatchObject({ id: 'k.1', builtAt: 1000 });
    expect([...second.views.keys()]).toEqual(['a', 'c']);
    expect([...first.views.keys()]).toEqual(['a', 'b']);
  });

  test('puts a view together of the sections that came and those that it had', () => {
    const sections = (key: string, kept: readonly boolean[]) => ({ views: [{ key, etag: `"${kept}"`, kept }] });
    const message = (kept: readonly boolean[], ...texts: string[]) => {
      const parts = texts.flatMap((text) => [Buffer.from(text), Buffer.from(text.toUpperCase())]);
      const { header } = unpack<SnapshotHeader>(packed(`k.${kept}`, {}, sections('a', kept)));
      return pack(header, parts);
    };
    const first = nextSnapshot(null, message([false, false, false], 'head ', 'rows ', 'tail'), 1000);
    const second = nextSnapshot(first, message([false, true, false, false], 'new ', 'today ', 'end'), 2000);
    const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
    expect(text(first.views.get('a')?.rest)).toBe('head rows tail');
    expect(text(second.views.get('a')?.rest)).toBe('new rows today end');
    expect(text(second.views.get('a')?.restDeflated)).toBe('NEW ROWS TODAY END');
    // A view of which nothing came before has nothing to keep.
    expect(() => nextSnapshot(null, message([true]), 1000)).toThrow('earlier section 0 of a');
  });

  test('holds no more memory than its views', () => {
    const message = packed('k.1', { a: 'one', b: 'x'.repeat(10_000) });
    const view = nextSnapshot(null, message, 1000).views.get('a');
    expect(view?.rest.buffer.byteLength).toBe(3);
    expect(view?.restDeflated.buffer.byteLength).toBe('deflated one'.length);
  });
});
