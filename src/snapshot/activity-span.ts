/** First and last dated message over all transcripts, kept up to date as they change. */
import type { Milliseconds } from '../units.ts';
import type { Activity } from './window.ts';

export class ActivitySpan {
  readonly #all: () => Iterable<Activity>;
  #first: Milliseconds | null = null;
  #last: Milliseconds | null = null;
  /** What made a bound is gone: both have to be found again among all that is left. */
  #stale = false;

  /** @param all gives the activity of each transcript */
  constructor(all: () => Iterable<Activity>) {
    this.#all = all;
  }

  /** One transcript's activity took the place of its earlier one. */
  replace(before: Activity, after: Activity): void {
    const kept =
      (before.first !== this.#first ||
        before.first === null ||
        (after.first !== null && after.first <= before.first)) &&
      (before.last !== this.#last || before.last === null || (after.last !== null && after.last >= before.last));
    this.#stale ||= !kept;
    this.#extend(after);
  }

  get(): Activity {
    if (this.#stale) {
      this.#stale = false;
      this.#first = null;
      this.#last = null;
      for (const activity of this.#all()) this.#extend(activity);
    }
    return { first: this.#first, last: this.#last };
  }

  #extend({ first, last }: Activity): void {
    if (first !== null && (this.#first === null || first < this.#first)) this.#first = first;
    if (last !== null && (this.#last === null || last > this.#last)) this.#last = last;
  }
}
