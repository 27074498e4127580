/** Waiting for a condition of the world outside the test: asked again and again until it holds, never slept for. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Milliseconds } from '../../src/units.ts';

const ASK_EVERY: Milliseconds = 40;

/** Runs `check` until it no longer throws, and gives what it gave; throws its last error after the deadline. */
export async function eventually<T>(check: () => T | Promise<T>, deadline: Milliseconds = 20_000): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await pause(ASK_EVERY);
  }
}
