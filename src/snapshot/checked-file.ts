/**
 * A disposable file that is written as a whole, beside the one before, and takes its place when it is complete; with a
 * checksum, so that a damaged one is as good as none.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Milliseconds } from '../units.ts';

const CHECKSUM_BYTES = 4;
/** Writing takes milliseconds: an unfinished file of this age has nobody who goes on with it. */
const ABANDONED: Milliseconds = 60_000;

export class CheckedFile {
  readonly #directory: string;
  readonly #name: string;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** What was written last; null where it is damaged. Throws the file system's error. */
  read(): Uint8Array | null {
    const file = readFileSync(join(this.#directory, this.#name));
    const content = file.subarray(0, Math.max(0, file.length - CHECKSUM_BYTES));
    return file.readUInt32BE(content.length) === crc32(content) ? content : null;
  }

  /** Replaces the file as a whole, for its owner alone. Rejects with the file system's error. */
  async write(content: Uint8Array): Promise<void> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, this.#name);
    await this.#sweep();
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      const checksum = Buffer.alloc(CHECKSUM_BYTES);
      checksum.writeUInt32BE(crc32(content));
      await writeFile(temporary, Buffer.concat([content, checksum]), { mode: 0o600, flush: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Removes what processes left behind that were killed while they wrote. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!name.startsWith(`${this.#name}.`)) continue;
      const path = join(this.#directory, name);
      const stats = await stat(path).catch(() => null);
      if (stats !== null && Date.now() - stats.mtimeMs > ABANDONED) await rm(path, { force: true });
    }
  }
}
