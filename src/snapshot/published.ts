/** The snapshot that is served: ready bytes by view key, on the main thread. Replaced as a whole, view by view. */
import { unpack } from '../compute/envelope.ts';
import type { Milliseconds } from '../units.ts';
import { JoinedSections } from './joined-sections.ts';
import type { SnapshotHeader } from './publisher.ts';
import type { Rendering } from './renderer.ts';
import type { Coverage } from './shapes.ts';

/** One published moment. */
export interface PublishedSnapshot {
  readonly id: string;
  /** When the inventory began whose result it shows. */
  readonly builtAt: Milliseconds;
  readonly coverage: Coverage;
  /** Names the state that other views can be asked of. */
  readonly generation: string;
  readonly views: ReadonlyMap<string, Rendering>;
}

/** The snapshot that follows `previous`: what did not change keeps its very bytes, and `builtAt` if no figure changed. */
export function nextSnapshot(
  previous: PublishedSnapshot | null,
  packed: Uint8Array,
  builtAt: Milliseconds,
): PublishedSnapshot {
  const { header, parts } = unpack<SnapshotHeader>(packed);
  const { id, coverage, generation, keys } = header;
  const isSame = previous?.id === id;
  if (isSame && header.views.length === 0 && keys === null) return { ...previous, coverage, generation };
  const views = new Map(previous?.views);
  let at = 0;
  // Copies, or one section that never changes would keep the bytes of all that were published with it.
  const next = () => (parts[at++] as Uint8Array).slice();
  for (const { key, etag, kept } of header.views) {
    const before = views.get(key);
    const known = before instanceof JoinedSections ? before.sections : [];
    const sections = kept.map((isKept, place) => {
      if (!isKept) return { plain: next(), deflated: next() };
      const section = known[place];
      if (section === undefined) throw new RangeError(`expected the earlier section ${place} of ${key}; got none`);
      return section;
    });
    views.set(key, new JoinedSections(etag, sections));
  }
  if (keys !== null) {
    const wanted = new Set(keys);
    for (const key of views.keys()) if (!wanted.has(key)) views.delete(key);
  }
  return { id, builtAt: isSame ? previous.builtAt : builtAt, coverage, generation, views };
}
