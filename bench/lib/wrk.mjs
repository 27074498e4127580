// Runs wrk, which keeps a fixed number of connections busy (closed loop: good for throughput, not for latencies).
import { spawnSync } from 'node:child_process';
import { run } from './children.mjs';

export const COMMAND = 'wrk';
const CONNECTIONS = 32;

/** Null when there is no wrk. */
export function wrkVersion() {
  // It prints its version with its usage, and fails.
  const { stdout, stderr } = spawnSync(COMMAND, ['-v'], { encoding: 'utf8' });
  return /^wrk \S+/m.exec(`${stdout}${stderr}`)?.[0] ?? null;
}

export function flagsOf(url, seconds) {
  return ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, url];
}

/** How many answers came, by what it printed; throws when any was not 2xx or 3xx. */
export function answersOf(text) {
  const answers = Number(/^ +(\d+) requests in /m.exec(text)?.[1]);
  if (Number.isNaN(answers) || /Non-2xx|Socket errors/.test(text)) throw new Error(`wrk:\n${text}`);
  return answers;
}

/** Asks for as long, and throws when any answer was not 2xx or 3xx. */
export async function keepBusy(url, seconds) {
  answersOf((await run(COMMAND, flagsOf(url, seconds))).stdout);
}
