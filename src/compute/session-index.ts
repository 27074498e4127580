/**
 * Reads a session index (sessions.json), which can be tens of megabytes of prompts and snapshots around the few
 * fields that matter, in one pass and in memory that depends only on those fields.
 */
import { fstatSync, readSync } from 'node:fs';
import { KIB, MIB } from '../units.ts';
import { CAPTURE, DESCEND, type JsonHandler, JsonPush, SKIP } from './json-push.ts';
import { parseJson5 } from './json5.ts';
import { threadKernel } from './scan-kernel.ts';
import type { SessionEntryWriter } from './session-entries.ts';
import type { SessionEntry } from './transcript.ts';

/** Of the raw text of one field; a longer one counts as absent. */
const MAX_FIELD = 64 * KIB;
/** The gateway reads an index that is not strict JSON as JSON5; so do we, where it fits in memory. */
const MAX_JSON5 = 8 * MIB;
const OBJECT = 0x7b;
const ARRAY = 0x5b;
const MAX_KEY = 4096;
const MAX_TEXT = 512;
const MAX_SESSION_ID = 255;
const MAX_FAMILY = 1000;

/**
 * Reads the index behind an open file descriptor, from its start, into a writer that holds nothing else of this index.
 * Of entries with the same key the last counts, and entries without a session id are left out. Gives the byte up to
 * which the text was read when it proved not to be JSON, with the entries before it; null when all was read.
 * @throws the file system's error when reading fails
 */
export function readSessionIndex(descriptor: number, entries: SessionEntryWriter): number | null {
  const collector = new EntryCollector(entries);
  const kernel = threadKernel();
  const push = new JsonPush(collector, MAX_FIELD, kernel);
  const { buffer } = kernel;
  let blank = true;
  let size = 0;
  push.begin();
  for (;;) {
    const read = readSync(descriptor, buffer, 0, buffer.length, size);
    if (read === 0) break;
    blank &&= buffer.toString('latin1', 0, read).trim() === '';
    push.push(buffer, 0, read);
    size += read;
    if (push.failedAt >= 0) break;
  }
  if (blank || (push.finish() && collector.isObject)) return null;
  const lenient = readAsJson5(descriptor);
  if (lenient === null) return push.failedAt >= 0 ? push.failedAt : size;
  entries.forgetIndex();
  for (const entry of lenient) entries.add(entry);
  return null;
}

/** The fields of an index entry that matter, of whatever type they are. */
export interface Fields {
  sessionId?: unknown;
  updatedAt?: unknown;
  label?: unknown;
  channel?: unknown;
  originProvider?: unknown;
  creator?: unknown;
  usageFamilyKey?: unknown;
  usageFamilySessionIds?: unknown[];
}

type Scalar = 'sessionId' | 'updatedAt' | 'label' | 'channel' | 'usageFamilyKey';
const SCALARS: ReadonlySet<string> = new Set<Scalar>(['sessionId', 'updatedAt', 'label', 'channel', 'usageFamilyKey']);

/** Depths: 1 the index, 2 an entry, 3 an entry's `origin` or `usageFamilySessionIds`. */
class EntryCollector implements JsonHandler {
  isObject = false;
  readonly #entries: SessionEntryWriter;
  #key = '';
  #fields: Fields = {};
  #field = '';
  #inEntry = false;

  constructor(entries: SessionEntryWriter) {
    this.#entries = entries;
  }

  open(depth: number, kind: number): void {
    if (depth === 1) this.isObject = kind === OBJECT;
    if (depth === 2) this.#inEntry = kind === OBJECT;
  }

  key(depth: number, key: string): number {
    if (depth === 1) {
      this.#key = cut(key, MAX_KEY);
      this.#entries.forget(this.#key);
      this.#fields = {};
      return DESCEND;
    }
    if (depth === 3) return this.#field === 'origin' && key === 'provider' ? CAPTURE : SKIP;
    this.#field = key;
    if (key === 'origin') this.#fields.originProvider = undefined;
    else if (key === 'usageFamilySessionIds') this.#fields.usageFamilySessionIds = [];
    else if (SCALARS.has(key)) this.#fields[key as Scalar] = undefined;
    else return SKIP;
    return SCALARS.has(key) ? CAPTURE : DESCEND;
  }

