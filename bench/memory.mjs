// The most memory that a service ever held (VmHWM of the whole process): over its first fold, and after it was asked a
// lot, views that nobody has ready among it.
import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { Load } from './lib/load.mjs';
import { median, round } from './lib/statistics.mjs';
import { delay } from './lib/wait.mjs';

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

export async function run(context) {
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
    assertUsage(store, await service.complete('/v1/usage?range=all'));
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
