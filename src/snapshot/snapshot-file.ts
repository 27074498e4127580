/**
 * The last complete snapshot as one file, so that a restarted service has something to serve at once. Disposable:
 * a file of another format, of another store or damaged in any way is as good as none.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { pack, unpack } from '../compute/envelope.ts';
import type { ServiceOptions } from '../config.ts';
import type { Milliseconds } from '../units.ts';
import type { PublishedSnapshot } from './published.ts';
import type { Rendering } from './renderer.ts';
import type { Coverage } from './shapes.ts';
import type { UsedZone } from './used-zones.ts';

const FILE = 'snapshot.bin';
/** Raised whenever the header, the shape of any view or the form of its bytes changes. */
const FORMAT = 3;
const CHECKSUM_BYTES = 4;
/** Writing takes milliseconds: an unfinished file of this age has nobody who goes on with it. */
const ABANDONED: Milliseconds = 60_000;

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

export class SnapshotFile {
  readonly #directory: string;
  /** What the header calls `stateDirectory`. */
  readonly #shown: string;

  /** `redact`: what was saved with keys in the open must not be shown redacted, nor the other way round. */
  constructor({
    cacheDir,
    stateDirectory,
    otherStates,
    redact,
  }: Pick<ServiceOptions, 'cacheDir' | 'stateDirectory' | 'otherStates' | 'redact'>) {
    this.#directory = cacheDir;
    const all = [stateDirectory, ...otherStates.map(({ directory }) => directory)].join('\0');
    this.#shown = redact ? `${all} redacted` : all;
  }

  /** The snapshot that was saved last; null when there is none that can be used. Never throws. */
  restore(): RestoredSnapshot | null {
    try {
      const file = readFileSync(join(this.#directory, FILE));
      const packed = file.subarray(0, file.length - CHECKSUM_BYTES);
      if (file.readUInt32BE(packed.length) !== crc32(packed)) return null;
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
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, FILE);
    await this.#sweep();
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      const checksum = Buffer.alloc(CHECKSUM_BYTES);
      checksum.writeUInt32BE(crc32(packed));
      await writeFile(temporary, Buffer.concat([packed, checksum]), { mode: 0o600, flush: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Removes what processes left behind that were killed while they saved. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!name.startsWith(`${FILE}.`)) continue;
      const path = join(this.#directory, name);
      const stats = await stat(path).catch(() => null);
      if (stats !== null && Date.now() - stats.mtimeMs > ABANDONED) await rm(path, { force: true });
    }
  }
}
