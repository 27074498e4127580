/**
 * The entries of a store's session index as bytes, in which they cross threads and are kept: a large index has a
 * hundred thousand of them, which as objects would not fit into any heap of ours.
 */
import { TextTable } from './text-table.ts';
import type { SessionEntry } from './transcript.ts';
import { ByteReader, ByteWriter } from './varint.ts';

const DEAD = 0;
const ALIVE = 1;
const UPDATED = 1;
const LABEL = 2;
const CHANNEL = 4;
const ORIGIN = 8;
/** The only session of its family. */
const ALONE = 16;
/** Most entries say some things twice. */
const ORIGIN_IS_CHANNEL = 32;
const FAMILY_IS_KEY = 64;
/** Few have these, which make the flags a byte longer. */
const FAMILY = 128;
const CREATOR = 256;

/** Told of the session ids that an entry names. */
export type IdCallback = (sessionId: string, idAt: number, entryAt: number, own: boolean) => void;

export class SessionEntries implements Iterable<SessionEntry> {
  readonly bytes: Buffer;

  /** @param bytes of a SessionEntryWriter */
  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static of(entries: Iterable<SessionEntry>): SessionEntries {
    const writer = new SessionEntryWriter();
    for (const entry of entries) writer.add(entry);
    return writer.finish();
  }

  *[Symbol.iterator](): Generator<SessionEntry, undefined> {
    const reader = new ByteReader(this.bytes);
    while (!reader.done) {
      const alive = reader.byte() === ALIVE;
      const entry = readEntry(reader);
      if (alive) yield entry;
    }
  }

  /** The entry that begins at a byte. */
  at(position: number): SessionEntry {
    return readEntry(new ByteReader(this.bytes, position + 1));
  }

  /** The bytes of the entry that begins at a byte: equal ones say the same. */
  bytesAt(position: number): Buffer {
    const reader = new ByteReader(this.bytes, position + 1);
    readEntry(reader);
    return this.bytes.subarray(position, reader.position);
  }

  /** Calls back with each entry's session ids: its own first, then the others of its family. */
  forEachId(callback: IdCallback): void {
    const reader = new ByteReader(this.bytes);
    while (!reader.done) {
      const entryAt = reader.position;
      const alive = reader.byte() === ALIVE;
      reader.text();
      const ownAt = reader.position;
      const own = reader.text();
      if (alive) callback(own, ownAt, entryAt, true);
      const flags = reader.unsigned();
      readFields(reader, flags, '');
      if ((flags & ALONE) !== 0) continue;
      for (let left = reader.unsigned(); left > 0; left--) {
        const idAt = reader.position;
        const id = reader.text();
        if (alive && id !== own) callback(id, idAt, entryAt, false);
      }
    }
  }
}

export class SessionEntryWriter {
  readonly #writer = new ByteWriter();
  #keys = new TextTable();
  #indexAt = 0;

  /** What comes now is of another index, which may have the same keys. */
  nextIndex(): void {
    this.#keys = new TextTable();
    this.#indexAt = this.#writer.length;
  }

  /** Forgets what came since the last index. */
  forgetIndex(): void {
    this.#writer.cut(this.#indexAt);
    this.nextIndex();
  }

  /** An entry in place of the one with the same key. */
  add(entry: SessionEntry): void {
    this.forget(entry.key);
    const writer = this.#writer;
    const at = writer.length;
    writer.byte(ALIVE);
    writer.text(entry.key);
    writer.text(entry.sessionId);
    const { updatedAt, label, channel, familySessionIds, creator } = entry;
    const originIsChannel = channel !== null && entry.originProvider === channel;
    const originProvider = originIsChannel ? null : entry.originProvider;
    const familyIsKey = entry.familyKey === entry.key;
    const familyKey = familyIsKey ? null : entry.familyKey;
    const alone = familySessionIds.length === 1 && familySessionIds[0] === entry.sessionId;
    const has = (value: unknown, flag: number) => (value === null || value === false ? 0 : flag);
    writer.unsigned(
      has(updatedAt, UPDATED) |
        has(label, LABEL) |
        has(channel, CHANNEL) |
        has(originProvider, ORIGIN) |
        has(familyKey, FAMILY) |
        has(creator, CREATOR) |
        has(originIsChannel, ORIGIN_IS_CHANNEL) |
        has(familyIsKey, FAMILY_IS_KEY) |
        has(alone, ALONE),
    );
    if (updatedAt !== null) writer.real(updatedAt);
    for (const text of [label, channel, originProvider, familyKey, creator]) if (text !== null) writer.text(text);
    if (!alone) {
      writer.unsigned(familySessionIds.length);
      for (const id of familySessionIds) writer.text(id);
    }
    this.#keys.set(writer.written(), entry.key, at + 1, at);
  }

  /** There is no entry of this key any more. */
  forget(key: string): void {
    const bytes = this.#writer.written();
    const at = this.#keys.get(bytes, key);
    if (at >= 0) bytes[at] = DEAD;
  }

  finish(): SessionEntries {
    const entries = new SessionEntries(this.#writer.finish());
    this.nextIndex();
    return entries;
  }
}

function readEntry(reader: ByteReader): SessionEntry {
  const key = reader.text();
  const sessionId = reader.text();
  const flags = reader.unsigned();
  const fields = readFields(reader, flags, key);
  if ((flags & ALONE) !== 0) return { key, sessionId, ...fields, familySessionIds: [sessionId] };
  const familySessionIds: string[] = [];
  for (let left = reader.unsigned(); left > 0; left--) familySessionIds.push(reader.text());
  return { key, sessionId, ...fields, familySessionIds };
}

type Fields = Omit<SessionEntry, 'key' | 'sessionId' | 'familySessionIds'>;

function readFields(reader: ByteReader, flags: number, key: string): Fields {
  const text = (flag: number) => ((flags & flag) === 0 ? null : reader.text());
  const updatedAt = (flags & UPDATED) === 0 ? null : reader.real();
  const label = text(LABEL);
  const channel = text(CHANNEL);
  const originProvider = (flags & ORIGIN_IS_CHANNEL) === 0 ? text(ORIGIN) : channel;
  const familyKey = (flags & FAMILY_IS_KEY) === 0 ? text(FAMILY) : key;
  return { updatedAt, label, channel, originProvider, familyKey, creator: text(CREATOR) };
}
