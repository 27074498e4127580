/**
 * Writes a view that is kept ready: only those of its sections that are not as they were the last time. What was written
 * is not kept here but by whoever was handed it.
 */
import { deflated, etagOf, hashOf } from '../rendering.ts';
import type { Section } from './sections.ts';

/** A view as it was written: the sections that changed, in their order, and for each of all whether it is the one of before. */
export interface WrittenView {
  readonly etag: string;
  /** By place: the section that stood there the last time stands there still. */
  readonly kept: readonly boolean[];
  readonly changed: readonly WrittenSection[];
}

export interface WrittenSection {
  readonly plain: Uint8Array;
  /** A raw deflate stream of it, without its end. */
  readonly deflated: Uint8Array;
}

interface Known {
  readonly rows: Section['rows'];
  readonly hash: Buffer;
}

export class SectionWriter {
  #known: readonly Known[] = [];
  #etag: string | null = null;

  /** Null when nothing changed since the last time. */
  write(sections: readonly Section[]): WrittenView | null {
    const kept: boolean[] = [];
    const changed: WrittenSection[] = [];
    this.#known = sections.map(({ rows, text }, at) => {
      const known = this.#known[at];
      if (known !== undefined && areSame(rows, known.rows)) {
        kept.push(true);
        return known;
      }
      const plain = Buffer.from(text());
      const hash = hashOf(plain);
      const isKept = known?.hash.equals(hash) === true;
      kept.push(isKept);
      if (!isKept) changed.push({ plain, deflated: deflated(plain) });
      return { rows, hash };
    });
    const etag = etagOf(hashOf(Buffer.concat(this.#known.map(({ hash }) => hash))));
    if (etag === this.#etag) return null;
    this.#etag = etag;
    return { etag, kept, changed };
  }
}

function areSame(rows: Section['rows'], before: Section['rows']): boolean {
  if (rows === null || rows.length !== before?.length) return false;
  return rows.every((row, at) => row === before[at]);
}
