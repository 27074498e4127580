/** Writes single transcripts where OpenClaw would, in the least form that counts. */
import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leastMemoryCap } from '../../src/cache/memory-budget.ts';
import { DAY_MS } from '../../src/snapshot/zone.ts';
import { type Bytes, MIB, type Milliseconds, QUARTER_MS } from '../../src/units.ts';

/** Larger than anything that could be read within a task's deadline; costs no space, since nothing is written in it. */
const ENDLESS: Bytes = 1024 * 1024 * MIB;

export function sessionsDirectory(stateDirectory: string, agent = 'main'): string {
  const directory = join(stateDirectory, 'agents', agent, 'sessions');
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** One assistant message with one input token. */
export function message(at: Milliseconds = Date.now(), content?: readonly object[]): string {
  const usage = { input: 1, output: 0, totalTokens: 1 };
  const timestamp = new Date(at).toISOString();
  return `${JSON.stringify({ type: 'message', timestamp, message: { role: 'assistant', provider: 'p', model: 'm', usage, content } })}\n`;
}

/** Lines of so many messages at equal distances. */
export function messages(count: number, from: Milliseconds, distance: Milliseconds): string {
  return Array.from({ length: count }, (_, at) => message(from + at * distance)).join('');
}

/** More tools in more quarter hours than a scan thread can hold in its heap under a cap of 256 MiB: a million and a half sums. */
export function sprawling(): string {
  const content = Array.from({ length: 100 }, (_, at) => ({ type: 'toolCall', name: `tool-${at}` }));
  return Array.from({ length: 15_000 }, (_, at) => message(Date.UTC(1000) + at * QUARTER_MS, content)).join('');
}

/** Leaves the keeper little, and the process as a whole enough that nothing is shed. */
export const LITTLE_KEEPER = { '--memory-cap': `${leastMemoryCap() / MIB + 32}mb` };

/**
 * Adds an agent whose transcripts end such a keeper: each is small enough for a scan thread, and together they make a
 * series of 60,000 days. They come at once, from `elsewhere` on the same disk. Gives the agent's directory.
 */
export function addAges(stateDirectory: string, elsewhere: string): string {
  const days = 5_000;
  for (let at = 0; at < 12; at++) {
    writeTranscript(elsewhere, `age-${at}`, messages(days, Date.UTC(1000) + at * days * DAY_MS, DAY_MS));
  }
  const directory = join(stateDirectory, 'agents', 'ages');
  renameSync(join(elsewhere, 'agents', 'main'), directory);
  return directory;
}

/** Writes a transcript of agent `main`; gives its path. */
export function writeTranscript(stateDirectory: string, session: string, lines: string): string {
  const path = join(sessionsDirectory(stateDirectory), `${session}.jsonl`);
  writeFileSync(path, lines);
  return path;
}

export function append(path: string, ...lines: string[]): void {
  appendFileSync(path, lines.join(''));
}

/** Turns a transcript into one that no thread gets to the end of. */
export function makeEndless(path: string): void {
  append(path);
  truncateSync(path, ENDLESS);
}
