/**
 * What one transcript line says, before any accounting rule is applied: the same facts whether they were cut out of the
 * bytes (message-reader.ts) or read from a parsed line (factsOf below), which is what makes the two comparable.
 */

import type { Milliseconds } from '../units.ts';

/** Content blocks that are tool calls and tool results (format.md 2.6); compared trimmed and lower-cased. */
const TOOL_CALL_TYPES = new Set(['tool_use', 'toolcall', 'tool_call']);
/** A tool call too, but only from 2026.9 on (format.md 3). */
const LATER_TOOL_CALL_TYPE = 'tooluse';
const TOOL_RESULT_TYPES = new Set(['tool_result', 'tool_result_error']);

/** Stands for an object or array where only scalars mean anything. */
export const CONTAINER: unique symbol = Symbol('container');

/** `tool`: a tool's result, told as `toolResult` or `tool`; counted from 2026.9 on. */
export type MessageRole = 'user' | 'assistant' | 'tool';

export function roleOf(value: unknown): MessageRole | null {
  if (value === 'user' || value === 'assistant') return value;
  return value === 'toolResult' || value === 'tool' ? 'tool' : null;
}

export class MessageFacts {
  /** The record's `message.role`; null unless it is one that some era counts. */
  role: MessageRole | null = null;
  recordTimestamp: unknown;
  /** The record's timestamp where it has been read as a time already; null where it has not, or is none. */
  recordMoment: Milliseconds | null = null;
  messageTimestamp: unknown;
  recordUsage: unknown;
  messageUsage: unknown;
  recordProvider: unknown;
  messageProvider: unknown;
  recordModel: unknown;
  messageModel: unknown;
  recordDuration: unknown;
  messageDuration: unknown;
  stopReason: unknown;
  toolName: unknown;
  toolNameSnake: unknown;
  isError: unknown;
  isErrorSnake: unknown;
  /** Names of the tool-call blocks in order, trimmed, never empty; may repeat. */
  blockNames: string[] = [];
  /** The same, of the blocks that 2026.5 does not take for tool calls. */
  laterBlockNames: string[] = [];
  toolResults = 0;
  toolResultErrors = 0;

  clear(): void {
    this.recordTimestamp = undefined;
    this.recordMoment = null;
    this.recordUsage = undefined;
    this.recordProvider = undefined;
    this.recordModel = undefined;
    this.recordDuration = undefined;
    this.clearMessage();
  }

  /** Forgets what came from the `message` member: a later one of the same name replaces it whole. */
  clearMessage(): void {
    this.role = null;
    this.messageTimestamp = undefined;
    this.messageUsage = undefined;
    this.messageProvider = undefined;
    this.messageModel = undefined;
    this.messageDuration = undefined;
    this.stopReason = undefined;
    this.toolName = undefined;
    this.toolNameSnake = undefined;
    this.isError = undefined;
    this.isErrorSnake = undefined;
    this.clearContent();
  }

  clearContent(): void {
    if (this.blockNames.length > 0) this.blockNames = [];
    if (this.laterBlockNames.length > 0) this.laterBlockNames = [];
    this.toolResults = 0;
    this.toolResultErrors = 0;
  }

  /** Takes one content block by the three members that count. */
  addBlock(type: unknown, name: unknown, isError: unknown): void {
    if (typeof type !== 'string') return;
    const kind = type.trim().toLowerCase();
    if (TOOL_CALL_TYPES.has(kind) || kind === LATER_TOOL_CALL_TYPE) {
      const trimmed = typeof name === 'string' ? name.trim() : '';
      if (trimmed !== '') (kind === LATER_TOOL_CALL_TYPE ? this.laterBlockNames : this.blockNames).push(trimmed);
    } else if (TOOL_RESULT_TYPES.has(kind)) {
      this.toolResults++;
      if (isError === true) this.toolResultErrors++;
    }
  }
}

/** Fills `facts` from a parsed line; a value that is no record leaves `role` null. */
export function factsOf(record: unknown, facts: MessageFacts): void {
  facts.clear();
  if (typeof record !== 'object' || record === null) return;
  const outer = record as Record<string, unknown>;
  const message = outer.message;
  if (typeof message !== 'object' || message === null) return;
  const inner = message as Record<string, unknown>;
  facts.role = roleOf(inner.role);
  if (facts.role === null) return;
  facts.recordTimestamp = outer.timestamp;
  facts.messageTimestamp = inner.timestamp;
  facts.recordUsage = outer.usage;
  facts.messageUsage = inner.usage;
  facts.recordProvider = outer.provider;
  facts.messageProvider = inner.provider;
  facts.recordModel = outer.model;
  facts.messageModel = inner.model;
  facts.recordDuration = outer.durationMs;
  facts.messageDuration = inner.durationMs;
  facts.stopReason = inner.stopReason;
  facts.toolName = inner.toolName;
  facts.toolNameSnake = inner.tool_name;
  facts.isError = inner.isError;
  facts.isErrorSnake = inner.is_error;
  if (!Array.isArray(inner.content)) return;
  for (const block of inner.content as unknown[]) {
    if (typeof block !== 'object' || block === null) continue;
    const { type, name, is_error: isError } = block as Record<string, unknown>;
    facts.addBlock(type, name, isError);
  }
}
