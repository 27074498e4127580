/** Keeps asking a service while something goes wrong, and notes every answer that its clients must not get. */
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/units.ts';
import type { Answer, Service } from './service.ts';

const ASK_EVERY: Milliseconds = 25;

export interface Witnessed {
  /** Rounds of questions that were asked. */
  readonly rounds: number;
  /** Every different thing that was wrong. */
  readonly faults: readonly string[];
  /** Every state that the views said they were in. */
  readonly states: ReadonlySet<string>;
}

export class Vigil {
  readonly #service: Service;
  readonly #check: (usage: Answer) => void;
  readonly #faults = new Set<string>();
  readonly #states = new Set<string>();
  readonly #done: Promise<void>;
  #rounds = 0;
  #over = false;

  /** `check` throws when an answer of /v1/usage?range=all, whose status was 200, is wrong. */
  constructor(service: Service, check: (usage: Answer) => void = () => {}) {
    this.#service = service;
    this.#check = check;
    this.#done = this.#keepAsking();
  }

  /** Stops asking, after at least a few rounds. */
  async end(): Promise<Witnessed> {
    while (this.#rounds < 5 && this.#faults.size === 0) await pause(ASK_EVERY);
    this.#over = true;
    await this.#done;
    return { rounds: this.#rounds, faults: [...this.#faults], states: this.#states };
  }

  async #keepAsking(): Promise<void> {
    while (!this.#over) {
      await this.#ask('/health');
      const usage = await this.#ask('/v1/usage?range=all');
      if (usage !== null) this.#look(usage);
      this.#rounds++;
      await pause(ASK_EVERY);
    }
  }

  async #ask(path: string): Promise<Answer | null> {
    try {
      const answer = await this.#service.get(path);
      if (answer.status === 200) return answer;
      this.#faults.add(`${path}: ${answer.status}`);
    } catch (error) {
      this.#faults.add(`${path}: ${messageOf(error)}`);
    }
    return null;
  }

  #look(usage: Answer): void {
    this.#states.add((usage.body as { snapshot: { state: string } }).snapshot.state);
    try {
      this.#check(usage);
    } catch (error) {
      this.#faults.add(messageOf(error));
    }
  }
}
