// Waiting, always with an end.
import { setTimeout as delay } from 'node:timers/promises';

export { delay };

/**
 * Asks again and again until `ask` gives something other than null.
 * @param every milliseconds between two questions
 * @param deadline milliseconds after which it throws
 */
export async function until(what, ask, { every, deadline }) {
  const end = performance.now() + deadline;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > end) throw new Error(`waited ${deadline} ms in vain for ${what}`);
    await delay(every);
  }
}
