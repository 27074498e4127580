/** Sees to it, on the main thread, that notices which are due are sent: asks the keeper for them, has them sent, tells what became of them. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { NoticeTarget } from '../notice-options.ts';
import type { Milliseconds } from '../units.ts';
import type { Delivery, DeliveryResult, Due, NoticesState, Outcome } from './notice.ts';
import { shownTarget } from './target.ts';

/** Timers do not reach much further. */
const LONGEST_WAIT: Milliseconds = 24 * 3_600_000;

export interface NoticeDeskParts {
  readonly clock: Clock;
  readonly targets: readonly NoticeTarget[];
  readonly version: string;
  /** Both are the keeper's; they may reject. */
  readonly due: (now: Milliseconds) => Promise<Due[]>;
  readonly settle: (outcomes: readonly Outcome[], now: Milliseconds) => Promise<NoticesState | null>;
  /** One attempt at each; may reject. */
  readonly sender: { send(deliveries: readonly Delivery[]): Promise<DeliveryResult[]>; close(): Promise<void> };
  /** Told of every attempt. */
  readonly attempted: (target: string, error: string | null) => void;
}

/** For /v1/status. */
export interface NoticesStatus {
  readonly targets: number;
  readonly waiting: number;
  readonly failed: number;
  /** The last attempt that failed, kept when later ones went well. */
  readonly lastError: { readonly at: Milliseconds; readonly target: string; readonly detail: string } | null;
}

export class NoticeDesk {
  readonly #parts: NoticeDeskParts;
  #state: NoticesState | null = null;
  #lastError: NoticesStatus['lastError'] = null;
  #busy = false;
  #stopped = false;
  #cancel: () => void = () => {};

  constructor(parts: NoticeDeskParts) {
    this.#parts = parts;
  }

  /** Null where there is nobody to tell. */
  status(): NoticesStatus | null {
    const { targets } = this.#parts;
    if (targets.length === 0) return null;
    const { waiting = 0, failed = 0 } = this.#state ?? {};
    return { targets: targets.length, waiting, failed, lastError: this.#lastError };
  }

  /** Takes note of how things stand with the keeper. */
  follow(state: NoticesState | null): void {
    this.#state = state;
    this.#cancel();
    if (this.#busy || this.#stopped || state === null || state.nextAt === null) return;
    const wait = Math.max(0, state.nextAt - this.#parts.clock.now());
    this.#cancel = this.#parts.clock.after(Math.min(wait, LONGEST_WAIT), () => void this.#sendDue());
  }

  /** Sends nothing more. What is under way is sent again by the next process. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#parts.sender.close();
  }

  async #sendDue(): Promise<void> {
    const { clock, due, settle } = this.#parts;
    this.#busy = true;
    let state: NoticesState | null = null;
    try {
      const dues = await due(clock.now());
      const outcomes = await this.#send(dues);
      if (!this.#stopped) state = await settle(outcomes, clock.now());
    } catch {
      // The keeper is gone; what the next one says after its refresh is followed.
    }
    this.#busy = false;
    if (state !== null) this.follow(state);
  }

  async #send(dues: readonly Due[]): Promise<Outcome[]> {
    const { targets, version, sender, attempted, clock } = this.#parts;
    if (dues.length === 0) return [];
    const targetOf = ({ target }: Due) => targets[target] as NoticeTarget;
    const deliveries = dues.map((due) => ({ id: due.id, body: due.body, version, target: targetOf(due) }));
    const results = await sender
      .send(deliveries)
      .catch((error: unknown) => deliveries.map(() => ({ error: messageOf(error), final: false })));
    if (this.#stopped) return [];
    return dues.map((due, at) => {
      const { error, final } = results[at] as DeliveryResult;
      const name = shownTarget(targetOf(due));
      if (error !== null) this.#lastError = { at: clock.now(), target: name, detail: error };
      attempted(name, error);
      return { id: due.id, target: due.target, error, final };
    });
  }
}
