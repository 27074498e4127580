/** One transcript line as an entry of a session's log: who said what, and what it used. */
import type { Milliseconds } from '../units.ts';
import { type Accounting, Message } from './accounting.ts';
import { nested, recordedCost } from './accounting-rules.ts';
import {
  withoutEnvelope,
  withoutMessageIds,
  withoutMetadata2026_5,
  withoutMetadata2026_9,
  withoutRuntimeContext,
} from './display-text.ts';
import { COST, MISSING, RECORDS, TOTAL_TOKENS } from './figures.ts';
import { factsOf, MessageFacts } from './message-facts.ts';
import type { ReadForm } from './session-read.ts';

/** UTF-16 units of a text that are shown, as in the gateway (format.md 2.13). */
const MAX_TEXT = 2000;

export interface LogEntry {
  readonly role: 'user' | 'assistant' | 'tool' | 'toolResult';
  /** Null where the line says none. */
  readonly time: Milliseconds | null;
  readonly text: string;
  /** Not all of the text. */
  readonly cut: boolean;
  readonly provider: string | null;
  readonly model: string | null;
  /** Null without usage. */
  readonly tokens: number | null;
  /** In dollars; null without usage or price. */
  readonly cost: number | null;
}

type Members = Readonly<Record<string, unknown>>;

export class LogEntries {
  readonly #form: ReadForm;
  readonly #accounting: Accounting;
  readonly #facts = new MessageFacts();
  readonly #message = new Message();

  constructor(form: ReadForm, accounting: Accounting) {
    this.#form = form;
    this.#accounting = accounting;
  }

  /** The entry of a line; null when it says nothing that is shown. */
  entryOf(line: string): LogEntry | null {
    const record = parse(line);
    const message = record?.message;
    if (record === null || typeof message !== 'object' || message === null) return null;
    const { role } = message as Members;
    if (role !== 'user' && role !== 'assistant' && role !== 'tool' && role !== 'toolResult') return null;
    const whole = this.#textOf(role, message as Members);
    if (whole === null || whole === '') return null;
    const cut = whole.length > MAX_TEXT;
    factsOf(record, this.#facts);
    const time = this.#accounting.rules.timestampOf(this.#facts);
    const usage = this.#usageOf(message as Members);
    return {
      role,
      time,
      text: copied(cut ? this.#cut(whole) : whole),
      cut,
      ...usage,
    };
  }

  /** Null for content that the gateway stumbles over: it leaves out the whole line then. */
  #textOf(role: LogEntry['role'], message: Members): string | null {
    const parts = partsOf(role, message, this.#form === '2026.5' ? isToolUse : isToolCall);
    if (parts === null) return null;
    const text = parts.join('\n');
    const isUser = role === 'user';
    if (this.#form === '2026.5') {
      const plain = withoutMetadata2026_5(text.trim());
      return isUser ? withoutMessageIds(withoutEnvelope(plain), false).trim() : plain;
    }
    const earlier = this.#form === 'v1' ? withoutMetadata2026_5(text.trim()) : text;
    if (!isUser) return withoutMetadata2026_9(earlier.trim());
    return withoutMessageIds(withoutEnvelope(withoutMetadata2026_9(withoutRuntimeContext(earlier))), true).trim();
  }

  #cut(text: string): string {
    if (this.#form === '2026.5') return `${text.slice(0, MAX_TEXT)}…`;
    const last = text.charCodeAt(MAX_TEXT - 1);
    // Half a pair of surrogates is no character.
    const shown = text.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_TEXT - 1 : MAX_TEXT);
    return this.#form === 'v1' ? shown : `${shown}…`;
  }

  /** By the facts at hand. The 2026.5 gateway looks for usage, and its model, in an assistant's message only, and takes any recorded cost. */
  #usageOf(message: Members): Pick<LogEntry, 'provider' | 'model' | 'tokens' | 'cost'> {
    const { role } = message;
    const none = { provider: null, model: null, tokens: null, cost: null };
    if (role !== 'assistant' && (role !== 'user' || this.#form !== 'v1')) return none;
    if (this.#form === '2026.5') factsOf({ message }, this.#facts);
    this.#accounting.apply(this.#facts, this.#message);
    const { figures, provider, model } = this.#message;
    if (figures[RECORDS] === 0) return { ...none, provider, model };
    const priced = figures[MISSING] === 0 ? (figures[COST] as number) / 1e9 : null;
    const cost = (this.#form === '2026.5' ? recordedCost(nested(message.usage))?.total : null) ?? priced;
    return { provider, model, tokens: figures[TOTAL_TOKENS] as number, cost };
  }
}

/** The parts of a message's text in their order; null where the gateway's own reading would throw. */
function partsOf(role: LogEntry['role'], message: Members, isCall: (type: unknown) => boolean): string[] | null {
  const parts: string[] = [];
  if (role === 'tool' || role === 'toolResult') {
    const own = message.toolName ?? message.tool_name ?? message.name ?? message.tool;
    parts.push(`[Tool: ${(typeof own === 'string' && own.trim()) || 'tool'}]`, '[Tool Result]');
  }
  const { content } = message;
  if (typeof content === 'string') parts.push(content);
  if (Array.isArray(content)) {
    const texts: string[] = [];
    for (const block of content as unknown[]) {
      if (block === null) return null;
      texts.push(textOfBlock(block, isCall));
    }
    const text = texts.filter((it) => it !== '').join('\n');
    if (text !== '') parts.push(text);
  }
  const calls = message.tool_calls ?? message.toolCalls ?? message.function_call ?? message.functionCall;
  for (const call of Array.isArray(calls) ? (calls as unknown[]) : calls ? [calls] : []) {
    if (call === null) return null;
    const { name, function: called } = call as Members;
    parts.push(`[Tool: ${textOr(name) ?? textOr((called as Members | null | undefined)?.name) ?? 'unknown'}]`);
  }
  return parts;
}

function textOfBlock(block: unknown, isCall: (type: unknown) => boolean): string {
  if (typeof block === 'string') return block;
  const { type, text, name } = block as Members;
  if (type === 'text' && typeof text === 'string') return text;
  if (isCall(type)) return `[Tool: ${textOr(name) ?? 'unknown'}]`;
  return type === 'tool_result' ? '[Tool Result]' : '';
}

/** What 2026.5 shows of calls: not those that OpenClaw itself writes. */
function isToolUse(type: unknown): boolean {
  return type === 'tool_use';
}

function isToolCall(type: unknown): boolean {
  return typeof type === 'string' && /^tool_?(?:call|use)$/i.test(type.trim());
}

/** The same text, which does not keep alive the longer one that it is a part of. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function parse(line: string): Members | null {
  try {
    const value: unknown = JSON.parse(line.trim());
    return typeof value === 'object' && value !== null ? (value as Members) : null;
  } catch {
    return null;
  }
}
