// Runs one wrk for each of several servers and lets only one of them go on at a time, a moment each. What else a shared machine
// does makes the same server twice as slow within a second: turns this short are hit by it alike.
import { once } from 'node:events';
import { start } from './children.mjs';
import { delay } from './wait.mjs';
import { answersOf, COMMAND, flagsOf } from './wrk.mjs';

/** Long enough for hundreds of answers, short against what drifts. */
const TURN = 20;
/** In which a server sends what it was asked for last. */
const PAUSE = 2;

/**
 * Requests a second of each server while it was asked, by name.
 * @param urls by name
 * @param seconds how long it takes in all
 */
export async function ratesInTurns(urls, seconds) {
  const askers = [];
  try {
    for (const [name, url] of Object.entries(urls)) {
      const asker = new Asker(name, url, seconds);
      askers.push(asker);
      await asker.pause();
    }
    const until = performance.now() + seconds * 1000 - askers.length * 4 * (TURN + PAUSE);
    for (let round = 0; performance.now() < until; round++) {
      for (const asker of round % 2 === 0 ? askers : askers.toReversed()) {
        asker.resume();
        await asker.pause();
      }
    }
    await delay(askers.length * 5 * (TURN + PAUSE));
    const rates = {};
    for (const asker of askers) rates[asker.name] = await asker.end();
    return rates;
  } finally {
    // What is stopped could not end.
    for (const asker of askers) asker.resume();
  }
}

class Asker {
  name;
  #child;
  #closed;
  #text = '';
  #resumedAt = performance.now();
  /** Milliseconds in which it was not stopped. */
  #active = 0;

  constructor(name, url, seconds) {
    this.name = name;
    this.#child = start(COMMAND, flagsOf(url, seconds), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout.setEncoding('utf8').on('data', (text) => (this.#text += text));
  }

  resume() {
    this.#child.kill('SIGCONT');
    this.#resumedAt = performance.now();
  }

  /** Lets it go on for one turn, and stops it. */
  async pause() {
    await delay(TURN);
    this.#child.kill('SIGSTOP');
    this.#active += performance.now() - this.#resumedAt;
    await delay(PAUSE);
  }

  /** To be called when its time is over: it ends as soon as it goes on. */
  async end() {
    this.resume();
    await this.#closed;
    this.#active += performance.now() - this.#resumedAt;
    return (answersOf(this.#text) / this.#active) * 1000;
  }
}
