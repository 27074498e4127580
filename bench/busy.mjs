// How long requests take while a store is read for the first time, or all over again, against the same service at rest:
// 500 requests a second on a fixed schedule from a process of its own (lib/load-generator.mjs), half of them to /health
// and half to the view that everybody asks for first. Also how long the main thread was kept from its event loop.
//
//   first fold   a service with empty directories is asked from the moment it listens; all cores scan
//   all changed  a service that knows the store finds every transcript rewritten: each is read anew, answers go on
//
// Which requests met a refresh is told afterwards by the times in /v1/status; meanwhile that is asked four times a second,
// to see the end. Samples of several refreshes are pooled until each side has enough of them for each path.
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { Load } from './lib/load.mjs';
import { median, percentile, round, sum } from './lib/statistics.mjs';
import { delay, until } from './lib/wait.mjs';

export const name = 'busy';

const RATE = 500;
const PATHS = ['/health', '/v1/usage?range=30d'];
const MOST_REFRESHES = 40;
const STATUS_EVERY = 250;
const REFRESH_DEADLINE = 120_000;
/** What comes this soon after a refresh belongs to neither side: garbage of the refresh is still collected. */
const SETTLING = 500;
/** Of loop-delay.mjs. */
const SLOT = 50;
/** Times the p99 at rest, and milliseconds. */
const RATIO = { bar: 2, stretch: 1.3 };
const STALL = { bar: 50, stretch: 20 };

export async function run(context) {
  const store = await context.store('1g');
  const first = new Sides(context.options.samples, store.bytes);
  while (!first.enough) await firstFold(context, store, first);
  const again = new Sides(context.options.samples, store.bytes);
  await context.withCopy(store, (copy) => allChanged(context, { ...store, directory: copy }, again));
  return {
    rows: [...rowsOf('first fold', first), ...rowsOf('all changed', again)],
    raw: { store: store.directory, firstFold: first.raw(), allChanged: again.raw() },
  };
}

/** One service from its spawn through its first fold, and the same service at rest afterwards. */
async function firstFold(context, store, sides) {
  await context.withService({ stateDirectory: store.directory, watchLoop: true }, async (service) => {
    const load = await startLoad(service);
    const { duration } = await endOf(service, (refreshes) => refreshes[0]);
    await delay(SETTLING + Math.max(2_000, Math.min(duration, 8_000)));
    const samples = await load.stop();
    sides.add({ samples, delays: await service.loopDelays(), refreshes: await service.refreshes() });
    assertUsage(store, await service.complete('/v1/usage?range=all'));
  });
}

/** One service for all rounds; every transcript gets another time of change, so that none can be what it was. */
async function allChanged(context, store, sides) {
  await context.withService({ stateDirectory: store.directory, watchLoop: true }, async (service) => {
    assertUsage(store, await service.complete('/v1/usage?range=all'));
    await delay(SETTLING);
    while (!sides.enough) {
      const load = await startLoad(service);
      await delay(2_000);
      const before = Date.now();
      touchAll(store.directory);
      await service.client.ask('POST', '/v1/refresh');
      await endOf(service, (refreshes) => {
        const since = refreshes.filter(({ startedAt, duration }) => startedAt + duration >= before);
        return sum(since.map(({ bytesRead }) => bytesRead)) >= store.bytes ? since.at(-1) : undefined;
      });
      await delay(SETTLING);
      const samples = await load.stop();
      sides.add({ samples, delays: await service.loopDelays(), refreshes: await service.refreshes() });
    }
    assertUsage(store, await service.complete('/v1/usage?range=all'));
  });
}

function startLoad(service) {
  return Load.start({ port: service.port, paths: PATHS, rate: RATE });
}

/** Waits for the refresh that `choose` picks from those that ended. */
function endOf(service, choose) {
  const ask = async () => choose(await service.refreshes()) ?? null;
  return until('the end of a refresh', ask, { every: STATUS_EVERY, deadline: REFRESH_DEADLINE });
}

function touchAll(stateDirectory) {
  const now = new Date();
  const agents = join(stateDirectory, 'agents');
  for (const agent of readdirSync(agents)) {
    const sessions = join(agents, agent, 'sessions');
    for (const file of readdirSync(sessions)) {
      if (file.includes('.jsonl')) utimesSync(join(sessions, file), now, now);
    }
  }
}

