/**
 * The list of sessions where there are very many: CLAWGAUGE_TEST_SESSIONS says how many, or else a hundred thousand.
 * What is looked for is known from how they were written.
 */
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { count } from '../../src/page/format.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { chromiumPath, openPage } from './browser.ts';
import { eventually } from './eventually.ts';
import { valuesIn, WITHIN } from './page-figures.ts';
import { type Service, serve } from './service.ts';
import { sessionsDirectory } from './store-writer.ts';

const SESSIONS = Number(process.env.CLAWGAUGE_TEST_SESSIONS ?? 100_000);
const AGENTS = ['main', 'ops', 'home', 'work'];
const MINUTE = 60_000;
/** All are within the range of a year. */
const EVERYTHING = '?page=sessions&range=1y';
/** For writing, reading and removing them, on a busy disk. */
const PATIENCE = 180_000;

const idOf = (at: number) => `session-${at}`;
/** A page of ids. */
const ids = (from: number, step = 1) => Array.from({ length: 50 }, (_, row) => idOf(from + row * step));
/** The tokens of a session: no two have as many. */
const tokensOf = (at: number) => (at * 7_919) % 1_000_003;

/** A session a minute, of each agent in turn, each with one message; the first one is the latest. */
function writeSessions(directory: string): void {
  const folders = AGENTS.map((agent) => sessionsDirectory(directory, agent));
  const now = Date.now();
  for (let at = 0; at < SESSIONS; at++) {
    const time = now - (at + 1) * MINUTE;
    const usage = { input: tokensOf(at), totalTokens: tokensOf(at) };
    const message = { role: 'assistant', provider: 'p', model: 'm', timestamp: time, usage };
    const path = join(folders[at % AGENTS.length] as string, `${idOf(at)}.jsonl`);
    writeFileSync(path, `${JSON.stringify({ type: 'message', message })}\n`);
    utimesSync(path, time / 1_000, time / 1_000);
  }
}

describe.skipIf(chromiumPath === null)(`${count(SESSIONS)} sessions`, () => {
  const directory = temporaryStateDir();
  let service: Service;
  let page: Page;

  beforeAll(async () => {
    writeSessions(directory);
    // What is shed when memory is short has tests of its own.
    service = await serve(directory, { '--refresh-interval': '60s', '--memory-cap': '512mb' });
    await eventually(async () => expect((await service.get('/ready')).status).toBe(200), PATIENCE);
    page = await openPage(service.url);
  }, PATIENCE);

  afterAll(async () => {
    await service.stop();
    rmSync(directory, { recursive: true });
  }, PATIENCE);

  const names = () => page.locator('.sessions tbody th a').allTextContents();
  const range = () => page.locator('.pages span').textContent();

  it('come page by page, the latest first', async () => {
    await page.goto(`${service.url}/${EVERYTHING}`);
    await expect.poll(range, WITHIN).toBe(`1 to 50 of ${count(SESSIONS)}`);
    expect(await names()).toEqual(ids(0));
    for (const from of [50, 100]) {
      await page.getByRole('button', { name: 'Next' }).click();
      await expect.poll(range, WITHIN).toBe(`${from + 1} to ${from + 50} of ${count(SESSIONS)}`);
      expect(await names()).toEqual(ids(from));
    }
    await page.getByRole('button', { name: 'Previous' }).click();
    await expect.poll(names, WITHIN).toEqual(ids(50));
  });

  it('are sorted by their tokens, and sum up to what was written', async () => {
    const tokens = Array.from({ length: SESSIONS }, (_, at) => tokensOf(at));
    const sum = tokens.reduce((all, one) => all + one, 0);
    await page.goto(`${service.url}/${EVERYTHING}`);
    await page.getByRole('link', { name: 'Tokens' }).click(WITHIN);
    const most = tokens.sort((a, b) => b - a).slice(0, 50);
    await expect.poll(() => valuesIn(page, '.sessions tbody td:nth-child(7)'), WITHIN).toEqual(most);
    expect(await valuesIn(page, '.sessions tfoot td:nth-child(3)')).toEqual([sum]);
  });

  it('are searched, and narrowed down to an agent', async () => {
    await page.goto(`${service.url}/${EVERYTHING}`);
    await page.locator('.search input').fill(idOf(SESSIONS - 1));
    await expect.poll(names, WITHIN).toEqual([idOf(SESSIONS - 1)]);
    await page.goto(`${service.url}/${EVERYTHING}&agent=ops`);
    await expect.poll(range, WITHIN).toBe(`1 to 50 of ${count(SESSIONS / AGENTS.length)}`);
    expect(await names()).toEqual(ids(1, AGENTS.length));
  });
});
