/**
 * What a session index says of single entries beyond what the keeper remembers of all: read again when a gateway call
 * lists them, because the reports on system prompts alone are most of an index.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { KIB } from '../units.ts';
import { pack, unpack } from './envelope.ts';
import { CAPTURE, DESCEND, type JsonHandler, JsonPush, SKIP } from './json-push.ts';
import { threadKernel } from './scan-kernel.ts';
import { isMissing } from './small-file.ts';

/** Which entries of an agent are asked for. */
export interface DetailsOrder {
  readonly agent: string;
  /** Absolute paths of its indexes. */
  readonly indexes: readonly string[];
  readonly keys: readonly string[];
}

export interface DetailsRequest {
  readonly orders: readonly DetailsOrder[];
  /** Whether the reports on the system prompts are wanted, too. */
  readonly reports: boolean;
}

/** Members of an entry as they are written there, absent where they are absent, no text that is too long, or null. */
export interface EntryDetails {
  readonly sessionFile?: unknown;
  readonly chatType?: unknown;
  readonly origin?: unknown;
  readonly modelOverride?: unknown;
  readonly providerOverride?: unknown;
  readonly modelProvider?: unknown;
  readonly model?: unknown;
  /** Where among the parts of the answer its report is. */
  report?: number;
}

/** Header of an answer: by agent, then by key. The parts are reports, as JSON text. */
export type DetailsAnswer = Readonly<Record<string, Readonly<Record<string, EntryDetails>>>>;

const MEMBERS: ReadonlySet<string> = new Set<keyof EntryDetails>([
  'sessionFile',
  'chatType',
  'origin',
  'modelOverride',
  'providerOverride',
  'modelProvider',
  'model',
]);
const REPORT = 'systemPromptReport';
/** Of a member's text; a report of a hundred skills and files has 20 KiB. */
const MAX_MEMBER = 256 * KIB;
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Reads what a packed DetailsRequest asks for. An index that is gone or broken tells what it can. */
export function entryDetails(request: Uint8Array): Uint8Array<ArrayBuffer> {
  const { orders, reports } = unpack<DetailsRequest>(request).header;
  const parts: Uint8Array[] = [];
  const answer: Record<string, Record<string, EntryDetails>> = {};
  for (const { agent, indexes, keys } of orders) {
    const collector = new DetailsCollector(new Set(keys), reports ? parts : null);
    for (const index of indexes) readInto(collector, index);
    answer[agent] = Object.fromEntries(collector.found);
  }
  return pack(answer satisfies DetailsAnswer, parts);
}

function readInto(collector: DetailsCollector, index: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(index, OPEN_FLAGS);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  try {
    const kernel = threadKernel();
    const push = new JsonPush(collector, MAX_MEMBER, kernel);
    const { buffer } = kernel;
    push.begin();
    for (let position = 0; ; ) {
      const read = readSync(descriptor, buffer, 0, buffer.length, position);
      if (read === 0) break;
      push.push(buffer, 0, read);
      position += read;
      if (push.failedAt >= 0) break;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Depths: 1 the index, 2 an entry. */
class DetailsCollector implements JsonHandler {
  readonly found = new Map<string, Record<string, unknown>>();
  readonly #wanted: ReadonlySet<string>;
  /** Null where they are not wanted. */
  readonly #reports: Uint8Array[] | null;
  #entry: Record<string, unknown> = {};
  #member = '';

  constructor(wanted: ReadonlySet<string>, reports: Uint8Array[] | null) {
    this.#wanted = wanted;
    this.#reports = reports;
  }

  key(depth: number, key: string): number {
    if (depth === 2) {
      this.#member = key;
      return MEMBERS.has(key) || (key === REPORT && this.#reports !== null) ? CAPTURE : SKIP;
    }
    if (!this.#wanted.has(key)) return SKIP;
    this.#entry = {};
    this.found.set(key, this.#entry);
    return DESCEND;
  }

  value(depth: number, buf: Buffer, start: number, end: number): void {
    if (depth !== 2) return;
    const text = buf.toString('utf8', start, end);
    if (text === 'null') delete this.#entry[this.#member === REPORT ? 'report' : this.#member];
    else if (this.#member !== REPORT) this.#entry[this.#member] = JSON.parse(text);
    else if (this.#reports !== null) this.#entry.report = this.#reports.push(Buffer.from(text)) - 1;
  }

  element(): number {
    return SKIP;
  }

  open(): void {
    // Only the index and its entries are descended into.
  }

  close(): void {
    // An entry counts from its key on.
  }

  tooLong(): void {
    // Counts as absent.
  }
}
