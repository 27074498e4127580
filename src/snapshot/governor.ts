/**
 * Keeps the process under its memory cap: looks at its resident memory, sheds work step by step as it nears the cap, and
 * takes it up again, step by step, once there has been room for a while. A state machine; service-memory.ts does the work.
 */
import type { Clock } from '../clock.ts';
import type { Bytes, Milliseconds } from '../units.ts';

/** What is shed, mildest first; each step leaves those before it in force. */
export const SHED_STEPS = [
  'views that were asked for are not kept',
  'the digest cache is a quarter of its size',
  'one scan at a time, in small batches, and no digest cache',
  'idle scan threads are ended',
  'the keeper is started anew',
] as const;

/** How many of the steps are in force. */
export type ShedLevel = 0 | 1 | 2 | 3 | 4 | 5;

/** Shares of the cap from which on one more step is taken, by the steps already taken. */
const SHED_AT = [0.9, 0.92, 0.94, 0.96, 0.98] as const;
/** From this share on garbage is collected that V8 would leave for later. */
const PRESSED_AT = 0.85;
/** Below this share for this long, one step is taken back. */
const RELIEF_AT = 0.85;
const RELIEF_AFTER: Milliseconds = 30_000;
const SAMPLE_EVERY: Milliseconds = 1_000;
/** The last step is taken again if it did not help, this long after the first time, then at doubling intervals. */
const AGAIN_AFTER: Milliseconds = 60_000;
const LONGEST_AGAIN: Milliseconds = 3_600_000;

export interface Shedding {
  readonly level: ShedLevel;
  /** When the level was last changed. */
  readonly since: Milliseconds;
  /** Why, and what the last step is; null at level 0. */
  readonly reason: string | null;
  /** Steps taken, and taken back, since the start. */
  readonly steps: { readonly up: number; readonly down: number };
}

export interface GovernorOptions {
  readonly clock: Clock;
  readonly cap: Bytes;
  /** Lets go of what nobody needs: called before each look, with what is resident. @param pressed whether little is missing to the first step */
  readonly tidy: (rss: Bytes, pressed: boolean) => void;
  /** Resident memory of the process. */
  readonly rss: () => Bytes;
  /** Does what a level asks for. Called with the same level again when the last step is taken again. */
  readonly apply: (level: ShedLevel) => void;
}

export class Governor {
  readonly #options: GovernorOptions;
  #level: ShedLevel = 0;
  #since: Milliseconds;
  #reason: string | null = null;
  #steps = { up: 0, down: 0 };
  /** Since when there has been room, on the monotonic clock; null when there is none. */
  #roomSince: Milliseconds | null = null;
  /** When the last step may be taken again, on the monotonic clock, and how long to wait after that. */
  #again: { at: Milliseconds; wait: Milliseconds } | null = null;
  #cancelTimer: () => void = () => {};

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  /** How many steps are in force. Every request asks. */
  get level(): ShedLevel {
    return this.#level;
  }

  get shedding(): Shedding {
    return { level: this.#level, since: this.#since, reason: this.#reason, steps: { ...this.#steps } };
  }

  /** Begins to sample. */
  start(): void {
    this.#cancelTimer = this.#options.clock.after(SAMPLE_EVERY, () => {
      this.sample();
      this.start();
    });
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** Looks at the memory now, and takes at most one step. */
  sample(): void {
    const { clock, cap, tidy, rss } = this.#options;
    const held = rss();
    tidy(held, held >= cap * PRESSED_AT);
    const now = clock.monotonic();
    const share = rss() / cap;
    if (share >= RELIEF_AT) this.#roomSince = null;
    else this.#roomSince ??= now;
    const threshold = SHED_AT[Math.min(this.#level, SHED_AT.length - 1)] as number;
    if (share >= threshold) this.#shed(share, now);
    else if (this.#level > 0 && this.#roomSince !== null && now - this.#roomSince >= RELIEF_AFTER) this.#relieve(now);
  }

  #shed(share: number, now: Milliseconds): void {
    if (this.#again !== null && now < this.#again.at) return;
    const level = Math.min(this.#level + 1, SHED_STEPS.length) as ShedLevel;
    if (level === SHED_STEPS.length) {
      const wait = this.#again?.wait ?? AGAIN_AFTER;
      this.#again = { at: now + wait, wait: Math.min(wait * 2, LONGEST_AGAIN) };
    }
    this.#steps.up++;
    this.#change(level, `${Math.round(share * 100)} % of the memory cap: ${SHED_STEPS[level - 1]}`);
  }

  #relieve(now: Milliseconds): void {
    const level = (this.#level - 1) as ShedLevel;
    // The next step back waits as long again.
    this.#roomSince = now;
    this.#again = null;
    this.#steps.down++;
    this.#change(level, level === 0 ? null : `coming back: ${SHED_STEPS[level - 1]}`);
  }

  #change(level: ShedLevel, reason: string | null): void {
    this.#level = level;
    this.#since = this.#options.clock.now();
    this.#reason = reason;
    this.#options.apply(level);
  }
}