  element(depth: number): number {
    const wanted = depth === 3 && this.#field === 'usageFamilySessionIds';
    return wanted && (this.#fields.usageFamilySessionIds as unknown[]).length < MAX_FAMILY ? CAPTURE : SKIP;
  }

  value(depth: number, buf: Buffer, start: number, end: number): void {
    if (buf[start] === OBJECT || buf[start] === ARRAY) return;
    if (depth === 2 && SCALARS.has(this.#field)) this.#fields[this.#field as Scalar] = parse(buf, start, end);
    if (depth === 3 && this.#field === 'origin') this.#fields.originProvider = parse(buf, start, end);
    if (depth === 3 && this.#field !== 'origin') this.#fields.usageFamilySessionIds?.push(parse(buf, start, end));
  }

  close(depth: number): void {
    if (depth !== 2 || !this.#inEntry) return;
    const entry = sessionEntryOf(this.#key, this.#fields);
    if (entry !== null) this.#entries.add(entry);
  }

  tooLong(): void {
    // The field counts as absent: key() has cleared it.
  }
}

function parse(buf: Buffer, start: number, end: number): unknown {
  return JSON.parse(buf.toString('utf8', start, end));
}

/** The entries of an index that is JSON5; null when it is not, or too large. */
function readAsJson5(descriptor: number): SessionEntry[] | null {
  const { size } = fstatSync(descriptor);
  if (size > MAX_JSON5) return null;
  const text = Buffer.alloc(size);
  const length = readSync(descriptor, text, 0, size, 0);
  let index: unknown;
  try {
    index = parseJson5(text.toString('utf8', 0, length));
  } catch {
    return null;
  }
  if (!isRecord(index)) return null;
  return Object.entries(index)
    .map(([key, value]) => (isRecord(value) ? sessionEntryOf(cut(key, MAX_KEY), fieldsOf(value)) : null))
    .filter((entry) => entry !== null);
}

function fieldsOf(entry: Readonly<Record<string, unknown>>): Fields {
  const family = entry.usageFamilySessionIds;
  return {
    ...entry,
    originProvider: isRecord(entry.origin) ? entry.origin.provider : undefined,
    usageFamilySessionIds: Array.isArray(family) ? family : [],
  };
}

/** An entry as it counts; null without a session id. */
export function sessionEntryOf(key: string, fields: Fields): SessionEntry | null {
  const sessionId = sessionIdOf(fields.sessionId);
  if (sessionId === null) return null;
  const { updatedAt } = fields;
  return {
    key,
    sessionId,
    updatedAt: typeof updatedAt === 'number' && Number.isFinite(updatedAt) && updatedAt >= 0 ? updatedAt : null,
    label: textOf(fields.label, MAX_TEXT),
    channel: textOf(fields.channel, MAX_TEXT),
    originProvider: textOf(fields.originProvider, MAX_TEXT),
    creator: creatorOf(fields.creator),
    familyKey: textOf(fields.usageFamilyKey, MAX_KEY),
    familySessionIds: (fields.usageFamilySessionIds ?? [])
      .slice(0, MAX_FAMILY)
      .map(sessionIdOf)
      .filter((id) => id !== null),
  };
}

/** Cut, it would not be JSON. */
function creatorOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= MAX_KEY ? value : null;
}

function sessionIdOf(value: unknown): string | null {
  const id = typeof value === 'string' ? value.trim() : '';
  return id === '' || id.length > MAX_SESSION_ID ? null : id;
}

/** An empty text says as little as an absent one. */
function textOf(value: unknown, limit: number): string | null {
  return typeof value === 'string' && value.trim() !== '' ? cut(value, limit) : null;
}

/** The text's first `limit` UTF-16 units or, not to split a pair, one less; a copy that does not keep the whole text alive. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return Buffer.from(text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)).toString();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
