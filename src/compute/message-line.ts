/**
 * Takes the facts of a transcript line that is held whole and written as the gateway writes them: the kernel
 * (kernel/members.wat) finds the members that are named here. Any other line is left to message-reader.ts, which accepts
 * whatever is JSON; of the lines that both take, both say the same.
 */
import type { Bytes } from '../units.ts';
import { MessageFacts, type MessageRole } from './message-facts.ts';
import { readName } from './name-cache.ts';

/** What a line came to: not written as expected; JSON that does not count; a message, whose facts are at hand. */
export const UNEXPECTED = 0;
export const UNCOUNTED = 1;
export const MESSAGE = 2;

/** The part of the kernel that reads lines. */
export interface LineLoops {
  place(powers: number, root: number, slots: number, firstBlock: number, mostBlocks: number, longest: Bytes): void;
  read_line(start: number, end: number): number;
  readonly blocks: { readonly value: number };
}

/** Values longer than this are left to message-reader.ts, which drops them. */
const LONGEST: Bytes = 256 * 1024;
const MOST_BLOCKS = 256;
/** Kernel and doubles agree on numbers of so many decimals. */
const POWERS_OF_TEN = 23;

/** What the kernel puts into slots for single values, in this order; then come three slots for each block. */
const SLOTS = [
  'recordTimestamp',
  'recordUsage',
  'recordProvider',
  'recordModel',
  'recordDuration',
  'messageTimestamp',
  'messageUsage',
  'messageProvider',
  'messageModel',
  'messageDuration',
  'stopReason',
  'toolName',
  'toolNameSnake',
  'isError',
  'isErrorSnake',
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'totalTokens',
  'cost',
  'costInput',
  'costOutput',
  'costCacheRead',
  'costCacheWrite',
  'costTotal',
] as const;
type Slot = (typeof SLOTS)[number];
const slot = Object.fromEntries(SLOTS.map((name, at) => [name, at])) as Record<Slot, number>;
const FIRST_BLOCK = SLOTS.length;
const SLOT_BYTES = 24;

/** What is done with a member's value: see $take in kernel/members.wat. */
const CAPTURE = 0;
const MOMENT = 1;
const AMOUNT = 2;
const AMOUNTS = 3;
const OBJECT = 4;
const BLOCKS = 5;
const ROLE = 6;

interface Member {
  readonly key: string;
  readonly action: number;
  readonly slot: number;
  readonly table: Table | null;
}

interface Table {
  readonly members: readonly Member[];
  /** Whether an object with any other member is not read so. */
  readonly strict: boolean;
}

function member(key: string, action: number, at: number, table: Table | null = null): Member {
  return { key, action, slot: at, table };
}

const COST: Table = {
  strict: true,
  members: [
    member('input', AMOUNT, slot.costInput),
    member('output', AMOUNT, slot.costOutput),
    member('cacheRead', AMOUNT, slot.costCacheRead),
    member('cacheWrite', AMOUNT, slot.costCacheWrite),
    member('total', AMOUNT, slot.costTotal),
  ],
};
const USAGE: Table = {
  strict: true,
  members: [
    member('input', AMOUNT, slot.input),
    member('output', AMOUNT, slot.output),
    member('cacheRead', AMOUNT, slot.cacheRead),
    member('cacheWrite', AMOUNT, slot.cacheWrite),
    member('totalTokens', AMOUNT, slot.totalTokens),
    member('cost', AMOUNTS, slot.cost, COST),
  ],
};
const BLOCK: Table = {
  strict: false,
  members: [member('type', CAPTURE, 0), member('name', CAPTURE, 1), member('is_error', CAPTURE, 2)],
};
const MESSAGE_MEMBERS: Table = {
  strict: false,
  members: [
    member('role', ROLE, 0),
    member('content', BLOCKS, 0, BLOCK),
    member('provider', CAPTURE, slot.messageProvider),
    member('model', CAPTURE, slot.messageModel),
    member('usage', AMOUNTS, slot.messageUsage, USAGE),
    member('stopReason', CAPTURE, slot.stopReason),
    member('timestamp', CAPTURE, slot.messageTimestamp),
    member('durationMs', CAPTURE, slot.messageDuration),
    member('toolName', CAPTURE, slot.toolName),
    member('tool_name', CAPTURE, slot.toolNameSnake),
    member('isError', CAPTURE, slot.isError),
    member('is_error', CAPTURE, slot.isErrorSnake),
  ],
};
const RECORD: Table = {
  strict: false,
  members: [
    member('timestamp', MOMENT, slot.recordTimestamp),
    member('message', OBJECT, 0, MESSAGE_MEMBERS),
    member('usage', CAPTURE, slot.recordUsage),
    member('provider', CAPTURE, slot.recordProvider),
    member('model', CAPTURE, slot.recordModel),
    member('durationMs', CAPTURE, slot.recordDuration),
  ],
};
const TABLES = [RECORD, MESSAGE_MEMBERS, BLOCK, USAGE, COST];
const HEAD_BYTES = 8;
const ENTRY_BYTES = 48;
/** Bytes of a key that the kernel compares, its closing quote included. */
const KEY_BYTES = 16;