/** Samples of both sides: `busy` met a refresh that read transcripts, `idle` met none of any kind. */
class Sides {
  busy = PATHS.map(noSamples);
  idle = PATHS.map(noSamples);
  refreshes = [];
  /** Longest delay of the main thread's event loop in each refresh, and at rest. */
  stalls = { busy: [], idle: [] };
  #wanted;
  /** Bytes that a refresh reads at least to be the one in question, rather than some later check. */
  #least;
  #seenUntil = 0;

  constructor(wanted, storeBytes) {
    this.#wanted = wanted;
    this.#least = storeBytes / 10;
  }

  get enough() {
    const fewest = Math.min(...[...this.busy, ...this.idle].map(({ fromIntended }) => fromIntended.length));
    return fewest >= this.#wanted || this.refreshes.length >= MOST_REFRESHES;
  }

  add({ samples, delays, refreshes }) {
    const spans = refreshes.map((refresh) => ({
      refresh,
      from: refresh.startedAt,
      to: refresh.startedAt + refresh.duration,
    }));
    const reading = spans.filter(({ refresh, to }) => refresh.bytesRead > this.#least && to > samples.at[0]);
    samples.at.forEach((at, index) => {
      const side = this.#sideOf(at, spans, reading);
      if (side === null) return;
      const target = side[samples.path[index]];
      target.fromIntended.push(samples.fromIntended[index]);
      target.fromSent.push(samples.fromSent[index]);
      const status = samples.status[index];
      target.statuses[status] = (target.statuses[status] ?? 0) + 1;
    });
    this.#addStalls(delays, spans, reading);
    this.refreshes.push(...reading.map(({ refresh }) => refresh));
  }

  raw() {
    return { busy: this.busy, idle: this.idle, stalls: this.stalls, refreshes: this.refreshes };
  }

  #sideOf(at, spans, reading) {
    if (reading.some(({ from, to }) => at >= from && at <= to)) return this.busy;
    return spans.some(({ from, to }) => at >= from && at <= to + SETTLING) ? null : this.idle;
  }

  #addStalls(delays, spans, reading) {
    const fresh = delays.filter(({ at }) => at > this.#seenUntil);
    this.#seenUntil = delays.at(-1)?.at ?? 0;
    for (const { from, to } of reading) {
      // A long delay ends its slot: it began that much earlier, which must not be before the refresh.
      const within = fresh.filter(({ at, max }) => at - max >= from && at <= to + SLOT);
      if (within.length > 0) this.stalls.busy.push(longest(within));
    }
    const rest = fresh.filter(({ at }) => !spans.some(({ from, to }) => at >= from && at <= to + SETTLING));
    if (rest.length > 0) this.stalls.idle.push(longest(rest));
  }
}

function longest(slots) {
  return Math.max(...slots.map(({ max }) => max));
}

function noSamples() {
  return { fromIntended: [], fromSent: [], statuses: {} };
}

function rowsOf(what, { busy, idle, stalls, refreshes }) {
  const rows = PATHS.map((path, at) => {
    const [hard, easy] = [summary(busy[at]), summary(idle[at])];
    // The generator's own timers are up to 1 ms late on both sides, which flatters a ratio: the worse of both counts.
    const ratio = round(Math.max(hard.p99 / easy.p99, hard.sentP99 / easy.sentP99), 2);
    return {
      what: `${what}: ${path}`,
      measured: `p99 ${ratio} times idle, ${hard.p99} ms against ${easy.p99} ms`,
      detail: `busy ${hard.text}; idle ${easy.text}`,
      ...atMost(ratio, RATIO, ' times'),
    };
  });
  const stall = round(Math.max(...stalls.busy), 1);
  return [
    ...rows,
    {
      what: `${what}: longest main-thread stall in ${stalls.busy.length} refreshes`,
      measured: `${stall} ms`,
      detail: `median ${round(median(stalls.busy), 1)} ms; idle ${round(Math.max(...stalls.idle), 1)} ms`,
      ...atMost(stall, STALL, ' ms'),
    },
    {
      what: `${what}: duration of a refresh`,
      measured: `${round(median(refreshes.map(({ duration }) => duration)))} ms`,
    },
  ];
}

function summary({ fromIntended, fromSent, statuses }) {
  const of = (values) => [0.5, 0.99, 1].map((q) => round(percentile(values, q), 2));
  const [p50, p99, max] = of(fromIntended);
  // What never was sent has no such time.
  const [sentP50, sentP99] = of(fromSent.filter((value) => !Number.isNaN(value)));
  const answers = Object.entries(statuses).map(([status, count]) => `${count} x ${status}`);
  const text = `p50/p99/max ${p50}/${p99}/${max} ms, from sending ${sentP50}/${sentP99}, ${answers.join(', ')}`;
  return { p99, sentP99, text };
}
