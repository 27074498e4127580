/** The answers to gateway calls that the keeper is building, in steps so short that other questions come in between. */
import type { Clock } from '../../clock.ts';
import { pack } from '../../compute/envelope.ts';
import type { Milliseconds } from '../../units.ts';
import { DigestUnavailable } from '../counted-digests.ts';
import type { KeptState } from '../kept-state.ts';
import type { Redaction } from '../redaction.ts';
import type { CallBuild } from './call-build.ts';
import { CallRefused } from './call-refused.ts';
import { costBuild } from './cost-build.ts';
import type { RpcQuery } from './rpc-query.ts';
import { sessionsBuild } from './sessions-build.ts';

/** As long as a question may have to wait for a step, but for what one session takes. */
const STEP_TIME: Milliseconds = 10;
/** Whoever drives one drives it to its end, unless that thread is in trouble. */
const MOST_JOBS = 16;
const NOTHING = new Uint8Array(0);

export type CallStep =
  /** To be gone on with, and told the details that it asks for: a packed DetailsRequest. */
  | { readonly kind: 'going'; readonly job: number; readonly details: Uint8Array<ArrayBuffer> | null }
  /** As of a view (keeper-calls.ts): of the members between `updatedAt` and `cacheStatus`, not compressed, without a tag. */
  | { readonly kind: 'rendering'; readonly rendering: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unavailable' };

export class CallJobs {
  readonly #state: KeptState;
  readonly #redact: Redaction | null;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #jobs = new Map<number, CallBuild>();
  #last = 0;

  constructor(state: KeptState, redact: Redaction | null, clock: Pick<Clock, 'monotonic'>) {
    this.#state = state;
    this.#redact = redact;
    this.#clock = clock;
  }

  begin(query: RpcQuery): CallStep {
    for (const job of this.#jobs.keys()) if (this.#jobs.size >= MOST_JOBS) this.#jobs.delete(job);
    const build =
      query.method === 'usage.cost' ? costBuild(this.#state, query) : sessionsBuild(this.#state, query, this.#redact);
    const job = ++this.#last;
    this.#jobs.set(job, build);
    return this.#step(job, build, undefined);
  }

  /** @param details a packed DetailsAnswer; null where none were asked for */
  goOn(job: number, details: Uint8Array | null): CallStep {
    const build = this.#jobs.get(job);
    return build === undefined ? { kind: 'unavailable' } : this.#step(job, build, details ?? undefined);
  }

  #step(job: number, build: CallBuild, told: Uint8Array | undefined): CallStep {
    const end = this.#clock.monotonic() + STEP_TIME;
    try {
      for (let details = told; ; details = undefined) {
        const { done, value } = build.next(details);
        if (done) {
          this.#jobs.delete(job);
          return { kind: 'rendering', rendering: pack('', [value, NOTHING]) };
        }
        if (value.kind === 'details') return { kind: 'going', job, details: pack(value.request) };
        if (this.#clock.monotonic() >= end) return { kind: 'going', job, details: null };
      }
    } catch (error) {
      this.#jobs.delete(job);
      if (error instanceof DigestUnavailable) return { kind: 'unavailable' };
      if (error instanceof CallRefused) return { kind: 'refused', message: error.message };
      throw error;
    }
  }
}
