#!/usr/bin/env node
// Makes the pictures of the dashboard in docs/images: each of a packed service on a made-up store, in the state that it shows.
// Needs Chromium and a build: npm run build && node scripts/screenshots.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { generateStore } from '../dist/demo/store-generator.js';

const IMAGES = join(import.meta.dirname, '../docs/images');
const CLI = join(import.meta.dirname, '../dist/cli.js');
const WIDE = { width: 1360, height: 900 };
/** Until the chart is drawn. */
const SETTLE = 1_200;
const PHONE = { width: 390, height: 844 };

const directory = mkdtempSync(join(tmpdir(), 'clawgauge-pictures-'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

try {
  mkdirSync(IMAGES, { recursive: true });
  const store = join(directory, 'store');
  generateStore(store, { now: Date.now(), agents: 9, sessions: 20 });
  await withService(store, async (url, child) => {
    await picture(url, 'light', { colorScheme: 'light', viewport: WIDE });
    await picture(url, 'dark', { colorScheme: 'dark', viewport: WIDE });
    await picture(url, 'phone', { colorScheme: 'light', viewport: PHONE });
    await picture(`${url}/?page=sessions&sort=cost`, 'sessions', { colorScheme: 'light', viewport: WIDE });
    await picture(`${url}/?page=session&session=${await largest(url)}`, 'session', {
      colorScheme: 'light',
      viewport: { ...WIDE, height: 1_560 },
    });
    await picture(`${url}/?page=service`, 'service', { colorScheme: 'dark', viewport: WIDE });
    await stale(url, child);
  });
  const withBudgets = (url) => picture(url, 'budgets', { colorScheme: 'light', viewport: WIDE });
  await withService(store, withBudgets, { options: ['--config', budgetsFile()] });
  const broken = join(directory, 'broken');
  generateStore(broken, { now: Date.now(), agents: 3, sessions: 20 });
  await withService(broken, async (url) => {
    rmSync(broken, { recursive: true });
    await until(url, ({ state }) => state === 'degraded');
    await picture(url, 'degraded', { colorScheme: 'light', viewport: WIDE });
  });
  const large = join(directory, 'large');
  generateStore(large, { now: Date.now(), agents: 9, sessions: 160 });
  await withService(large, (url) => warming(url), { fresh: false });
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}

/** Nothing is verified any more while the process stands still; it goes on for the picture, before it looks again. */
async function stale(url, child) {
  const page = await browser.newPage({ colorScheme: 'light', viewport: WIDE, timezoneId: 'UTC' });
  await page.goto(url);
  child.kill('SIGSTOP');
  await page.locator('.notice.stale').waitFor({ timeout: 60_000 });
  await page.screenshot({ path: join(IMAGES, 'stale.png') });
  child.kill('SIGCONT');
  await page.close();
}

/** Opened before there is anything to show. */
async function warming(url) {
  const page = await browser.newPage({ colorScheme: 'light', viewport: WIDE, timezoneId: 'UTC' });
  await page.goto(url);
  await page.locator('.notice.warming').waitFor({ timeout: 60_000 });
  await page.locator('.tile').first().waitFor();
  await page.screenshot({ path: join(IMAGES, 'warming.png') });
  await page.close();
}

function budgetsFile() {
  const path = join(directory, 'budgets.json5');
  const budgets = [
    { name: 'Everything', per: 'month', limit: { usd: 60 } },
    { name: 'Family', agent: 'family', per: 'week', limit: { usd: 2 } },
    { name: 'Opus', model: 'claude-opus-4-7', per: 'month', limit: { tokens: 20_000_000 } },
  ];
  writeFileSync(path, JSON.stringify({ budgets }));
  return path;
}

/** The session with most tokens, as the address of its page has it. */
async function largest(url) {
  const { sessions } = await (await fetch(`${url}/v1/sessions?sort=tokens`)).json();
  return `${sessions[0].agent}/${sessions[0].sessionId}`;
}

async function picture(url, name, look) {
  const page = await browser.newPage({ ...look, timezoneId: 'UTC' });
  await page.goto(url);
  await page.locator('.tile, .sessions, .growth, .spark').first().waitFor();
  await pause(SETTLE);
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  await page.close();
}

async function withService(store, look, { fresh = true, options = [] } = {}) {
  const data = mkdtempSync(join(directory, 'data-'));
  const args = [
    'serve',
    '--state-dir',
    store,
    '--data-dir',
    data,
    '--port',
    '0',
    '--refresh-interval',
    '2s',
    ...options,
  ];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [said] = await once(child.stdout, 'data');
    const url = / on (http:\S+)/.exec(String(said))?.[1];
    if (url === undefined) throw new Error(`expected it to say where it listens; it said ${said}`);
    if (fresh) await until(url, ({ state }) => state === 'fresh');
    await look(url, child);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
}

async function until(url, holds) {
  for (;;) {
    const { snapshot } = await (await fetch(`${url}/v1/status`)).json();
    if (snapshot !== null && holds(snapshot)) return;
    await pause(50);
  }
}
