/** The queue of the threads: questions that somebody waits for come before the steps of a refresh. */
import { queueOptionsSymbol } from 'piscina';

type Task = import('piscina').Piscina['options']['taskQueue'] extends { shift(): infer T } ? NonNullable<T> : never;

/** What a task carries to be put in the foreground. */
export const FOREGROUND = { lane: 'foreground' } as const;

export class LaneQueue {
  readonly #foreground: Task[] = [];
  readonly #background: Task[] = [];

  get size(): number {
    return this.#foreground.length + this.#background.length;
  }

  push(task: Task): void {
    this.#laneOf(task).push(task);
  }

  shift(): Task | null {
    return this.#foreground.shift() ?? this.#background.shift() ?? null;
  }

  remove(task: Task): void {
    const lane = this.#laneOf(task);
    const at = lane.indexOf(task);
    if (at !== -1) lane.splice(at, 1);
  }

  #laneOf(task: Task): Task[] {
    const options = task[queueOptionsSymbol] as Partial<typeof FOREGROUND> | null;
    return options?.lane === FOREGROUND.lane ? this.#foreground : this.#background;
  }
}
