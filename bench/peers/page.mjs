#!/usr/bin/env node
// The usage page of a real gateway's Control UI and the dashboard, of the same generated store, in a browser that has nothing
// of either in its cache: how long from navigation until the first cost is painted, and how much was loaded by then.
// The gateway has read everything before; the browser was paired by a first load that does not count.
//
//   npm run build && node bench/peers/page.mjs [--sessions 20] [--rounds 5]
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { run, stopAll } from '../lib/children.mjs';
import { machine } from '../lib/machine.mjs';
import { unpackPackage } from '../lib/package.mjs';
import { alternate } from '../lib/rounds.mjs';
import { Service } from '../lib/service.mjs';
import { median, round } from '../lib/statistics.mjs';
import { table } from '../lib/table.mjs';
import { Gateway } from './gateway.mjs';
import { RpcClient } from './rpc-client.mjs';

const VERSION = '2026.9.6';
const SHOWN_WITHIN = 120_000;

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const work = mkdtempSync(join(tmpdir(), 'clawgauge-peers-'));
try {
  console.log(JSON.stringify(machine()));
  const packageDirectory = await unpackPackage(join(work, 'package'));
  const gateway = await Gateway.install(VERSION, join(tmpdir(), 'clawgauge-bench'));
  const stateDirectory = join(work, 'state');
  mkdirSync(stateDirectory);
  const generator = join(packageDirectory, 'dist/demo/generate.js');
  await run(process.execPath, [generator, stateDirectory, '--sessions', values.sessions]);
  await gateway.prepare(stateDirectory);
  const { url, token } = await gateway.start(stateDirectory);
  const client = await RpcClient.connect(url, token);
  for (const agent of readdirSync(join(stateDirectory, 'agents'))) await client.fresh(agent);
  client.close();
  const service = await Service.start(packageDirectory, { stateDirectory, dataDirectory: join(work, 'data') });
  await service.complete('/v1/usage?range=30d');

  const browser = await chromium.launch({ executablePath: values.chromium, args: ['--no-sandbox'] });
  const theirs = `${url.replace('ws:', 'http:')}/usage#token=${token}`;
  const ours = `http://127.0.0.1:${service.port}/`;
  const paired = await pairedState(browser, theirs);
  await load(browser, ours);
  const loads = await alternate(Number(values.rounds), {
    gateway: () => load(browser, theirs, paired),
    clawgauge: () => load(browser, ours),
  });
  await browser.close();
  const rows = Object.entries(loads).map(([name, all]) => [
    name,
    `${round(median(all.map(({ cost }) => cost)))} ms (${all.map(({ cost }) => round(cost)).join(' ')})`,
    `${round(median(all.map(({ bytes }) => bytes)) / 1_000)} kB`,
    String(median(all.map(({ files }) => files))),
  ]);
  console.log(table([`${values.sessions} sessions of each agent`, 'first cost on the page', 'loaded', 'files'], rows));
  await service.stop();
  await gateway.stop();
} finally {
  await stopAll();
  rmSync(work, { recursive: true });
}

/** What a browser keeps of a gateway that it was paired with. */
async function pairedState(browser, url) {
  const context = await browser.newContext({ timezoneId: 'UTC' });
  await costOn(await context.newPage(), url);
  const state = await context.storageState({ indexedDB: true });
  await context.close();
  return state;
}

/** Opens a page in a browser with an empty cache. */
async function load(browser, url, storageState = undefined) {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 },
    timezoneId: 'UTC',
    ...(storageState === undefined ? {} : { storageState }),
  });
  try {
    const page = await context.newPage();
    let bytes = 0;
    let files = 0;
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
      files += 1;
    });
    return { cost: await costOn(page, url), bytes, files };
  } finally {
    await context.close();
  }
}

/** Milliseconds from navigation until an element of the page, or of its components, holds nothing but a cost. */
async function costOn(page, url) {
  await page.addInitScript(() => {
    const shows = (root) =>
      [...root.querySelectorAll('*')].some(
        (element) =>
          (element.shadowRoot !== null && shows(element.shadowRoot)) ||
          (element.childElementCount === 0 && /^\$[\d,]+\.\d\d$/.test(element.textContent.trim())),
      );
    const look = () => {
      if (document.body !== null && shows(document)) globalThis.costAt = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(() => globalThis.costAt !== undefined, null, { timeout: SHOWN_WITHIN });
  return page.evaluate(() => globalThis.costAt);
}
