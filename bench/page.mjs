// The dashboard in a browser: how long until its first real figures are painted, against the same bytes as files of a bare
// server that knows nothing; how long until it can be used; what it loads, and how long it keeps the browser's thread.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { alternate } from './lib/rounds.mjs';
import { median, round } from './lib/statistics.mjs';
import { until } from './lib/wait.mjs';

export const name = 'page';

/** Times what the static page takes. */
const BUDGET = { bar: 1.3 };
/** Of everything that is loaded until the chart stands, compressed. */
const BYTES = { bar: 60_000 };
/** Page loads are short, and differ a lot. */
const TIMES = 3;
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const LONG_TASK = 50;
const HEADERS = { 'accept-encoding': 'gzip, br', accept: 'text/html' };

export async function run(context) {
  const executablePath = BROWSERS.find((path) => existsSync(path));
  if (executablePath === undefined) {
    return {
      rows: [{ what: 'skipped', measured: 'there is no Chromium here (Debian: apt-get install chromium)' }],
      raw: null,
    };
  }
  const store = await context.store('33m');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    return await context.withService({ stateDirectory: store.directory }, async (service) => {
      const all = await service.complete('/v1/usage?range=all');
      assertUsage(store, all);
      await until('a page with figures in it', () => withFigures(service), { every: 50, deadline: 30_000 });
      const files = await filesOf(service);
      const copy = await serveFiles(files);
      const cost = (await service.client.json('/v1/usage?range=30d')).body.totals.cost;
      const [ours, theirs] = [`http://127.0.0.1:${service.port}/`, `http://127.0.0.1:${copy.port}/`];
      await load(browser, ours, cost);
      const raw = await alternate(context.options.rounds * TIMES, {
        clawgauge: () => load(browser, ours, cost),
        copy: () => load(browser, theirs, cost),
      });
      copy.server.close();
      copy.server.closeAllConnections();
      return { rows: rowsOf(raw, files), raw };
    });
  } finally {
    await browser.close();
  }
}

/** The first snapshot of a first start has only the view that is asked for by default; the next one has all. */
async function withFigures({ client }) {
  const { body } = await client.ask('GET', '/', { accept: 'text/html' });
  return body.includes('"embedded":"v1/usage') ? true : null;
}

/** Opens a page in a browser that has nothing of it yet, and waits for its chart. */
async function load(browser, url, cost) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, timezoneId: 'UTC' });
  try {
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.seen = { figure: null, longest: 0, long: 0 };
      new PerformanceObserver((list) => {
        globalThis.seen.figure ??= list.getEntries()[0].renderTime;
      }).observe({ type: 'element', buffered: true });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) {
          globalThis.seen.long += 1;
          globalThis.seen.longest = Math.max(globalThis.seen.longest, duration);
        }
      }).observe({ type: 'longtask', buffered: true });
    });
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('.plot canvas').waitFor();
    const shown = Number(await page.locator('.tile data').first().getAttribute('value'));
    if (shown !== cost) throw new Error(`expected the page to show ${cost}; it shows ${shown}`);
    return await page.evaluate(() => ({
      ...globalThis.seen,
      interactive: performance.getEntriesByType('mark').find(({ name }) => name === 'interactive')?.startTime ?? null,
    }));
  } finally {
    await context.close();
  }
}

/** The page and what it loads, as the service sends it to this browser. */
async function filesOf({ client, port }) {
  const files = new Map();
  const paths = ['/'];
  for (const path of paths) {
    const { status, rawHeaders, body } = await client.ask('GET', path, HEADERS);
    if (status !== 200) throw new Error(`${path}: ${status}`);
    files.set(path, { headers: rawHeaders, body });
    const text = await (await fetch(`http://127.0.0.1:${port}${path}`, { headers: HEADERS })).text();
    for (const [, name] of text.matchAll(/["'`]\.\/(?:assets\/)?([\w.-]+\.(?:js|css|svg))["'`]/g)) {
      if (!paths.includes(`/assets/${name}`)) paths.push(`/assets/${name}`);
    }
  }
  return files;
}

/** The same answers, by a server that only knows these; every other question gets 404. */
async function serveFiles(files) {
  const server = createServer((request, response) => {
    const file = files.get(request.url);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, file.headers).end(file.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: server.address().port };
}

function rowsOf({ clawgauge, copy }, files) {
  const of = (loads, what) => loads.map((load) => load[what]).filter((value) => value !== null);
  const [ours, theirs] = [median(of(clawgauge, 'figure')), median(of(copy, 'figure'))];
  const ratio = round(ours / theirs, 2);
  const list = (values) => values.map((value) => round(value)).join(' ');
  const bytes = [...files.values()].reduce((sum, { body }) => sum + body.length, 0);
  const parts = [...files].map(([path, { body }]) => `${path} ${body.length}`).join(', ');
  const interactive = of(clawgauge, 'interactive');
  const longest = of(clawgauge, 'longest');
  return [
    {
      what: 'navigation to the first real figure painted, against the same bytes of a bare server',
      measured: `${ratio} times, ${round(ours)} ms against ${round(theirs)} ms`,
      detail: `${list(of(clawgauge, 'figure'))} against ${list(of(copy, 'figure'))}`,
      ...atMost(ratio, BUDGET, ' times'),
    },
    {
      what: 'navigation to a page that can be used',
      measured: `${round(median(interactive))} ms`,
      detail: list(interactive),
    },
    { what: 'bytes loaded, as they are sent', measured: `${bytes}`, detail: parts, ...atMost(bytes, BYTES) },
    {
      what: `tasks of more than ${LONG_TASK} ms of the browser's thread, the longest`,
      measured: `${median(of(clawgauge, 'long'))}, ${round(median(longest))} ms`,
      detail: list(longest),
    },
  ];
}
