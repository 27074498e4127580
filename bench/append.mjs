// What a line appended to a live transcript costs, and when it shows: one alone, then one a second; and the CPU that the
// service uses while one session is live. Default options, on a copy of the store.
//
// Bytes read are judged by their median: once a minute one transcript that grew is read anew as a whole, to verify it.
import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { LiveTranscript } from './lib/live-transcript.mjs';
import { median, percentile, round } from './lib/statistics.mjs';
import { delay, until } from './lib/wait.mjs';

export const name = 'append';

const ALONE = 8;
/** The refresh timer's own period: appends alone come at different places in it. */
const PERIOD = 10_000;
const STEADY = 30;
const EVERY = 1_000;
const POLL_EVERY = 5;
const VISIBLE_DEADLINE = 60_000;
const PATH = '/v1/usage?range=all';
/** Bytes read for bytes appended, milliseconds until it shows, and percent of a core. */
const READ = { factor: 1.1, slack: 8 * 1024 };
const SHOWN_ALONE = { bar: 1_000, stretch: 300 };
const SHOWN_STEADY = { bar: 2_000 };
const CPU = { bar: 3, stretch: 1 };

export async function run(context) {
  const store = await context.store('304m');
  return context.withCopy(store, (stateDirectory) =>
    context.withService({ stateDirectory }, async (service) => {
      const before = await service.complete(PATH);
      assertUsage(store, before);
      const transcript = new LiveTranscript(stateDirectory);
      context.log(`the live transcript has ${transcript.size} B`);
      const watch = new Watch(service, before.totals.records);

      const alone = await appendAlone(service, transcript, watch);
      const steady = await appendSteadily(transcript, watch);
      const cpu = await cpuWhileLive(service, transcript, watch);
      return { rows: rowsOf({ transcript, alone, steady, cpu }), raw: { size: transcript.size, alone, steady, cpu } };
    }),
  );
}

/** Waits until the service counts as many records as were appended. */
class Watch {
  #service;
  #records;

  constructor(service, records) {
    this.#service = service;
    this.#records = records;
  }

  /** Appends one line; gives its bytes and a promise of the milliseconds until it showed. */
  append(transcript) {
    const bytes = transcript.append();
    const appendedAt = performance.now();
    const wanted = ++this.#records;
    const seen = async () => {
      const { body } = await this.#service.client.json(PATH);
      return body.totals.records >= wanted ? performance.now() - appendedAt : null;
    };
    return {
      bytes,
      visible: () => until('an append to show', seen, { every: POLL_EVERY, deadline: VISIBLE_DEADLINE }),
    };
  }
}

async function appendAlone(service, transcript, watch) {
  const results = [];
  for (let at = 0; at < ALONE; at++) {
    await delay((PERIOD * (at + 0.5)) / ALONE);
    const before = Date.now();
    const { bytes, visible } = watch.append(transcript);
    const ms = await visible();
    const last = await until('the refresh to end', () => refreshSince(service, before), { every: 20, deadline: 5_000 });
    results.push({ bytes, visible: ms, bytesRead: last.bytesRead, bytesAppended: last.bytesAppended });
  }
  return results;
}

async function refreshSince(service, moment) {
  const refreshes = await service.refreshes();
  return refreshes.find(({ startedAt, folded }) => startedAt >= moment && folded > 0) ?? null;
}

/** One append a second, whether or not those before it show yet. */
async function appendSteadily(transcript, watch) {
  const waiting = [];
  for (let at = 0; at < STEADY; at++) {
    waiting.push(watch.append(transcript).visible());
    await delay(EVERY);
  }
  return Promise.all(waiting);
}

/** CPU of the service as a share of one core, in percent; nobody asks it meanwhile. */
async function cpuWhileLive(service, transcript, watch) {
  await delay(PERIOD);
  const used = async (step) => {
    const [cpu, started] = [service.cpuTime, performance.now()];
    for (let at = 0; at < STEADY; at++) {
      step();
      await delay(EVERY);
    }
    return ((service.cpuTime - cpu) / (performance.now() - started)) * 100;
  };
  return { atRest: await used(() => {}), live: await used(() => watch.append(transcript)) };
}

function rowsOf({ transcript, alone, steady, cpu }) {
  const allowed = alone.map(({ bytes }) => READ.factor * bytes + READ.slack);
  const read = alone.map(({ bytesRead }) => bytesRead);
  return [
    {
      what: `bytes read for one append to ${round(transcript.size / 1024)} KiB`,
      measured: `${round(median(read))} B for ${alone[0].bytes} B`,
      detail: read.join(' '),
      ...atMost(median(read), { bar: round(Math.min(...allowed)) }, ' B'),
    },
    {
      what: 'one append alone until it shows',
      ...visibility(
        alone.map(({ visible }) => visible),
        SHOWN_ALONE,
      ),
    },
    { what: 'the same under one append a second', ...visibility(steady, SHOWN_STEADY) },
    {
      what: 'CPU with one live session, one append a second',
      measured: `${round(cpu.live, 1)} % of a core`,
      detail: `${round(cpu.atRest, 1)} % when nothing is appended`,
      ...atMost(round(cpu.live, 1), CPU, ' %'),
    },
  ];
}

function visibility(times, budget) {
  const p95 = round(percentile(times, 0.95));
  return {
    measured: `p95 ${p95} ms, median ${round(median(times))} ms`,
    detail: times.map((time) => round(time)).join(' '),
    ...atMost(p95, budget, ' ms'),
  };
}
