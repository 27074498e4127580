/**
 * Entry of the keeper thread: holds the one Keeper of this thread's life and answers the calls of keeper-calls.ts.
 * Answers are copied to the main thread: what moves them belongs to piscina, and loading that costs the start more.
 */
import { randomBytes } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import { CounterLedger } from '../cache/counter-ledger.ts';
import { DigestCache } from '../cache/digest-cache.ts';
import { DigestStore } from '../cache/digest-store.ts';
import { Ledger } from '../cache/ledger.ts';
import { NoticeLedger } from '../cache/notice-ledger.ts';
import { systemClock } from '../clock.ts';
import { collectGarbage } from '../collect-garbage.ts';
import { pack } from '../compute/envelope.ts';
import { packTask, unpackAnswer } from '../compute/inventory-envelope.ts';
import { ClawgaugeError } from '../errors.ts';
import { MemoryMeter, ownMemory } from '../memory-meter.ts';
import { NoticeBook } from '../notices/notice-book.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import { isBlinding } from './blinding.ts';
import { budgetsView } from './budgets-view.ts';
import { DigestUnavailable } from './counted-digests.ts';
import { roomForDigests } from './digest-room.ts';
import { ExportJobs } from './export/export-jobs.ts';
import { fullTranscripts } from './full-transcripts.ts';
import { Keeper } from './keeper.ts';
import { type KeeperCalls, type KeeperReport, type KeeperSettings, RESTARTED } from './keeper-calls.ts';
import { KeeperMetrics } from './metrics/keeper-metrics.ts';
import { Publisher } from './publisher.ts';
import { redactionOf } from './redaction.ts';
import { render } from './renderer.ts';
import { CallJobs } from './rpc/call-jobs.ts';
import { Views } from './views.ts';

/** Transcripts set aside that are named one by one. */
const MAX_REPORTED = 100;

/** How often steps that come hundreds at a time note what the thread holds. */
const NOTE_EVERY: Milliseconds = 100;

const settings = workerData as KeeperSettings;
const incarnation = randomBytes(5).toString('hex');
/** Each refresh says how large it may be. */
const cache = new DigestCache(0);
const store = new DigestStore(settings.cacheDirectory);
const redact = settings.redact ? redactionOf(settings.dataDirectory) : null;
const ledger = new Ledger(settings.dataDirectory, systemClock);
const keeper = new Keeper(cache, store, {
  redact,
  ownPrices: settings.ownPrices ?? {},
  retention: { ledger, retain: settings.retain },
  accounting: settings.accounting,
});
const meter = new MemoryMeter(settings.meter);
const views = new Views(keeper, incarnation);
const publisher = new Publisher(keeper, views, incarnation, settings.timeZones, systemClock, [settings.budgets]);
const noticeBook = new NoticeBook(new NoticeLedger(ledger), settings.noticeTargets);
const budgetRows = (now: Milliseconds) => budgetsView(keeper, settings.budgets, now, publisher.sources.sums).budgets;
const metricsOf = new KeeperMetrics({
  counters: new CounterLedger(ledger),
  sums: publisher.sources.sums,
  state: keeper,
  clock: systemClock,
  budgets: budgetRows,
});
const jobs = new CallJobs(keeper, redact, systemClock);
const exportJobs = new ExportJobs(keeper, systemClock);
/** Whether this keeper has ever known everything that there was. */
let complete = false;
/** Something of the stores could not be looked into. */
let blind = false;

type Task<Name extends keyof KeeperCalls> = KeeperCalls[Name]['task'];
type Answer<Name extends keyof KeeperCalls> = KeeperCalls[Name]['answer'];

export function begin({ now, digestCache, usedZones, ...reason }: Task<'begin'>): Answer<'begin'> {
  resizeCache(digestCache);
  publisher.restart(usedZones);
  const task = packTask(keeper.beginInventory(settings.places, reason, now));
  return { incarnation, task, isNew: store.isEmpty };
}

export function takeInventory({ found, now, ...step }: Task<'takeInventory'>): Answer<'takeInventory'> {
  check(step);
  const next = keeper.takeInventory(unpackAnswer(found));
  if ('looks' in next) return { task: packTask(next) };
  blind = next.problems.some(isBlinding);
  const idle = keeper.isIdle(now) && publisher.isCurrent(now);
  return { task: null, outcome: next, report: idle ? reportNow(now) : null };
}

export function restore({ now, ...step }: Task<'restore'>): Answer<'restore'> {
  check(step);
  return keeper.restore(now);
}

export function plan({ now, batchBytes, ...step }: Task<'plan'>): Answer<'plan'> {
  check(step);
  keeper.settle();
  return keeper.plan(now, batchBytes);
}

export function planMore({ batchBytes, ...step }: Task<'planMore'>): Answer<'planMore'> {
  check(step);
  return keeper.planMore(batchBytes);
}

export function accept({ result, now, ...step }: Task<'accept'>): Answer<'accept'> {
  check(step);
  const { folded, failed, bytesAppended, header } = keeper.accept(result, now);
  const { bytesRead, counts, duration } = header;
  meter.note(NOTE_EVERY);
  return { folded, failed, bytesRead, bytesAppended, counts, duration, coverage: keeper.coverage() };
}

