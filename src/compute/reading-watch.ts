/** What ends a reading before its end: nobody waits for it any more, or it has had its time. */
import type { Milliseconds } from '../units.ts';

/** Thrown where a reading is to be given up. */
export class ReadingStopped extends Error {
  override readonly name = 'ReadingStopped';
}

export class ReadingWatch {
  readonly #stop: Int32Array;
  readonly #now: () => Milliseconds;
  readonly #end: Milliseconds;

  /** @param stop shared with whoever waits: not 0 when nobody does any more */
  constructor(stop: Int32Array, within: Milliseconds, now: () => Milliseconds = () => performance.now()) {
    this.#stop = stop;
    this.#now = now;
    this.#end = now() + within;
  }

  /** To be asked between one piece and the next: true when the time is over. Throws ReadingStopped. */
  isOver(): boolean {
    if (Atomics.load(this.#stop, 0) !== 0) throw new ReadingStopped();
    return this.#now() >= this.#end;
  }
}
