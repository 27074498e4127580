// The most memory that a service ever held (VmHWM of the whole process): over its first fold, and after it was asked a
// lot, views that nobody has ready among it.
import assert from 'node:assert/strict';
import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { LiveTranscript } from './lib/live-transcript.mjs';
import { Load } from './lib/load.mjs';
import { median, round } from './lib/statistics.mjs';
import { delay, until } from './lib/wait.mjs';

export const name = 'memory';

/** MiB, by the major version of Node. */
const BARS = { 20: 128, 22: 150, 24: 150 };
const STRETCH = 110;
const LOAD_TIME = 10_000;
const PATHS = ['/v1/usage?range=30d', '/v1/usage?range=all', '/v1/sessions', '/health'];
const ASKED = ['main', 'ops', 'dev'].flatMap((agent) =>
  ['7d', '30d', '90d', 'all'].flatMap((range) => [
    `/v1/usage?range=${range}&agent=${agent}`,
    `/v1/usage?range=${range}&kind=main&split=model&granularity=day&agent=${agent}`,
    `/v1/sessions?range=${range}&agent=${agent}&limit=200`,
  ]),
);

/** Of the largest store, under the default cap. */
const LARGE = '10g';
const CAP = { bar: 256 };
/** It takes minutes, and is not to be held up by who waits for it. */
const PATIENCE = { every: 500, deadline: 900_000 };
const APPENDS = 20;
const ALL = '/v1/usage?range=all';

export async function run(context) {
  if (context.options.size === LARGE) return large(context);
  const store = await context.store('304m');
  const raw = [];
  for (let round = 0; round < context.options.rounds; round++) raw.push(await measure(context, store));
  const mib = (field) => raw.map((run) => round(run[field] / 2 ** 20, 1));
  const row = (what, field) => ({ what, measured: `${median(mib(field))} MiB`, detail: mib(field).join(' ') });
  const bar = BARS[process.versions.node.split('.')[0]];
  const judged = bar === undefined ? {} : atMost(Math.max(...mib('cold')), { bar, stretch: STRETCH }, ' MiB');
  return {
    rows: [
      { ...row('peak RSS after the first fold', 'cold'), ...judged },
      row(`peak RSS after 5,000 requests and ${ASKED.length} views nobody has ready`, 'asked'),
      row('RSS at the end', 'rest'),
    ],
    raw,
  };
}

function measure(context, store) {
  return context.withService({ stateDirectory: store.directory }, async (service) => {
    assertUsage(store, await service.complete(ALL));
    await delay(1_000);
    const cold = service.peakMemory;
    const load = await Load.start({ port: service.port, paths: PATHS, rate: 500 });
    const started = performance.now();
    for (const path of ASKED) {
      const { status, body } = await service.client.ask('GET', path);
      if (status !== 200 && status !== 202) throw new Error(`${path}: ${status} ${body}`);
    }
    await delay(Math.max(0, LOAD_TIME - (performance.now() - started)));
    await load.stop();
    return { cold, asked: service.peakMemory, rest: service.residentMemory };
  });
}

/** From the spawn until all is folded, and over refreshes that append: the keeper that began has to be there at the end. */
async function large(context) {
  const store = await context.store(LARGE);
  const { peak, folded, shed } = await context.withLinkedCopy(store, (stateDirectory) =>
    context.withService({ stateDirectory }, async (service) => {
      await service.complete(undefined, PATIENCE);
      const before = await service.complete(ALL, PATIENCE);
      assertUsage(store, before);
      await service.firstRefresh();
      const folded = { seconds: round((performance.now() - service.spawnedAt) / 1000), peak: service.peakMemory };
      context.log(`all folded after ${folded.seconds} s, peak ${inMib(folded.peak)} MiB`);
      const after = await append(service, new LiveTranscript(stateDirectory), before.totals.records);
      assert.equal(after.snapshot.coverage.failed, 0, 'nothing may be set aside');
      const { body } = await service.client.json('/v1/status');
      assert.equal(body.lastError, null, 'no refresh may fail, as the one fails whose keeper ends');
      return { peak: service.peakMemory, folded, shed: body.shedding.steps.up };
    }),
  );
  const detail = `${inMib(folded.peak)} MiB when all was folded, after ${folded.seconds} s; ${shed} steps of shedding`;
  const row = { what: `peak RSS, ${store.calibration.transcripts} transcripts, ${APPENDS} appends`, detail };
  return {
    rows: [{ ...row, measured: `${inMib(peak)} MiB`, ...atMost(inMib(peak), CAP, ' MiB') }],
    raw: { peak, folded, shed },
  };
}

/** One append after the other, each as soon as the last one shows; gives the last answer. */
async function append(service, transcript, records) {
  let usage;
  for (let at = 1; at <= APPENDS; at++) {
    transcript.append();
    const seen = async () => {
      const { body } = await service.client.json(ALL);
      // Null while it is on its way.
      return body.totals?.records === records + at ? body : null;
    };
    usage = await until('an append to show', seen, { every: 100, deadline: 60_000 });
  }
  return usage;
}

function inMib(bytes) {
  return round(bytes / 2 ** 20, 1);
}