export function reject({ batch, code, detail, now, ...step }: Task<'reject'>): Answer<'reject'> {
  check(step);
  return keeper.reject(batch, code, detail, now);
}

export function publish({ now, whole, ...step }: Task<'publish'>): Answer<'publish'> {
  check(step);
  keeper.settle();
  const snapshot = publisher.step(now, whole);
  meter.note(NOTE_EVERY);
  return snapshot;
}

export function report({ now, ...step }: Task<'report'>): Answer<'report'> {
  check(step);
  return reportNow(now);
}

function reportNow(now: Milliseconds): KeeperReport {
  const coverage = keeper.coverage();
  if (coverage.pending === 0) complete = true;
  keeper.ended(now);
  if (coverage.pending === 0 && !blind && !keeper.unsettled) {
    metricsOf.update(now);
    noticeBook.follow(budgetRows(now), now);
  }
  meter.note();
  return {
    incarnation,
    coverage,
    setAside: keeper.setAside().slice(0, MAX_REPORTED),
    full: fullTranscripts(keeper.catalog.full),
    eraChanges: keeper.eraChanges(),
    nextRetry: keeper.nextRetry(),
    oldestLook: keeper.oldestLook(now),
    digests: cache.counts(),
    store: store.state(),
    rollup: { rows: keeper.rollup.rows, bytes: keeper.rollup.bytes },
    metrics: metricsOf.version,
    notices: noticeBook.state(),
    ...keeper.retention(),
    calls: keeper.callContext(),
  };
}

export function view({ query, now, generation }: Task<'view'>): Answer<'view'> {
  const isOwn = generation.startsWith(`${incarnation}.`);
  if ((!complete && !isOwn) || keeper.unsettled) return { kind: 'unavailable' };
  try {
    const rendering = render(views.build(query, now));
    return { kind: 'rendering', rendering: pack(rendering.etag, [rendering.rest, rendering.restDeflated]) };
  } catch (error) {
    return refusalOf(error);
  }
}

export function locate({ query }: Task<'locate'>): Answer<'locate'> {
  try {
    return { kind: 'plan', plan: keeper.planRead(query) };
  } catch (error) {
    if (!(error instanceof ClawgaugeError)) throw error;
    // Before everything was known once, it may only not have been found yet.
    if (error.code === 'session_not_found' && !complete) return { kind: 'unavailable' };
    return { kind: 'error', code: error.code, detail: error.message };
  }
}

/** The gateway has no word for figures that lack something, so there are none before everything is known. */
export function call({ query }: Task<'call'>): Answer<'call'> {
  return complete && !keeper.unsettled ? jobs.begin(query) : { kind: 'unavailable' };
}

export function goOn({ job, details }: Task<'goOn'>): Answer<'goOn'> {
  return keeper.unsettled ? { kind: 'unavailable' } : jobs.goOn(job, details);
}

/** An export carries no word of its state in its rows, so there is none before everything is known. */
export function exportBegin({ query, now }: Task<'exportBegin'>): Answer<'exportBegin'> {
  if (!complete || keeper.unsettled) return { kind: 'unavailable' };
  try {
    return { kind: 'begun', ...exportJobs.begin(query, now) };
  } catch (error) {
    return refusalOf(error);
  }
}

export function exportMore({ job }: Task<'exportMore'>): Answer<'exportMore'> {
  try {
    return exportJobs.goOn(job);
  } catch (error) {
    if (error instanceof DigestUnavailable) return null;
    throw error;
  }
}

export function exportEnd({ job }: Task<'exportEnd'>): Answer<'exportEnd'> {
  exportJobs.end(job);
  return null;
}

export function memory(): Answer<'memory'> {
  meter.note();
  return {
    digests: cache.counts(),
    store: store.state(),
    rollup: { rows: keeper.rollup.rows, bytes: keeper.rollup.bytes },
  };
}

export function metrics(): Answer<'metrics'> {
  return metricsOf.text;
}

export function dueNotices({ now }: Task<'dueNotices'>): Answer<'dueNotices'> {
  return noticeBook.due(now);
}

export function settleNotices({ outcomes, now }: Task<'settleNotices'>): Answer<'settleNotices'> {
  noticeBook.settle(outcomes, now);
  return noticeBook.state();
}

export function limit({ digestCache }: Task<'limit'>): Answer<'limit'> {
  resizeCache(digestCache);
  collectGarbage();
  meter.note();
  return null;
}

function resizeCache(share: Bytes): void {
  cache.resize(roomForDigests(cache.counts().cap, share, ownMemory().buffers, settings.bufferShare));
}

/** What is to be said of a question that could not be answered; throws every other error again. */
function refusalOf(error: unknown): Extract<Answer<'view'>, { kind: 'error' | 'unavailable' }> {
  if (error instanceof DigestUnavailable) return { kind: 'unavailable' };
  if (!(error instanceof ClawgaugeError)) throw error;
  return { kind: 'error', code: error.code, detail: error.message };
}

function check(step: { readonly incarnation: string }): void {
  if (step.incarnation !== incarnation) throw new Error(RESTARTED);
}
