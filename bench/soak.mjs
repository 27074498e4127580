// Thousands of refreshes of one service, as fast as they come, while its store is appended to, rotated, cut and deleted
// from: whether memory, descriptors, handles or bytes on disk grow, and whether the figures are right at the end.
//
// The service is the packed one with default options. A preloaded module (lib/on-demand.mjs) has it refresh at once, which
// its own routes allow once a second at most.
import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { atMost } from './lib/budget.mjs';
import { Changes } from './lib/changes.mjs';
import { openDescriptors } from './lib/process-figures.mjs';
import { median, round, slope, sum } from './lib/statistics.mjs';

export const name = 'soak';

/** KiB of RSS for each refresh, over so many. */
const BUDGET = { bar: 0.2 };
const BAR_OVER = 10_000;
const SAMPLES = 200;
const PATHS = [
  '/v1/usage?range=30d',
  '/v1/usage?range=all',
  '/v1/sessions',
  '/v1/usage?range=90d&agent=main&split=model',
];
const FIGURES = ['/v1/usage?range=all&timeZone=UTC', '/v1/sessions?range=all&limit=1000&timeZone=UTC'];

export async function run(context) {
  const { refreshes } = context.options;
  const store = await context.store('33m');
  return context.withCopy(store, async (stateDirectory) => {
    const dataDirectory = context.directory();
    const changes = await Changes.of(context.packageDirectory, stateDirectory);
    const own = { stateDirectory, dataDirectory };
    const { samples, durations, figures } = await context.withService({ ...own, onDemand: true }, async (service) => {
      await service.complete();
      const run = await soak(context, service, changes, { refreshes, dataDirectory });
      return { ...run, figures: await figuresOf(service) };
    });
    // Folded anew, with what cannot be computed again taken from the same ledger.
    for (const file of readdirSync(dataDirectory)) {
      if (/^(digests\.sqlite|snapshot\.bin)/.test(file)) rmSync(join(dataDirectory, file));
    }
    const fresh = await context.withService(own, async (service) => {
      await service.complete();
      return figuresOf(service);
    });
    assert.deepEqual(figures, fresh, 'the service must say at the end what one says that reads everything anew');
    return {
      rows: rowsOf(refreshes, samples, durations, changes.counts),
      raw: { samples, durations, counts: changes.counts },
    };
  });
}

async function soak(context, service, changes, { refreshes, dataDirectory }) {
  const samples = [];
  const durations = [];
  const every = Math.max(1, Math.floor(refreshes / SAMPLES));
  for (let at = 1; at <= refreshes; at++) {
    changes.step();
    const { ended, duration, error } = await service.refreshNow();
    if (ended !== 'ok') throw new Error(`refresh ${at} failed: ${error.code}: ${error.detail}`);
    durations.push(duration);
    const { status } = await service.client.ask('GET', PATHS[at % PATHS.length]);
    if (status !== 200 && status !== 202) throw new Error(`${PATHS[at % PATHS.length]}: ${status}`);
    if (at % every !== 0) continue;
    samples.push({
      at,
      rss: service.residentMemory,
      descriptors: openDescriptors(service.pid),
      resources: sum(Object.values(await service.resources())),
      disk: bytesIn(dataDirectory),
      owners: (await service.client.json('/v1/cache')).body,
    });
    if (at % (every * 20) === 0) context.log(`${at} of ${refreshes}: ${describe(samples.at(-1))}`);
  }
  return { samples, durations };
}

function bytesIn(directory) {
  return sum(readdirSync(directory).map((file) => statSync(join(directory, file)).size));
}

/** What a service says, without the head, which tells of one service's life. */
async function figuresOf(service) {
  const answers = [];
  for (const path of FIGURES) {
    const { snapshot, ...figures } = await service.complete(path);
    answers.push(figures);
  }
  return answers;
}

function describe({ rss, descriptors, resources, disk }) {
  return `RSS ${mib(rss)} MiB, ${descriptors} descriptors, ${resources} resources, ${mib(disk)} MiB on disk`;
}

function mib(bytes) {
  return round(bytes / 2 ** 20, 1);
}

function rowsOf(refreshes, samples, durations, counts) {
  const half = samples.slice(samples.length >> 1);
  const [first, last] = [half[0], half.at(-1)];
  const growth = round(slope(half.map(({ at, rss }) => [at, rss / 1024])), 3);
  const changed = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return [
    {
      what: `RSS slope over the second half of ${refreshes} refreshes`,
      measured: `${growth} KiB a refresh`,
      detail: `${mib(first.rss)} to ${mib(last.rss)} MiB; ${changed.join(', ')}`,
      ...(refreshes >= BAR_OVER ? atMost(growth, BUDGET, ' KiB') : { bar: `${BUDGET.bar} KiB over ${BAR_OVER}` }),
    },
    bounded('descriptors', half, 'descriptors'),
    bounded('active resources', half, 'resources'),
    {
      what: 'bytes on disk',
      measured: `${mib(first.disk)} to ${mib(last.disk)} MiB`,
      detail: `at most ${mib(Math.max(...samples.map(({ disk }) => disk)))} MiB`,
    },
    { what: 'duration of a refresh', measured: `median ${median(durations)} ms, longest ${Math.max(...durations)} ms` },
  ];
}

/** What goes up and down must not be higher at the end of the second half than at its start. */
function bounded(what, samples, field) {
  const values = samples.map((sample) => sample[field]);
  const third = Math.max(1, Math.floor(values.length / 3));
  const [before, after] = [median(values.slice(0, third)), median(values.slice(-third))];
  return {
    what: `${what} over the same`,
    measured: `${before} to ${after}`,
    detail: `at most ${Math.max(...values)}`,
    ...atMost(after, { bar: before }),
  };
}
