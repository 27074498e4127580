/**
 * The time zones in which somebody reads, beside those that are always ready: what a dashboard in such a zone begins with
 * is kept ready too. At most eight, those used last, and none that nobody used for a day: each costs a little with every
 * change of figures.
 */
import type { Clock } from '../clock.ts';
import type { Milliseconds } from '../units.ts';
import { DAY_MS } from './zone.ts';

const MOST = 8;
const USED_WITHIN: Milliseconds = DAY_MS;

export interface UsedZone {
  /** As `zoneOf` spells it. */
  readonly name: string;
  readonly usedAt: Milliseconds;
}

export class UsedZones {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #always: ReadonlySet<string>;
  /** Those used last come last. */
  readonly #used = new Map<string, Milliseconds>();

  /** @param always zones that are ready anyhow; @param earlier those that an earlier run used */
  constructor(clock: Pick<Clock, 'now'>, always: readonly string[], earlier: readonly UsedZone[]) {
    this.#clock = clock;
    this.#always = new Set(always);
    for (const { name, usedAt } of earlier) if (!this.#always.has(name)) this.#used.set(name, usedAt);
  }

  /**
   * Takes note that somebody reads in a zone. Views that are ready are sent without a word to this; a zone in which only
   * such are read is forgotten after a day, and back with the first question after that.
   */
  note(name: string): void {
    if (this.#always.has(name)) return;
    this.#used.delete(name);
    this.#used.set(name, this.#clock.now());
    const [oldest] = this.#used.keys();
    if (this.#used.size > MOST && oldest !== undefined) this.#used.delete(oldest);
  }

  /** Those used lately, the last one last. */
  entries(): readonly UsedZone[] {
    const since = this.#clock.now() - USED_WITHIN;
    return [...this.#used].flatMap(([name, usedAt]) => (usedAt > since ? { name, usedAt } : []));
  }

  /** Their names in an order that changes only with them. */
  names(): readonly string[] {
    return this.entries()
      .map(({ name }) => name)
      .sort();
  }
}
