/**
 * The last complete snapshot as one file, so that a restarted service has something to serve at once. Disposable:
 * a file of another format, of another store or damaged in any way is as good as none.
 */

import { pack, unpack } from '../compute/envelope.ts';
import type { ServiceOptions } from '../config.ts';
import type { Milliseconds } from '../units.ts';
import { CheckedFile } from './checked-file.ts';
import type { PublishedSnapshot } from './published.ts';
import type { Rendering } from './renderer.ts';
import type { Coverage } from './shapes.ts';
import type { UsedZone } from './used-zones.ts';

const FILE = 'snapshot.bin';
/** Raised whenever the header, the shape of any view or the form of its bytes changes. */
const FORMAT = 3;

interface Header {
  readonly format: number;
  readonly stateDirectory: string;
  readonly id: string;
  readonly builtAt: Milliseconds;
  readonly verifiedAt: Milliseconds;
  readonly coverage: Coverage;
  readonly zones: readonly UsedZone[];
  readonly views: readonly { readonly key: string; readonly etag: string }[];
}

export interface RestoredSnapshot {
  readonly snapshot: PublishedSnapshot;
  readonly verifiedAt: Milliseconds;
  /** Zones that are ready in it because somebody used them. */
  readonly zones: readonly UsedZone[];
}

/** Of what saved answers are. */
export type SavedStores = Pick<ServiceOptions, 'stateDirectory' | 'otherStates' | 'redact'>;

/** Names it: what was saved with keys in the open must not be shown redacted, nor the other way round. */
export function nameOfStores({ stateDirectory, otherStates, redact }: SavedStores): string {
  const all = [stateDirectory, ...otherStates.map(({ directory }) => directory)].join('\0');
  return redact ? `${all} redacted` : all;
}

export class SnapshotFile {
  readonly #file: CheckedFile;
  /** What the header calls `stateDirectory`. */
  readonly #shown: string;

  constructor(options: SavedStores & Pick<ServiceOptions, 'cacheDir'>) {
    this.#file = new CheckedFile(options.cacheDir, FILE);
    this.#shown = nameOfStores(options);
  }

  /** The snapshot that was saved last; null when there is none that can be used. Never throws. */
  restore(): RestoredSnapshot | null {
    try {
      const packed = this.#file.read();
      if (packed === null) return null;
      const { header, parts } = unpack<Header>(packed);
      if (header.format !== FORMAT || header.stateDirectory !== this.#shown) return null;
      if (parts.length !== header.views.length * 2) return null;
      const { id, builtAt, verifiedAt, coverage, zones } = header;
      const views = new Map(
        header.views.map(({ key, etag }, at): [string, Rendering] => [
          key,
          { etag, rest: parts[at * 2] as Uint8Array, restDeflated: parts[at * 2 + 1] as Uint8Array },
        ]),
      );
      // No keeper has that state any more, so nothing asked of one before counts.
      return { snapshot: { id, builtAt, coverage, generation: '', views }, verifiedAt, zones };
    } catch {
      return null;
    }
  }

  /** Replaces the file as a whole. Rejects with the file system's error. */
  async save(
    { id, builtAt, coverage, views }: PublishedSnapshot,
    verifiedAt: Milliseconds,
    zones: readonly UsedZone[] = [],
  ): Promise<void> {
    const header: Header = {
      format: FORMAT,
      stateDirectory: this.#shown,
      id,
      builtAt,
      verifiedAt,
      coverage,
      zones,
      views: [...views].map(([key, { etag }]) => ({ key, etag })),
    };
    const packed = pack(
      header,
      [...views.values()].flatMap(({ rest, restDeflated }) => [rest, restDeflated]),
    );
    await this.#file.write(packed);
  }
}
