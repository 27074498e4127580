// What an export holds while somebody takes it slowly: peak RSS against that of the same service at rest before, for every kind
// of rows and format. Fails unless the rows add up to the service's own totals.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { forgetPeakMemory } from './lib/process-figures.mjs';
import { round } from './lib/statistics.mjs';
import { delay, until } from './lib/wait.mjs';

export const name = 'export';

const AGENTS = 9;
/** MiB above rest, whatever the size of the store. */
const BUDGET = { bar: 16 };
/** Refreshes that rest lasts: each needs some memory of its own. */
const REST = 6;
/** Bytes a second: a hundred thousand sessions take half a minute. */
const PACE = 2_000_000;
/** A first fold of so many takes a while, and is not to be held up by who waits for it. */
const PATIENCE = { every: 500, deadline: 900_000 };
const RANGE = 'range=1y';
const KINDS = { sessions: 'what=sessions', 'usage by hour': 'what=usage&granularity=hour' };
const FORMATS = ['csv', 'ndjson'];

export async function run(context) {
  const { options } = context;
  const sessions = Math.ceil(options.transcripts / AGENTS);
  const generated = options.store === null && options.size === null;
  const store = generated
    ? await context.generated({ sessions, 'mean-kb': 2, 'max-kb': 8 })
    : await context.store('304m');
  return context.withService({ stateDirectory: store.directory }, async (service) => {
    assertUsage(store, await service.complete('/v1/usage?range=all', PATIENCE));
    const { totals } = await service.complete(`/v1/usage?${RANGE}`);
    await service.firstRefresh();
    // What the first fold took is given back within the first minute.
    await rest(service);
    const raw = { rest: await peakDuring(service, () => rest(service)), exports: [] };
    const rows = [];
    for (const [kind, query] of Object.entries(KINDS)) {
      for (const format of FORMATS) {
        const path = `/v1/export?${query}&${RANGE}&format=${format}`;
        const started = performance.now();
        let taken;
        const peak = await peakDuring(service, async () => {
          taken = await take(service.port, path, format);
        });
        assert.equal(taken.records, totals.records, `${path} must add up to the totals`);
        const above = round((peak.memory - raw.rest.memory) / 2 ** 20, 1);
        const seconds = round((performance.now() - started) / 1000);
        raw.exports.push({ path, ...taken, ...peak, seconds });
        rows.push({
          what: `peak RSS over an export of ${kind} as ${format}, above rest`,
          measured: `${above} MiB`,
          detail: `${round(taken.bytes / 1e6, 1)} MB, ${taken.rows} rows in ${seconds} s`,
          ...atMost(above, BUDGET, ' MiB'),
        });
      }
    }
    rows.push({ what: 'peak RSS at rest', measured: `${round(raw.rest.memory / 2 ** 20, 1)} MiB` });
    return { rows, raw };
  });
}

/** The most that a service held while an action lasted, and what its owners held at the end. */
async function peakDuring(service, action) {
  forgetPeakMemory(service.pid);
  await action();
  const memory = service.peakMemory;
  return { memory, cache: (await service.client.json('/v1/cache')).body };
}

/** Until some refreshes have ended that nobody asked for anything in. */
async function rest(service) {
  const ended = async () => (await service.refreshes()).at(-1).startedAt;
  for (let left = REST; left > 0; left--) {
    const before = await ended();
    const another = async () => ((await ended()) > before ? true : null);
    await until('another refresh', another, { every: 1_000, deadline: 120_000 });
  }
}

/** Takes an export at a slow pace; gives its bytes, rows and records. */
async function take(port, path, format) {
  const response = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path }, resolve).on('error', reject).end();
  });
  assert.equal(response.statusCode, 200, path);
  const reader = new Rows(format);
  const started = performance.now();
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    reader.add(chunk.toString('latin1'));
    const early = (bytes / PACE) * 1000 - (performance.now() - started);
    if (early > 1) await delay(early);
  }
  return { bytes, rows: reader.rows, records: reader.records };
}

/** Counts the rows of a text, and the records in them. */
class Rows {
  rows = 0;
  records = 0;
  #recordsOf;
  #rest = '';

  constructor(format) {
    this.#recordsOf = format === 'csv' ? null : (line) => JSON.parse(line).records;
  }

  add(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (this.#recordsOf === null) {
      // From behind: names may hold commas, figures do not.
      const place = line.trimEnd().split(',').reverse().indexOf('records');
      this.#recordsOf = (row) =>
        Number(
          row
            .trimEnd()
            .split(',')
            .at(-1 - place),
        );
      return;
    }
    this.rows++;
    this.records += this.#recordsOf(line);
  }
}
