/**
 * The service as far as it is there: at first what the last snapshot tells, and then the service itself.
 * Whoever calls before that waits for it.
 */
import type { Milliseconds } from '../units.ts';
import type { Dialect, RpcAnswer, RpcCaller, UsageService } from './service.ts';

/** What is ready before anything can be asked for; only the service itself has a status and answers calls. */
export type ReadyViews = Pick<UsageService, 'head' | 'ready' | 'complete' | 'now'> &
  Partial<Pick<UsageService, 'status' | 'call' | 'dialect'>>;

export class FollowedService implements Pick<UsageService, 'call' | 'dialect' | 'now'> {
  #views: ReadyViews;
  /** The one behind `#views` goes on no longer, and calls are for the next. */
  #ends = false;
  #waiting: (() => void)[] = [];

  constructor(views: ReadyViews) {
    this.#views = views;
  }

  /** Of now: another object once there is more. */
  get views(): ReadyViews {
    return this.#views;
  }

  follow(views: ReadyViews): void {
    this.#views = views;
    this.#ends = false;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Calls wait for the service that is followed next. */
  awaitNext(): void {
    this.#ends = true;
  }

  now(): Milliseconds {
    return this.#views.now();
  }

  /** Before the service can tell, the later one. */
  dialect(): Dialect {
    return this.#views.dialect?.() ?? '2026.9';
  }

  async call(method: string, params: unknown, caller: RpcCaller): Promise<RpcAnswer> {
    while (this.#ends || this.#views.call === undefined) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
    return this.#views.call(method, params, caller);
  }
}
