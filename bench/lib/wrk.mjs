// Runs wrk, which keeps a fixed number of connections busy (closed loop: good for throughput, not for latencies).
import { spawnSync } from 'node:child_process';
import { run } from './children.mjs';

const COMMAND = 'wrk';
const CONNECTIONS = 32;

/** Null when there is no wrk. */
export function wrkVersion() {
  // It prints its version with its usage, and fails.
  const { stdout, stderr } = spawnSync(COMMAND, ['-v'], { encoding: 'utf8' });
  return /^wrk \S+/m.exec(`${stdout}${stderr}`)?.[0] ?? null;
}

/** Requests a second; throws when any answer was not 2xx or 3xx. */
export async function requestsPerSecond(url, seconds) {
  const { stdout } = await run(COMMAND, ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, url]);
  const rate = Number(/^Requests\/sec: +([\d.]+)$/m.exec(stdout)?.[1]);
  if (Number.isNaN(rate) || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk on ${url}:\n${stdout}`);
  return rate;
}
