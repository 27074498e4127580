/**
 * What a session index says of single entries beyond what the keeper remembers of all: read again when a gateway call
 * lists them, because the reports on system prompts alone are most of an index.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { KIB } from '../units.ts';
import { isDatabase } from './agent-database.ts';
import { pack, unpack } from './envelope.ts';
import { CAPTURE, DESCEND, type JsonHandler, JsonPush, SKIP } from './json-push.ts';
import { readDatabase } from './quiet-database.ts';
import { threadKernel } from './scan-kernel.ts';
import { isMissing } from './small-file.ts';

/** Which entries of an agent are asked for. */
export interface DetailsOrder {
  readonly agent: string;
  /** Absolute paths of its indexes, databases among them. */
  readonly indexes: readonly string[];
  readonly keys: readonly string[];
}

export interface DetailsRequest {
  readonly orders: readonly DetailsOrder[];
  /** Whether the reports on the system prompts are wanted, too. */
  readonly reports: boolean;
}

/** Members of an entry as they are written there; absent where they are absent, null, or too long a text. */
export interface EntryDetails {
  readonly sessionFile?: unknown;
  readonly chatType?: unknown;
  readonly origin?: unknown;
  readonly modelOverride?: unknown;
  readonly providerOverride?: unknown;
  readonly modelProvider?: unknown;
  readonly model?: unknown;
  readonly displayName?: unknown;
  readonly autoLabel?: unknown;
  readonly subject?: unknown;
  readonly topicName?: unknown;
  readonly groupChannel?: unknown;
  readonly space?: unknown;
  /** Whether there is a report on its system prompt. */
  readonly hasReport?: boolean;
  /** Where among the parts of the answer that report is, as JSON text. */
  readonly report?: number;
}

/** Header of an answer: by agent, then by key. */
export type DetailsAnswer = Readonly<Record<string, Readonly<Record<string, EntryDetails>>>>;

const MEMBERS = [
  'sessionFile',
  'chatType',
  'origin',
  'modelOverride',
  'providerOverride',
  'modelProvider',
  'model',
  'displayName',
  'autoLabel',
  'subject',
  'topicName',
  'groupChannel',
  'space',
] as const satisfies readonly (keyof EntryDetails)[];
const IS_MEMBER: ReadonlySet<string> = new Set(MEMBERS);
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
    const found = new Map<string, EntryDetails>();
    for (const index of indexes) {
      if (isDatabase(index)) readRows(found, index, keys, reports ? parts : null);
      else readInto(new DetailsCollector(found, new Set(keys), reports ? parts : null), index);
    }
    answer[agent] = Object.fromEntries(found);
  }
  return pack(answer satisfies DetailsAnswer, parts);
}

/** Of a database: 2026.8 moved what tells where a session came from into a member of its own. */
const PATHS = MEMBERS.map((member) => (member === 'origin' ? '$.delivery.origin' : `$.${member}`));
const ENTRY = `SELECT json_extract(entry_json, ${PATHS.map((path) => `'${path}'`).join(', ')}) AS members,
  json_type(entry_json, '$.${REPORT}') AS type, CASE WHEN ? THEN json_extract(entry_json, '$.${REPORT}') END AS report
  FROM session_nodes WHERE session_key = ? AND json_valid(entry_json)`;

function readRows(
  found: Map<string, EntryDetails>,
  file: string,
  keys: readonly string[],
  reports: Uint8Array[] | null,
): void {
  readDatabase(file, (database) => {
    const statement = database.prepare(ENTRY);
    for (const key of keys) {
      const row = statement.get(reports === null ? 0 : 1, key);
      if (row === undefined) continue;
      const values = JSON.parse(String(row.members)) as unknown[];
      const members = MEMBERS.map((member, at) => [member, values[at] ?? undefined]);
      const report =
        typeof row.report === 'string' && reports !== null ? reports.push(Buffer.from(row.report)) - 1 : undefined;
      found.set(key, { ...Object.fromEntries(members), hasReport: row.type === 'object', report });
    }
  });
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
  readonly #found: Map<string, EntryDetails>;
  readonly #wanted: ReadonlySet<string>;
  /** Null where they are not wanted. */
  readonly #reports: Uint8Array[] | null;
  #entry: Record<string, unknown> = {};
  #member = '';

  constructor(found: Map<string, EntryDetails>, wanted: ReadonlySet<string>, reports: Uint8Array[] | null) {
    this.#found = found;
    this.#wanted = wanted;
    this.#reports = reports;
  }

  key(depth: number, key: string): number {
    if (depth === 2) {
      this.#member = key;
      if (key !== REPORT) return IS_MEMBER.has(key) ? CAPTURE : SKIP;
      this.#entry.hasReport = true;
      return this.#reports === null ? SKIP : CAPTURE;
    }
    if (!this.#wanted.has(key)) return SKIP;
    this.#entry = {};
    this.#found.set(key, this.#entry);
    return DESCEND;
  }

  value(depth: number, buf: Buffer, start: number, end: number): void {
    if (depth !== 2) return;
    const text = buf.toString('utf8', start, end);
    const isNull = text === 'null';
    if (this.#member !== REPORT) this.#entry[this.#member] = isNull ? undefined : JSON.parse(text);
    else if (isNull) this.#entry.hasReport = false;
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
