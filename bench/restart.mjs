// From the spawn of a service that ran before to its first answer with figures, against bare node:http from its spawn to
// its first answer. Both are asked from the outside on a port chosen before, again and again until they answer.
import { join } from 'node:path';
import { BareServer, freePort, writeAnswer } from './lib/bare.mjs';
import { atMost } from './lib/budget.mjs';
import { Client } from './lib/client.mjs';
import { assertUsage } from './lib/expected.mjs';
import { alternate } from './lib/rounds.mjs';
import { Service } from './lib/service.mjs';
import { median, round } from './lib/statistics.mjs';
import { delay, until } from './lib/wait.mjs';

export const name = 'restart';

/** Times what bare node:http takes. */
const BUDGET = { bar: 2.5, stretch: 1.5 };
/** Runs of each a round: they are short, and differ a lot. */
const TIMES = 2;
const PATH = '/v1/usage?range=30d';
const DEADLINE = 30_000;

export async function run(context) {
  const store = await context.store('304m');
  const dataDirectory = context.directory();
  const answerFile = join(context.directory(), 'answer.json');
  await context.withService({ stateDirectory: store.directory, dataDirectory }, async (service) => {
    assertUsage(store, await service.complete('/v1/usage?range=all'));
    writeAnswer(answerFile, await service.client.ask('GET', PATH));
    await delay(1_000);
  });
  const raw = await alternate(context.options.rounds * TIMES, {
    clawgauge: () => restarted(context, store, dataDirectory),
    bare: () => bareStarted(answerFile),
  });
  const [ours, theirs] = [median(raw.clawgauge.map(({ answered }) => answered)), median(raw.bare)];
  const ratio = round(ours / theirs, 2);
  const list = (values) => values.map((value) => round(value)).join(' ');
  const alive = raw.clawgauge.map((run) => run.alive);
  return {
    rows: [
      {
        what: 'spawn to the last snapshot served, against bare node:http',
        measured: `${ratio} times, ${round(ours)} ms against ${round(theirs)} ms`,
        detail: `${list(raw.clawgauge.map(({ answered }) => answered))} against ${list(raw.bare)}`,
        ...atMost(ratio, BUDGET, ' times'),
      },
      { what: 'spawn to the first answer of /health', measured: `${round(median(alive))} ms`, detail: list(alive) },
    ],
    raw,
  };
}

async function restarted(context, store, dataDirectory) {
  const port = await freePort();
  const service = await Service.start(context.packageDirectory, {
    stateDirectory: store.directory,
    dataDirectory,
    port,
  });
  const alive = (await firstAnswer(port, '/health', service.spawnedAt)).ms;
  const { ms: answered } = await firstAnswer(port, PATH, service.spawnedAt);
  const { folded } = await service.firstRefresh();
  assertUsage(store, await service.complete('/v1/usage?range=all'));
  await service.stop();
  if (folded > 0) throw new Error(`expected a restart that reads no transcript again; it folded ${folded}`);
  return { answered, alive };
}

async function bareStarted(answerFile) {
  const bare = new BareServer(await freePort(), answerFile);
  const { ms } = await firstAnswer(bare.port, PATH, bare.spawnedAt);
  await bare.stop();
  return ms;
}

/** Milliseconds from the spawn to the first 200. */
async function firstAnswer(port, path, spawnedAt) {
  const client = new Client(port);
  const ask = async () => {
    const answer = await client.ask('GET', path).catch(() => null);
    return answer?.status === 200 ? { ms: performance.now() - spawnedAt } : null;
  };
  const answer = await until(`${path} on port ${port}`, ask, { every: 2, deadline: DEADLINE });
  client.close();
  return answer;
}
