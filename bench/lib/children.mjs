// Child processes of a run: each is known here until it ended, and none outlives the run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { peakMemory } from './process-figures.mjs';

const TERMINATION_GRACE = 8_000;
const MEMORY_EVERY = 10;

const running = new Set();

/** Starts a process; see child_process.spawn. */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Asks a process to end, and ends it if it does not. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), TERMINATION_GRACE);
  await ended;
  clearTimeout(timer);
}

export async function stopAll() {
  await Promise.all([...running].map(stop));
}

/** Runs a process to its end; throws unless it ends well. Times in milliseconds from the spawn, memory in bytes. */
export async function run(command, args, { deadline = 600_000, memory = false, ...options } = {}) {
  const started = performance.now();
  const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  let peak = null;
  const sampler = memory ? setInterval(() => (peak = peakMemory(child.pid) ?? peak), MEMORY_EVERY) : null;
  const timer = setTimeout(() => child.kill('SIGKILL'), deadline);
  let duration = null;
  child.once('exit', () => (duration = performance.now() - started));
  try {
    const [code, signal] = await once(child, 'close');
    if (code === 0) return { stdout, stderr, duration, peak };
    throw new Error(`${command} ended with ${code ?? signal}: ${args.join(' ')}\n${stderr.slice(-2000)}`);
  } finally {
    clearInterval(sampler);
    clearTimeout(timer);
  }
}
