/** The tools of generated conversations: how often each is called, with what, and what comes back. */
import { outputText, proseText } from './corpus.ts';
import type { Random } from './random.ts';

export const toolNames: readonly { readonly name: string; readonly weight: number }[] = [
  { name: 'exec', weight: 30 },
  { name: 'read', weight: 26 },
  { name: 'edit', weight: 10 },
  { name: 'write', weight: 8 },
  { name: 'web_search', weight: 7 },
  { name: 'web_fetch', weight: 6 },
  { name: 'memory_search', weight: 5 },
  { name: 'browser', weight: 4 },
  { name: 'message', weight: 3 },
  { name: 'cron', weight: 1 },
];

export interface ToolCall {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** A call of a random tool; now and then its block has a type that other writers use. */
export function toolCall(random: Random): ToolCall {
  const { name } = random.weighted(toolNames);
  return {
    type: random.chance(0.04) ? random.pick(['tool_use', 'toolcall', 'tool_call']) : 'toolCall',
    id: `toolu_${random.hex(24)}`,
    name,
    arguments: toolArguments(name, random),
  };
}

/** Length in characters: mostly a few kilobytes, some whole files, a few enormous. */
export function toolResultLength(random: Random): number {
  const kind = random.next();
  if (kind < 0.024) return random.integer(60_000, 260_000);
  if (kind < 0.142) return random.integer(8000, 50_000);
  return random.logNormal(2600, 1.1);
}

/** What OpenClaw notes beside a result; null for most tools. A cut may leave half a surrogate pair, as there. */
export function toolDetails(name: string, text: string, isError: boolean, random: Random): object | null {
  if (name !== 'exec') return null;
  return {
    status: 'completed',
    exitCode: isError ? 1 : 0,
    durationMs: random.integer(5, 60_000),
    aggregated: text.slice(0, 400),
    cwd: '/home/claw/.openclaw/workspace',
  };
}

function toolArguments(name: string, random: Random): Record<string, unknown> {
  switch (name) {
    case 'exec':
      return { command: outputText(random, random.integer(20, 400)) };
    case 'write':
      return { path: `/tmp/${random.hex(6)}.md`, content: outputText(random, random.logNormal(2500, 1.1)) };
    case 'message':
      return { action: 'send', message: proseText(random, random.integer(20, 300)) };
    case 'cron':
      // The names of counted members in a place where they mean something else.
      return { action: 'add', job: { role: 'user', usage: { input: 7, output: 7 }, message: { role: 'assistant' } } };
    default:
      return { path: `src/${random.hex(6)}.ts`, offset: random.integer(1, 400) };
  }
}
