// Whether reading slows down a gateway that writes: 200 transactions a second into an agent's database, by turns without a
// service and with one that refreshes as often as changes make it, every second; and how long one read transaction takes.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { atLeast, atMost } from './lib/budget.mjs';
import { start, stop } from './lib/children.mjs';
import { median, percentile, round, sum } from './lib/statistics.mjs';
import { until } from './lib/wait.mjs';

export const name = 'writer';

const WRITER = fileURLToPath(new URL('./lib/session-writer.mjs', import.meta.url));
/** What the writer begins with. */
const RECORDS = 4_000;
const TURN = 5_000;
const RATE = { bar: 0.97 };
const PAGE = { bar: 50 };

export async function run(context) {
  const stateDirectory = context.directory();
  const file = join(stateDirectory, 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
  mkdirSync(dirname(file), { recursive: true });
  const writer = await Writer.start(join(context.packageDirectory, 'dist', 'sqlite-driver.js'), file);
  try {
    const alone = [];
    const beside = [];
    const refreshes = [];
    for (let round = 0; round < context.options.rounds; round++) {
      alone.push(await writer.write(TURN));
      await context.withService({ stateDirectory }, async (service) => {
        await service.complete('/v1/usage?range=all');
        beside.push(await writer.write(TURN));
        await assertCounted(service, RECORDS + sum([...alone, ...beside].map(({ transactions }) => transactions)));
        refreshes.push((await service.refreshes()).length);
      });
    }
    const pages = await pageTimes(context.packageDirectory, file);
    return { rows: rowsOf(alone, beside, refreshes, pages), raw: { alone, beside, refreshes, pages } };
  } finally {
    await writer.stop();
  }
}

class Writer {
  #child;
  #lines;

  static async start(driver, file) {
    const writer = new Writer();
    writer.#child = start(process.execPath, [WRITER, driver, file], { stdio: ['pipe', 'pipe', 'inherit'] });
    writer.#lines = createInterface({ input: writer.#child.stdout })[Symbol.asyncIterator]();
    await writer.#next();
    return writer;
  }

  /** Writes for so many milliseconds. */
  async write(duration) {
    this.#child.stdin.write(`${duration}\n`);
    return JSON.parse(await this.#next());
  }

  stop() {
    return stop(this.#child);
  }

  async #next() {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error('the writer ended early');
    return value;
  }
}

async function assertCounted(service, records) {
  await until(
    `${records} records`,
    async () => {
      const { body } = await service.client.json('/v1/usage?range=all');
      return body.totals.records === records ? body : null;
    },
    { every: 50, deadline: 30_000 },
  );
}

/** Milliseconds that each page of the longest session takes, its transaction and what is made of it. */
async function pageTimes(packageDirectory, file) {
  const part = (name) => import(join(packageDirectory, 'dist', 'compute', name));
  const { QuietDatabase } = await part('quiet-database.js');
  const { SessionEvents } = await part('session-events.js');
  const database = new QuietDatabase(file);
  const events = new SessionEvents(database, 's-0');
  const times = [];
  for (let from = 0; ; ) {
    const began = performance.now();
    const { next } = events.page(from);
    times.push(performance.now() - began);
    if (next === from) break;
    from = next;
  }
  database.close();
  return times;
}

function rowsOf(alone, beside, refreshes, pages) {
  const [without, withUs] = [alone, beside].map(figuresOf);
  return [
    {
      what: 'transactions a second of a writer beside us, against alone',
      measured: `${round(withUs.rate / without.rate, 3)} times`,
      detail: `${round(withUs.rate, 1)} and ${round(without.rate, 1)} /s; ${median(refreshes)} refreshes a turn`,
      ...atLeast(withUs.rate / without.rate, RATE),
    },
    {
      what: 'what a transaction takes beside us, and alone',
      measured: `${round(withUs.median, 2)}, ${round(without.median, 2)} ms`,
      detail: `slowest 1 %: ${round(withUs.slow, 1)}, ${round(without.slow, 1)} ms; slowest: ${round(withUs.slowest, 1)}, ${round(without.slowest, 1)} ms`,
    },
    {
      what: 'longest page of a session, read in one transaction',
      measured: `${round(Math.max(...pages), 1)} ms`,
      detail: `${pages.length} pages; median ${round(median(pages), 1)} ms`,
      ...atMost(Math.max(...pages), PAGE, ' ms'),
    },
  ];
}

function figuresOf(turns) {
  const latencies = turns.flatMap((turn) => turn.latencies);
  return {
    rate: (1000 * latencies.length) / sum(turns.map(({ duration }) => duration)),
    median: median(latencies),
    slow: percentile(latencies, 0.99),
    slowest: Math.max(...latencies),
  };
}
