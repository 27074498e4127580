/** A clock that moves only when told to, and whose timers fire in their order. */
import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: Timer[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#monotonic + delay, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((it) => it !== timer);
    };
  }

  /** Milliseconds until each timer fires, in order. */
  get pending(): number[] {
    return this.#timers.map(({ at }) => at - this.#monotonic).sort((a, b) => a - b);
  }

  /** Moves on by some milliseconds; what each timer leads to has happened before the next one fires. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((it) => it !== next);
      this.#move(next.at);
      next.callback();
      await settled();
    }
    this.#move(end);
    await settled();
  }

  #move(to: number): void {
    this.#now += to - this.#monotonic;
    this.#monotonic = to;
  }
}

/** After everything that is already due to happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
