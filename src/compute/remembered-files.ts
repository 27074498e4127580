/** Reads small files and remembers which, so that what was made of them need not be made again while none has changed. */
import { statSync } from 'node:fs';
import type { Bytes } from '../units.ts';
import { isSettled, MISSING, stampAt, stampOf } from './file-stamp.ts';
import { readSmallFile, type SmallFile } from './small-file.ts';

/** A file, there or not, and its stamp from before it was read. */
export interface FileStamp {
  readonly path: string;
  readonly stamp: string;
}

export class RememberedFiles {
  readonly #stamps: FileStamp[] = [];
  #reliable = true;

  /** Those that were read or noted; null when one of them has to be read again in any case. */
  stamps(): readonly FileStamp[] | null {
    return this.#reliable ? this.#stamps : null;
  }

  read(path: string, cap: Bytes): SmallFile {
    this.note(path);
    const file = readSmallFile(path, cap);
    if (file.kind === 'unreadable') this.#reliable = false;
    return file;
  }

  /** Remembers a file that was decided on without reading it. */
  note(path: string): void {
    try {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (stats !== undefined && !isSettled(stats)) this.#reliable = false;
      this.#stamps.push({ path, stamp: stats === undefined ? MISSING : stampOf(stats) });
    } catch {
      this.#reliable = false;
    }
  }
}

/** Whether every file is as it was. */
export function areUnchanged(files: readonly FileStamp[]): boolean {
  try {
    return files.every(({ path, stamp }) => stampAt(path) === stamp);
  } catch {
    return false;
  }
}
