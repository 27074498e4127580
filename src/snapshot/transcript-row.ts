/** One counted transcript in the keeper's catalog. */
import type { FileState } from '../compute/file-stamp.ts';
import type { TranscriptClass } from '../compute/transcript.ts';
import { parseTranscriptName } from '../compute/transcript-name.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { Folded, Identity } from './catalog.ts';
import type { SetAside } from './set-aside.ts';
import type { Folder } from './store-rows.ts';

/** Only the catalog changes a row. */
export class TranscriptRow {
  folder: Folder;
  /** Whether there is such a file, as far as could be seen; else what was folded of it counts on. */
  exists = true;
  /** In its directory. */
  readonly fileName: string;
  readonly sessionId: string;
  readonly class: TranscriptClass;
  stamp: string;
  mtimeMs: Milliseconds;
  size: Bytes;
  identity: Identity;
  /** Null before the first fold. */
  folded: Folded | null = null;
  setAside: SetAside | null = null;

  constructor(
    folder: Folder,
    fileName: string,
    { stamp, size, mtimeMs }: FileState,
    identityOf: (row: TranscriptRow) => Identity,
  ) {
    const parsed = parseTranscriptName(fileName);
    if (parsed === null) throw new TypeError('expected the name of a counted transcript');
    this.folder = folder;
    this.fileName = fileName;
    this.sessionId = parsed.sessionId;
    this.class = parsed.class;
    this.stamp = stamp;
    this.mtimeMs = mtimeMs;
    this.size = size;
    this.identity = identityOf(this);
  }

  /** Names a transcript wherever bytes about it travel or rest. */
  get id(): string {
    return `${this.agent}/${this.name}`;
  }

  get agent(): string {
    return this.folder.store.agent;
  }

  /** Of its store, absolute. */
  get directory(): string {
    return this.folder.store.directory;
  }

  /** In its store. */
  get name(): string {
    return this.folder.prefix + this.fileName;
  }
}
