// What somebody waits who asks for the points of one session whose transcript has 1 GB: while the service reads it for the
// first time, at rest, and again; and what that adds to the service's memory.
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, round } from './lib/statistics.mjs';
import { transcriptsOf } from './lib/transcripts.mjs';
import { until } from './lib/wait.mjs';

export const name = 'session';

const SIZE = 2 ** 30;
const PATH = '/v1/sessions/main/large/timeseries';
const DEADLINE = 60_000;

export async function run(context) {
  const store = await context.store('33m');
  const stateDirectory = context.directory();
  const size = writeLarge(stateDirectory, store.directory);
  const raw = [];
  for (let at = 0; at < context.options.rounds; at++) raw.push(await measure(context, stateDirectory));
  const row = (what, field, unit) => {
    const values = raw.map((run) => round(run[field]));
    return { what, measured: `${median(values)} ${unit}`, detail: values.join(' ') };
  };
  return {
    rows: [
      row(`points of a session of ${round(size / 1e6)} MB, asked for while it is read the first time`, 'cold', 'ms'),
      row('the same at rest, other points', 'rest', 'ms'),
      row('the same again, unchanged', 'again', 'ms'),
      row('peak RSS', 'memory', 'MiB'),
    ],
    raw,
  };
}

/** One transcript of all those of a store, again and again. */
function writeLarge(stateDirectory, source) {
  const sessions = join(stateDirectory, 'agents', 'main', 'sessions');
  mkdirSync(sessions, { recursive: true });
  const path = join(sessions, 'large.jsonl');
  const unit = Buffer.concat([...transcriptsOf(source)].map((file) => readFileSync(file)));
  writeFileSync(path, '');
  while (statSync(path).size < SIZE) appendFileSync(path, unit);
  return statSync(path).size;
}

function measure(context, stateDirectory) {
  return context.withService({ stateDirectory }, async (service) => {
    const cold = await points(service, PATH);
    const { totals } = await service.complete('/v1/usage?range=all');
    const rest = await points(service, `${PATH}?points=100`);
    const again = await points(service, `${PATH}?points=100`);
    for (const { body } of [cold, rest, again]) assertWhole(body, totals);
    const memory = service.peakMemory / 2 ** 20;
    return { cold: cold.ms, rest: rest.ms, again: again.ms, memory };
  });
}

/** Asks until it is answered. */
async function points(service, path) {
  const started = performance.now();
  const ask = async () => {
    const { status, body } = await service.client.json(path);
    if (status > 202) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return status === 200 ? { ms: performance.now() - started, body } : null;
  };
  return until(`${path} to be read`, ask, { every: 10, deadline: DEADLINE });
}

function assertWhole({ points, undated, partial }, totals) {
  const tokens = (points.at(-1)?.cumulativeTokens ?? 0) + (undated?.totalTokens ?? 0);
  if (partial || tokens !== totals.totalTokens) {
    throw new Error(`expected points of ${totals.totalTokens} tokens; got ${tokens}${partial ? ', partial' : ''}`);
  }
}
