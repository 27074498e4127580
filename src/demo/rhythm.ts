/**
 * When an agent is busy: more by day than by night, by weekday, and more from month to month. Maps shares of its
 * activity to moments, so that whatever is spread evenly over the shares is spread over time as life would.
 */
import type { Milliseconds } from '../units.ts';
import type { Random } from './random.ts';

const HOUR: Milliseconds = 3_600_000;

/** `hours` are the busiest hours of a day, UTC; `quiet` is how much goes on in all others; `weekend` scales both. */
interface RhythmShape {
  readonly hours: readonly [from: number, to: number];
  readonly quiet: number;
  readonly weekend: number;
}

export const rhythmShapes = {
  office: { hours: [7, 18], quiet: 0.06, weekend: 0.25 },
  home: { hours: [16, 23], quiet: 0.15, weekend: 1.6 },
  night: { hours: [0, 6], quiet: 0.1, weekend: 0.9 },
  always: { hours: [6, 22], quiet: 0.6, weekend: 1 },
} as const satisfies Record<string, RhythmShape>;

export class Rhythm {
  readonly #from: Milliseconds;
  readonly #to: Milliseconds;
  /** Activity before each hour; one entry more than there are hours. */
  readonly #before: Float64Array;

  constructor(shape: RhythmShape, from: Milliseconds, to: Milliseconds, random: Random) {
    this.#from = from;
    this.#to = to;
    const hours = Math.max(1, Math.ceil((to - from) / HOUR));
    this.#before = new Float64Array(hours + 1);
    let mood = 1;
    for (let hour = 0; hour < hours; hour++) {
      if (hour % 24 === 0) mood = 0.7 + 0.6 * random.next();
      const growth = 0.35 + (0.65 * hour) / hours;
      const activity = growth * mood * intensity(shape, new Date(from + hour * HOUR));
      this.#before[hour + 1] = this.#before[hour]! + activity;
    }
  }

  /** The moment before which this share, 0 to 1, of all activity lies. */
  momentAt(share: number): Milliseconds {
    const wanted = share * this.#before.at(-1)!;
    let low = 0;
    let high = this.#before.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#before[middle]! <= wanted) low = middle;
      else high = middle;
    }
    const within = (wanted - this.#before[low]!) / (this.#before[high]! - this.#before[low]!);
    return Math.min(this.#to, Math.floor(this.#from + (low + within) * HOUR));
  }

  /** The share of all activity that lies before a moment; the inverse of momentAt. */
  shareAt(moment: Milliseconds): number {
    const hours = Math.min(this.#before.length - 1, Math.max(0, (moment - this.#from) / HOUR));
    const low = Math.min(Math.floor(hours), this.#before.length - 2);
    const within = this.#before[low]! + (hours - low) * (this.#before[low + 1]! - this.#before[low]!);
    return within / this.#before.at(-1)!;
  }
}

function intensity({ hours: [first, last], quiet, weekend }: RhythmShape, at: Date): number {
  const hour = at.getUTCHours();
  const day = at.getUTCDay();
  // Half a wave over the busy hours, highest in their middle.
  const wave = hour >= first && hour < last ? Math.sin((Math.PI * (hour - first + 0.5)) / (last - first)) : 0;
  return (quiet + wave) * (day === 0 || day === 6 ? weekend : 1);
}
