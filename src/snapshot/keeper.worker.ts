/** Entry of the keeper thread: holds the one Keeper of this thread's life and answers the calls of keeper-calls.ts. */
import { randomBytes } from 'node:crypto';
import { getHeapStatistics } from 'node:v8';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { DigestCache } from '../cache/digest-cache.ts';
import { DigestStore } from '../cache/digest-store.ts';
import { systemClock } from '../clock.ts';
import { pack } from '../compute/envelope.ts';
import { packTask, unpackAnswer } from '../compute/inventory-envelope.ts';
import { ClawgaugeError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import { DigestUnavailable, Keeper } from './keeper.ts';
import { type KeeperCalls, type KeeperReport, type KeeperSettings, RESTARTED } from './keeper-calls.ts';
import { Publisher } from './publisher.ts';
import { redactionOf } from './redaction.ts';
import { render } from './renderer.ts';
import { Views } from './views.ts';

/** Transcripts set aside that are named one by one. */
const MAX_REPORTED = 100;

const settings = workerData as KeeperSettings;
const incarnation = randomBytes(5).toString('hex');
const cache = new DigestCache(settings.digestCacheBytes);
const store = new DigestStore(settings.cacheDirectory);
const keeper = new Keeper(cache, store, {
  redact: settings.redact ? redactionOf(settings.dataDirectory) : null,
  ownPrices: settings.ownPrices ?? {},
});
const views = new Views(keeper, incarnation);
const publisher = new Publisher(keeper, views, incarnation, settings.timeZones, systemClock);
/** Whether this keeper has ever known everything that there was. */
let complete = false;

type Task<Name extends keyof KeeperCalls> = KeeperCalls[Name]['task'];
type Answer<Name extends keyof KeeperCalls> = KeeperCalls[Name]['answer'];

export function begin({ now, ...reason }: Task<'begin'>): unknown {
  publisher.restart();
  const { stateDirectory, configPath } = settings;
  const task = packTask(keeper.beginInventory({ stateDirectory, configPath }, reason, now));
  return moving({ incarnation, task } satisfies Answer<'begin'>, [task]);
}

export function takeInventory({ found, now, ...step }: Task<'takeInventory'>): unknown {
  check(step);
  const next = keeper.takeInventory(unpackAnswer(found));
  if ('looks' in next) {
    const task = packTask(next);
    return moving({ task } satisfies Answer<'takeInventory'>, [task]);
  }
  const idle = keeper.isIdle(now) && publisher.isCurrent(now);
  return { task: null, outcome: next, report: idle ? reportNow(now) : null } satisfies Answer<'takeInventory'>;
}

export function restore(step: Task<'restore'>): Answer<'restore'> {
  check(step);
  return keeper.restore();
}

export function plan({ now, ...step }: Task<'plan'>): unknown {
  check(step);
  keeper.settle();
  const batches = keeper.plan(now);
  return moving(batches satisfies Answer<'plan'>, batches);
}

export function accept({ result, now, ...step }: Task<'accept'>): Answer<'accept'> {
  check(step);
  const { folded, failed, bytesAppended, header } = keeper.accept(result, now);
  const { bytesRead, counts, duration } = header;
  return { folded, failed, bytesRead, bytesAppended, counts, duration, coverage: keeper.coverage() };
}

export function reject({ batch, code, detail, now, ...step }: Task<'reject'>): unknown {
  check(step);
  const batches = keeper.reject(batch, code, detail, now);
  return moving(batches satisfies Answer<'reject'>, batches);
}

export function publish({ now, ...step }: Task<'publish'>): unknown {
  check(step);
  keeper.settle();
  const snapshot = publisher.step(now);
  return snapshot === null ? null : move(snapshot);
}

export function report({ now, ...step }: Task<'report'>): Answer<'report'> {
  check(step);
  return reportNow(now);
}

function reportNow(now: Milliseconds): KeeperReport {
  const coverage = keeper.coverage();
  if (coverage.pending === 0) complete = true;
  return {
    incarnation,
    coverage,
    setAside: keeper.setAside().slice(0, MAX_REPORTED),
    nextRetry: keeper.nextRetry(),
    oldestLook: keeper.oldestLook(now),
    digests: cache.counts(),
    store: store.state(),
  };
}

export function view({ query, now, partial }: Task<'view'>): unknown {
  if ((!complete && !partial) || keeper.unsettled) return { kind: 'unavailable' } satisfies Answer<'view'>;
  try {
    const rendering = render(query.view, views.build(query, now), null);
    if (rendering === null) return { kind: 'unavailable' } satisfies Answer<'view'>;
    const packed = pack(rendering.etag, [rendering.rest, rendering.restDeflated]);
    const answer: Answer<'view'> = { kind: 'rendering', rendering: packed };
    return moving(answer, [packed]);
  } catch (error) {
    if (error instanceof DigestUnavailable) return { kind: 'unavailable' } satisfies Answer<'view'>;
    if (!(error instanceof ClawgaugeError)) throw error;
    return { kind: 'error', code: error.code, detail: error.message } satisfies Answer<'view'>;
  }
}

export function memory(): Answer<'memory'> {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return {
    digests: cache.counts(),
    store: store.state(),
    rollup: { rows: keeper.rollup.rows, bytes: keeper.rollup.bytes },
    heap: { used, limit },
  };
}

function check(step: { readonly incarnation: string }): void {
  if (step.incarnation !== incarnation) throw new Error(RESTARTED);
}

/** A value whose buffers are transferred rather than copied. */
function moving(value: unknown, buffers: readonly Uint8Array<ArrayBuffer>[]): unknown {
  return move({
    get [transferableSymbol]() {
      return buffers.map(({ buffer }) => buffer);
    },
    get [valueSymbol]() {
      return value as object;
    },
  });
}
