/**
 * Answers gateway calls on the main thread: from renderings that are there, or from the keeper, which builds an answer
 * in steps. Where there are no figures yet the caller waits, as at a gateway, and is told at last to try again: never
 * zeros. What is asked again and again is built anew whenever figures change.
 */
import type { Clock } from '../../clock.ts';
import { type Bytes, MIB, type Milliseconds } from '../../units.ts';
import type { AskedAnswer, AskedViews } from '../asked-views.ts';
import type { KeeperCalls, ViewAnswer } from '../keeper-calls.ts';
import type { SnapshotHead } from '../shapes.ts';
import type { Threads } from '../threads.ts';
import { type Dialect, invalidRequest, type RpcAnswer, type RpcCaller } from './answer.ts';
import { type CacheStatus, cacheStatus } from './cache-status.ts';
import type { CallStep } from './call-jobs.ts';
import { type CallShape, CallShapes } from './call-shapes.ts';
import { type CallContext, dialectOf } from './context.ts';
import { understand } from './params.ts';
import { type RpcQuery, rpcKey, type SeriesCall } from './rpc-query.ts';
import { type ReadSession, seriesAnswer } from './series-calls.ts';
import { UNAVAILABLE } from './unavailable.ts';

/** Clients of the gateway give up after ten seconds by themselves. */
const PATIENCE: Milliseconds = 8_000;
/** Answers that are built at once: each holds its rows until it is whole. */
const MOST_BUILDS = 2;
/** Of answers that are built before anybody asks again. */
const READY_BYTES: Bytes = 4 * MIB;
/** After such building comes a rest, so many times as long; the longer one where nobody has called lately. */
const REST = 100;
const LONG_REST = 1000;

/** What the service knows at a moment; null before there is anything. */
export interface DeskState {
  readonly context: CallContext;
  readonly head: SnapshotHead;
  readonly generation: string;
}

export interface DeskSettings {
  readonly clock: Clock;
  readonly threads: Pick<Threads, 'ask' | 'step' | 'details'>;
  readonly asked: AskedViews;
  readonly read: ReadSession;
  /** The zone that stands for the gateway's own. */
  readonly gatewayZone: string;
  readonly state: () => DeskState | null;
}

export class CallDesk {
  readonly #settings: DeskSettings;
  readonly #shapes: CallShapes;
  /** To be called when something changed. */
  #waiting = new Set<() => void>();
  #building = 0;
  readonly #queue: (() => void)[] = [];
  #preparing = false;
  #preparesFrom: Milliseconds = 0;
  readonly #foreground: Run = (name, task) => this.#settings.threads.ask(name, task);
  readonly #background: Run = (name, task) => this.#settings.threads.step(name, task);

  constructor(settings: DeskSettings) {
    this.#settings = settings;
    this.#shapes = new CallShapes(settings.gatewayZone);
  }

  /** The dialect of the service as a whole; before anything is known, the later one. */
  dialect(): Dialect {
    const state = this.#settings.state();
    return state === null ? '2026.9' : dialectOf(state.context);
  }

  /** Answers a call. Never rejects. */
  async call(method: string, params: unknown, caller: RpcCaller): Promise<RpcAnswer> {
    const { clock, gatewayZone } = this.#settings;
    const end = clock.monotonic() + PATIENCE;
    for (;;) {
      const state = this.#settings.state();
      if (state !== null) {
        const understood = understand(method, params, { context: state.context, gatewayZone, now: clock.now() });
        if (understood === null) return invalidRequest(`unknown method: ${method}`);
        if ('refusal' in understood) return understood.refusal;
        const { query } = understood;
        const answer = await this.#answer(query, params, state, caller, end);
        if (answer !== null) return answer;
      }
      const { signal } = caller;
      if (signal.aborted || !(await this.#change(end - clock.monotonic(), signal))) return UNAVAILABLE;
    }
  }

  /** To be called when figures were published, or a refresh ended. */
  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
    void this.#prepare();
  }

  /** Null where there is none yet. @param end when the caller's patience does */
  async #answer(
    query: RpcQuery | SeriesCall,
    params: unknown,
    state: DeskState,
    caller: RpcCaller,
    end: Milliseconds,
  ): Promise<RpcAnswer | null> {
    const { clock, read } = this.#settings;
    const patience = Math.max(0, end - clock.monotonic());
    if (!('window' in query)) return seriesAnswer(query, caller, patience, read);
    const answer = await this.#ask(query, state, patience, this.#foreground);
    if (answer.kind === 'pending') return null;
    if (answer.kind === 'error') return invalidRequest(answer.error.message);
    this.#shapes.note({ method: query.method, params: asParams(params) }, query.dialect, clock.now());
    return payloadOf(answer.view.rest, cacheStatus(answer.head, answer.outdated, clock.now()));
  }