const POWERS_BYTES = POWERS_OF_TEN * 8;
const TABLE_BYTES = TABLES.reduce((sum, table) => sum + sizeOf(table), 0);

export class MessageLine {
  /** What a message needs of the kernel's memory. */
  static readonly bytes: Bytes = POWERS_BYTES + TABLE_BYTES + (FIRST_BLOCK + MOST_BLOCKS * 3) * SLOT_BYTES;

  /** Valid until the next line is read. */
  readonly facts = new MessageFacts();
  readonly #loops: LineLoops;
  readonly #slots: Slots;

  /** @param at where in the memory `MessageLine.bytes` are free; a multiple of 8 */
  constructor(loops: LineLoops, memory: ArrayBuffer, at: number) {
    this.#loops = loops;
    const bytes = Buffer.from(memory);
    const powers = new Float64Array(memory, at, POWERS_OF_TEN);
    for (let power = 0; power < POWERS_OF_TEN; power++) powers[power] = Number(`1e${power}`);
    const tables = at + POWERS_BYTES;
    writeTables(bytes, tables);
    const slots = tables + TABLE_BYTES;
    this.#slots = { bytes, ints: new Int32Array(memory, slots), numbers: new Float64Array(memory, slots) };
    loops.place(at, tables, slots, FIRST_BLOCK, MOST_BLOCKS, LONGEST);
  }

  /** Reads the bytes [start, end) of the kernel's buffer. */
  read(start: number, end: number): typeof UNEXPECTED | typeof UNCOUNTED | typeof MESSAGE {
    const found = this.#loops.read_line(start, end);
    if (found < 2) return found as typeof UNEXPECTED | typeof UNCOUNTED;
    const { facts } = this;
    const slots = this.#slots;
    facts.role = ROLES[found - 2] as MessageRole;
    facts.recordMoment =
      kindAt(slots, slot.recordTimestamp) === KIND_MOMENT ? numberAt(slots, slot.recordTimestamp) : null;
    facts.recordTimestamp = valueAt(slots, slot.recordTimestamp);
    facts.recordUsage = valueAt(slots, slot.recordUsage);
    facts.recordProvider = valueAt(slots, slot.recordProvider);
    facts.recordModel = valueAt(slots, slot.recordModel);
    facts.recordDuration = valueAt(slots, slot.recordDuration);
    facts.messageTimestamp = valueAt(slots, slot.messageTimestamp);
    facts.messageUsage =
      kindAt(slots, slot.messageUsage) === KIND_AMOUNTS ? amountsIn(slots) : valueAt(slots, slot.messageUsage);
    facts.messageProvider = valueAt(slots, slot.messageProvider);
    facts.messageModel = valueAt(slots, slot.messageModel);
    facts.messageDuration = valueAt(slots, slot.messageDuration);
    facts.stopReason = valueAt(slots, slot.stopReason);
    facts.toolName = valueAt(slots, slot.toolName);
    facts.toolNameSnake = valueAt(slots, slot.toolNameSnake);
    facts.isError = valueAt(slots, slot.isError);
    facts.isErrorSnake = valueAt(slots, slot.isErrorSnake);
    facts.clearContent();
    const behind = FIRST_BLOCK + this.#loops.blocks.value * 3;
    for (let at = FIRST_BLOCK; at < behind; at += 3) {
      facts.addBlock(valueAt(slots, at), valueAt(slots, at + 1), valueAt(slots, at + 2));
    }
    return MESSAGE;
  }
}

