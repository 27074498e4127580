/**
 * Cuts the facts of one transcript line out of its bytes without parsing the rest: text, thinking, images and tool
 * arguments are walked over, never decoded. Works on a whole line or on pieces of one that is too long to hold.
 */
import type { Bytes } from '../units.ts';
import { CAPTURE, DESCEND, type JsonHandler, JsonPush, SKIP } from './json-push.ts';
import { CONTAINER, MessageFacts, roleOf } from './message-facts.ts';
import { readName } from './name-cache.ts';
import type { ScanKernel } from './scan-kernel.ts';

/** A captured member longer than this makes the line an unusual one. */
const CAPTURE_LIMIT: Bytes = 256 * 1024;

/** Depths of the only containers that are descended into: record, its `message`, the message's `content`, a block. */
const RECORD = 1;
const MESSAGE = 2;
const CONTENT = 3;
const BLOCK = 4;

type Slot = keyof Pick<
  MessageFacts,
  | 'recordTimestamp'
  | 'messageTimestamp'
  | 'recordUsage'
  | 'messageUsage'
  | 'recordProvider'
  | 'messageProvider'
  | 'recordModel'
  | 'messageModel'
  | 'recordDuration'
  | 'messageDuration'
  | 'stopReason'
  | 'toolName'
  | 'toolNameSnake'
  | 'isError'
  | 'isErrorSnake'
>;

interface Member {
  readonly slot: Slot | 'role' | 'message' | 'content' | 'type' | 'name';
  readonly action: number;
  /** One bit per member of the same container, to notice a key that comes twice. */
  readonly bit: number;
}

function members(table: Record<string, [Member['slot'], number]>): Map<string, Member> {
  return new Map(Object.entries(table).map(([name, [slot, action]], at) => [name, { slot, action, bit: 1 << at }]));
}

const MEMBERS: readonly (Map<string, Member> | undefined)[] = [
  undefined,
  members({
    message: ['message', DESCEND],
    timestamp: ['recordTimestamp', CAPTURE],
    usage: ['recordUsage', CAPTURE],
    provider: ['recordProvider', CAPTURE],
    model: ['recordModel', CAPTURE],
    durationMs: ['recordDuration', CAPTURE],
  }),
  members({
    role: ['role', CAPTURE],
    content: ['content', DESCEND],
    usage: ['messageUsage', CAPTURE],
    timestamp: ['messageTimestamp', CAPTURE],
    provider: ['messageProvider', CAPTURE],
    model: ['messageModel', CAPTURE],
    durationMs: ['messageDuration', CAPTURE],
    stopReason: ['stopReason', CAPTURE],
    toolName: ['toolName', CAPTURE],
    tool_name: ['toolNameSnake', CAPTURE],
    isError: ['isError', CAPTURE],
    is_error: ['isErrorSnake', CAPTURE],
  }),
  undefined,
  members({ type: ['type', CAPTURE], name: ['name', CAPTURE], is_error: ['isError', CAPTURE] }),
];

export class MessageReader implements JsonHandler {
  readonly facts = new MessageFacts();
  readonly #json: JsonPush;
  #unusual = false;
  #cut = false;
  #slots: (Member['slot'] | null)[] = [null, null, null, null, null];
  #seen = [0, 0, 0, 0, 0];
  #block: { type: unknown; name: unknown; isError: unknown } = { type: undefined, name: undefined, isError: undefined };

  /** @param kernel whose buffer the bytes mostly stand in; null for any other */
  constructor(kernel: ScanKernel | null = null) {
    this.#json = new JsonPush(this, CAPTURE_LIMIT, kernel);
  }

  /** The line had a shape that the gateway does not write: a repeated or escaped key, an oversized member. */
  get unusual(): boolean {
    return this.#unusual;
  }

  /** A member was longer than the reader holds, so a fact is missing. */
  get cut(): boolean {
    return this.#cut;
  }

  begin(): void {
    this.facts.clear();
    this.#json.begin();
    this.#unusual = false;
    this.#cut = false;
    this.#seen[RECORD] = 0;
  }

  push(buf: Buffer, start: number, end: number): void {
    this.#json.push(buf, start, end);
  }

  /** True when the line is JSON; `facts` holds what it says. */
  finish(): boolean {
    return this.#json.finish();
  }

  key(depth: number, key: string): number {
    if (this.#json.keyEscaped) this.#unusual = true;
    const member = MEMBERS[depth]?.get(key);
    if (member === undefined) return SKIP;
    const seen = this.#seen[depth] as number;
    if ((seen & member.bit) !== 0) {
      this.#unusual = true;
    } else {
      this.#seen[depth] = seen | member.bit;
    }
    this.#slots[depth] = member.slot;
    if (member.slot === 'message') this.facts.clearMessage();
    else if (member.slot === 'content') this.facts.clearContent();
    return member.action;
  }

  element(depth: number): number {
    return depth === CONTENT ? DESCEND : SKIP;
  }

  open(depth: number): void {
    this.#seen[depth] = 0;
    if (depth === BLOCK) this.#block = { type: undefined, name: undefined, isError: undefined };
  }

  close(depth: number): void {
    if (depth === BLOCK) this.facts.addBlock(this.#block.type, this.#block.name, this.#block.isError);
  }

  value(depth: number, buf: Buffer, start: number, end: number): void {
    const slot = this.#slots[depth] as Member['slot'];
    if (slot === 'message' || slot === 'content') return;
    if (depth === RECORD || depth === MESSAGE) this.#take(slot, scalarOf(buf, start, end));
    else if (depth === BLOCK) this.#block[slot as 'type' | 'name' | 'isError'] = scalarOf(buf, start, end);
  }

  tooLong(depth: number): void {
    const slot = this.#slots[depth] as Member['slot'];
    // A text where a container would count says nothing, however long it is.
    if (depth === CONTENT || slot === 'message' || slot === 'content') return;
    this.#unusual = true;
    this.#cut = true;
    if (depth === BLOCK) this.#block[slot as 'type' | 'name' | 'isError'] = CONTAINER;
    else this.#take(slot, CONTAINER);
  }

  #take(slot: Member['slot'], value: unknown): void {
    if (slot === 'role') this.facts.role = roleOf(value);
    else if (slot !== 'message' && slot !== 'content') this.facts[slot as Slot] = value;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Whole numbers of up to this many digits are exact in a double. */
const MAX_EXACT_DIGITS = 15;

/** The value of a captured JSON text. Most are short strings without escapes or whole numbers, which need no parsing. */
function scalarOf(buf: Buffer, start: number, end: number): unknown {
  let at = start + 1;
  if (buf[start] === QUOTE) {
    while (at < end && buf[at] !== BACKSLASH) at++;
    if (at === end) return readName(buf, start + 1, end - 1);
  } else if (end - start <= MAX_EXACT_DIGITS) {
    let number = 0;
    for (at = start; at < end; at++) {
      const digit = (buf[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    if (at === end) return number;
  }
  return JSON.parse(buf.toString('utf8', start, end));
}