  #ask(query: RpcQuery, state: DeskState, patience: Milliseconds, run: Run): Promise<AskedAnswer> {
    const { asked } = this.#settings;
    const { head, generation } = state;
    const key = rpcKey(query);
    const view = asked.ready(key, generation);
    if (view !== undefined) return Promise.resolve({ kind: 'ready', view, outdated: false, head });
    return asked.ask(key, generation, head, () => this.#inTurn(() => this.#build(query, run)), patience);
  }

  /** Drives the building of an answer to its end. */
  async #build(query: RpcQuery, run: Run): Promise<ViewAnswer> {
    let step: CallStep = await run('call', { query });
    while (step.kind === 'going') {
      const { job, details } = step;
      const told = details === null ? null : await this.#settings.threads.details(details);
      step = await run('goOn', { job, details: told });
    }
    if (step.kind === 'refused') return { kind: 'error', code: 'invalid_parameter', detail: step.message };
    if (step.kind === 'unavailable') return step;
    return step;
  }

  /** Builds what will be asked for again, for as long as it fits and the rest after the last time is over. */
  async #prepare(): Promise<void> {
    const { clock, asked, gatewayZone, state } = this.#settings;
    if (this.#preparing || clock.monotonic() < this.#preparesFrom) return;
    this.#preparing = true;
    const started = clock.monotonic();
    let bytes = 0;
    const now = state();
    if (now !== null) {
      const shapes = this.#shapes.worthReady(dialectOf(now.context), clock.now());
      for (const { method, params } of shapes) {
        const understood = understand(method, params, { context: now.context, gatewayZone, now: clock.now() });
        const query = understood !== null && 'query' in understood ? understood.query : null;
        if (query === null || !('window' in query)) continue;
        const answer = await this.#ask(query, now, PATIENCE, this.#background);
        if (answer.kind === 'ready') bytes += answer.view.rest.byteLength;
        if (bytes >= READY_BYTES || asked.bytes === 0) break;
      }
    }
    const rest = this.#shapes.isAsked(clock.now()) ? REST : LONG_REST;
    this.#preparesFrom = clock.monotonic() + (clock.monotonic() - started) * rest;
    this.#preparing = false;
  }

  /** Runs what builds an answer as soon as it is its turn. */
  async #inTurn<Answer>(build: () => Promise<Answer>): Promise<Answer> {
    if (this.#building >= MOST_BUILDS) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#building++;
    try {
      return await build();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#building--;
      else next();
    }
  }

  /** Whether something changed in time. */
  #change(within: Milliseconds, signal: AbortSignal): Promise<boolean> {
    if (within <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (changed: boolean) => {
        cancel();
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', leave);
        resolve(changed);
      };
      const wake = () => end(true);
      const leave = () => end(false);
      const cancel = this.#settings.clock.after(within, leave);
      this.#waiting.add(wake);
      signal.addEventListener('abort', leave);
    });
  }
}

/** How the keeper is asked: for somebody who waits, or not. */
type Run = <Name extends 'call' | 'goOn'>(
  name: Name,
  task: KeeperCalls[Name]['task'],
) => Promise<KeeperCalls[Name]['answer']>;

function payloadOf(members: Uint8Array, status: CacheStatus): RpcAnswer {
  const before = Buffer.from(`{"updatedAt":${status.refreshedAt},`);
  const after = Buffer.from(`,"cacheStatus":${JSON.stringify(status)}}`);
  return { ok: true, payload: [before, members, after] };
}

function asParams(params: unknown): CallShape['params'] {
  return typeof params === 'object' && params !== null ? (params as CallShape['params']) : {};
}