/** A usage object of the usual shape; what it does not hold is undefined. */
function amountsIn(slots: Slots): object {
  return {
    input: valueAt(slots, slot.input),
    output: valueAt(slots, slot.output),
    cacheRead: valueAt(slots, slot.cacheRead),
    cacheWrite: valueAt(slots, slot.cacheWrite),
    totalTokens: valueAt(slots, slot.totalTokens),
    cost: kindAt(slots, slot.cost) === KIND_AMOUNTS ? costIn(slots) : valueAt(slots, slot.cost),
  };
}

function costIn(slots: Slots): object {
  return {
    input: valueAt(slots, slot.costInput),
    output: valueAt(slots, slot.costOutput),
    cacheRead: valueAt(slots, slot.costCacheRead),
    cacheWrite: valueAt(slots, slot.costCacheWrite),
    total: valueAt(slots, slot.costTotal),
  };
}

/** These are functions, and no methods, because they are called dozens of times a line before V8 has optimised them. */
function valueAt(slots: Slots, at: number): unknown {
  const kind = kindAt(slots, at);
  if (kind === 0) return undefined;
  if (kind === KIND_NUMBER) return numberAt(slots, at);
  if (kind !== KIND_TEXT && kind !== KIND_JSON) return undefined;
  const start = slots.ints[at * 6 + 1] as number;
  const end = slots.ints[at * 6 + 2] as number;
  return kind === KIND_TEXT ? readName(slots.bytes, start, end) : JSON.parse(slots.bytes.toString('utf8', start, end));
}

function kindAt({ ints }: Slots, at: number): number {
  return ints[at * 6] as number;
}

function numberAt({ numbers }: Slots, at: number): number {
  return numbers[at * 3 + 2] as number;
}

/** The kernel's memory, and its slots as integers and as numbers. */
interface Slots {
  readonly bytes: Buffer;
  readonly ints: Int32Array;
  readonly numbers: Float64Array;
}

/** What the kernel tells by numbers from 2 on. */
const ROLES: readonly MessageRole[] = ['user', 'assistant', 'tool'];

/** Kinds of slots; 0 is an empty one. */
const KIND_NUMBER = 1;
const KIND_TEXT = 2;
const KIND_JSON = 3;
const KIND_AMOUNTS = 4;
const KIND_MOMENT = 5;

function sizeOf({ members }: Table): Bytes {
  return HEAD_BYTES + (members.length + 1) * ENTRY_BYTES;
}

function writeTables(memory: Buffer, at: number): void {
  const places = new Map<Table, number>();
  let end = at;
  for (const table of TABLES) {
    places.set(table, end);
    end += sizeOf(table);
  }
  memory.fill(0, at, end);
  for (const [table, place] of places) {
    memory[place] = table.strict ? 1 : 0;
    table.members.forEach(({ key, action, slot: number, table: inner }, index) => {
      const entry = place + HEAD_BYTES + index * ENTRY_BYTES;
      const length = memory.write(`${key}"`, entry);
      memory.fill(0xff, entry + KEY_BYTES, entry + KEY_BYTES + length);
      memory.writeInt32LE(length, entry + 32);
      memory.writeInt32LE(action, entry + 36);
      memory.writeInt32LE(number, entry + 40);
      memory.writeInt32LE(inner === null ? 0 : (places.get(inner) as number), entry + 44);
    });
  }
}
