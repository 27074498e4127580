/** The log of a session as a gateway gives it (format.md 2.13), of messages that OpenClaw added nothing to. */

import { costOf, recordedCost } from './cost.ts';
import { finite, member } from './json.ts';
import { type OraclePrices, ratesFor } from './prices.ts';
import { readLaterTranscript } from './records-2026-9.ts';
import { usageOf } from './usage.ts';

export interface OracleLog {
  timestamp: number;
  role: string;
  content: string;
  tokens?: number;
  /** Nano-dollars. */
  cost?: number;
}

export function logsOf(text: string, limit: number, prices: OraclePrices, later = false): OracleLog[] {
  const logs = text.split('\n').flatMap((line) => {
    try {
      const record: unknown = JSON.parse(line.trim());
      const log = logOf(record, member(record, 'message'), prices, later);
      return later ? log.map((it) => asLater(it, line, prices)) : log;
    } catch {
      return [];
    }
  });
  logs.sort((a, b) => a.timestamp - b.timestamp);
  return logs.slice(-limit);
}

const ROLES = ['user', 'assistant', 'tool', 'toolResult'];

/** Throws where the gateway's own reading throws, which skips the line. */
function logOf(record: unknown, message: unknown, prices: OraclePrices, later: boolean): OracleLog[] {
  const role = member(message, 'role');
  if (typeof role !== 'string' || !ROLES.includes(role)) return [];
  const content = contentOf(role, message, later).trim();
  if (content === '') return [];
  const log: OracleLog = {
    timestamp: timeOf(record, message),
    role,
    content: content.length > 2000 ? `${content.slice(0, 2000)}…` : content,
  };
  const usage = role === 'assistant' ? usageOf(member(message, 'usage')) : null;
  if (usage === null) return [log];
  log.tokens = usage.totalTokens;
  const recorded = recordedCost(member(message, 'usage'));
  const price = prices.lookup(textOf(member(message, 'provider')), textOf(member(message, 'model')));
  const cost = costOf(usage, recorded, price === null ? null : ratesFor(price, usage.input));
  if (cost.source !== 'missing') log.cost = cost.total;
  // What is implausible is cut to a limit elsewhere, but not here.
  if (recorded !== null) log.cost = Number(member(member(member(message, 'usage'), 'cost'), 'total')) * 1e9;
  return [log];
}

function contentOf(role: string, message: unknown, later: boolean): string {
  const of = (name: string) => member(message, name);
  const parts: string[] = [];
  if (role.startsWith('tool')) {
    const name = of('toolName') ?? of('tool_name') ?? of('name') ?? of('tool');
    parts.push(`[Tool: ${(textOf(name) ?? '').trim() || 'tool'}]\n[Tool Result]`);
  }
  const content = of('content');
  if (typeof content === 'string') parts.push(content);
  if (Array.isArray(content)) {
    const shown = content.map((block) => shownOf(block, later)).filter((part) => part !== '');
    if (shown.length > 0) parts.push(shown.join('\n'));
  }
  const calls = of('tool_calls') ?? of('toolCalls') ?? of('function_call') ?? of('functionCall');
  for (const call of Array.isArray(calls) ? calls : calls ? [calls] : []) {
    if (call === null) throw new TypeError();
    parts.push(
      `[Tool: ${textOf(member(call, 'name')) ?? textOf(member(member(call, 'function'), 'name')) ?? 'unknown'}]`,
    );
  }
  return parts.join('\n');
}

function shownOf(block: unknown, later: boolean): string {
  if (block === null) throw new TypeError();
  if (typeof block === 'string') return block;
  const [type, text] = [member(block, 'type'), member(block, 'text')];
  if (type === 'text' && typeof text === 'string') return text;
  const calls = later ? ['toolcall', 'tool_call', 'tooluse', 'tool_use'] : ['tool_use'];
  const kind = later && typeof type === 'string' ? type.trim().toLowerCase() : type;
  if (calls.includes(kind as string)) return `[Tool: ${textOf(member(block, 'name')) ?? 'unknown'}]`;
  return type === 'tool_result' ? '[Tool Result]' : '';
}

/** The time, and what an assistant used, by the rules of 2026.9. */
function asLater({ role, content }: OracleLog, line: string, prices: OraclePrices): OracleLog {
  const [record] = readLaterTranscript(Buffer.from(line), prices);
  const log: OracleLog = { timestamp: record?.ts ?? 0, role, content };
  if (role !== 'assistant' || !record?.usage) return log;
  log.tokens = record.usage.totalTokens;
  if (record.cost !== null && record.cost.source !== 'missing') log.cost = record.cost.total;
  return log;
}

/** No time at all is 0. */
function timeOf(record: unknown, message: unknown): number {
  const written = member(record, 'timestamp');
  const time = typeof written === 'string' ? Date.parse(written) : Number.NaN;
  const date = new Date(Number.isNaN(time) ? (finite(member(message, 'timestamp')) ?? 0) : time);
  return Number.isNaN(date.valueOf()) ? 0 : date.valueOf();
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
