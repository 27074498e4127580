/** One counted transcript in the keeper's catalog. */
import type { SessionNames } from '../compute/dimensions.ts';
import { fileStateOf } from '../compute/file-stamp.ts';
import type { TranscriptClass } from '../compute/transcript.ts';
import { parseTranscriptName } from '../compute/transcript-name.ts';
import type { ByteWriter } from '../compute/varint.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { Extent, Folded, Identity } from './catalog.ts';
import type { RowRecord } from './row-records.ts';
import type { SetAside } from './set-aside.ts';
import type { Folder } from './store-rows.ts';

/** What few transcripts have. */
interface Particulars {
  readonly setAside: SetAside | null;
  /** The last one that it had, where there is no such file any more; else the session index tells. */
  readonly lastIdentity: Identity | null;
}

const NONE: Particulars = { setAside: null, lastIdentity: null };

/**
 * Only the catalog changes a row. There are a hundred thousand of them, so what is known of one is read from bytes
 * when it is asked for; what it gives is not to be changed.
 */
export class TranscriptRow {
  #folder: Folder;
  #record: RowRecord;
  #particulars = NONE;

  /**
   * @param identity of a transcript that is not there any more
   * @throws a TypeError for a name that is no counted transcript's
   */
  constructor(folder: Folder, fileName: string, stamp: string, identity: Identity | null = null) {
    if (parseTranscriptName(fileName) === null) throw new TypeError('expected the name of a counted transcript');
    this.#folder = folder;
    this.#record = folder.store.records.put(null, fileName, stamp, null);
    if (identity !== null) this.#particulars = { ...NONE, lastIdentity: identity };
  }

  get folder(): Folder {
    return this.#folder;
  }

  /** In its directory. */
  get fileName(): string {
    return this.folder.store.records.name(this.#record);
  }

  get setAside(): SetAside | null {
    return this.#particulars.setAside;
  }

  set setAside(setAside: SetAside | null) {
    this.#particulars = particularsOf(setAside, this.#particulars.lastIdentity);
  }

  /** Whether there is such a file, as far as could be seen; else what was folded of it counts on. */
  get exists(): boolean {
    return this.#particulars.lastIdentity === null;
  }

  /** Of the content that it has now. */
  get stamp(): string {
    return this.folder.store.records.stamp(this.#record);
  }

  /** Writes what a look at it is told: see compute/look-list.ts. */
  writeLook(writer: ByteWriter): void {
    this.folder.store.records.writeLook(this.#record, writer);
  }

  /** Null before the first fold. */
  get folded(): Folded | null {
    return this.folder.store.records.folded(this.#record);
  }

  /** When what was folded of it counts; null before the first fold. */
  get extent(): Extent | null {
    return this.folder.store.records.extent(this.#record);
  }

  get isFolded(): boolean {
    return this.folder.store.records.isFolded(this.#record);
  }

  /** Whether it is folded as it is now. */
  get isCurrent(): boolean {
    return this.folder.store.records.isCurrent(this.#record);
  }

  get mtimeMs(): Milliseconds {
    return fileStateOf(this.stamp).mtimeMs;
  }

  get size(): Bytes {
    return fileStateOf(this.stamp).size;
  }

  get sessionId(): string {
    return parsed(this.fileName).sessionId;
  }

  get class(): TranscriptClass {
    return parsed(this.fileName).class;
  }

  get identity(): Identity {
    return this.#particulars.lastIdentity ?? this.folder.store.identityOf(this);
  }

  /** What its session is asked for by, without the rest of its identity. */
  get names(): SessionNames {
    return this.#particulars.lastIdentity ?? this.folder.store.namesOf(this);
  }

  /** Takes over what is known of it now. */
  keep(stamp: string, folded: Folded | null): void {
    const record = typeof this.#record === 'number' ? this.#record : null;
    this.#record = this.folder.store.records.put(record, this.fileName, stamp, folded);
  }

  /** There is no such file any more. */
  depart(): void {
    this.#particulars = particularsOf(this.setAside, this.identity);
  }

  /** There is such a file again. */
  comeBack(folder: Folder): void {
    this.#particulars = particularsOf(this.setAside, null);
    this.#folder = folder;
  }

  /** It is in the catalog no longer; lists that still have it go on asking. */
  leave(): void {
    if (typeof this.#record === 'number') this.#record = this.folder.store.records.take(this.#record);
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

function particularsOf(setAside: SetAside | null, lastIdentity: Identity | null): Particulars {
  return setAside === null && lastIdentity === null ? NONE : { setAside, lastIdentity };
}

function parsed(fileName: string): { class: TranscriptClass; sessionId: string } {
  return parseTranscriptName(fileName) as { class: TranscriptClass; sessionId: string };
}
