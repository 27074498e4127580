/**
 * The dashboard for those who do not point at it, or see it as others do: the rules of axe-core, the contrast of every
 * text, and everything reachable by the keyboard, on every page in light and dark.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { chromiumPath, openPage } from './browser.ts';
import { focused, lowContrasts, numberControls } from './in-page.mjs';
import { WITHIN } from './page-figures.ts';
import { type Service, serve } from './service.ts';

/** What axe finds wrong, and what it cannot tell, but for colors: those are looked at below where it cannot tell them. */
async function faultsOf(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations, incomplete } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    const unsure = incomplete.filter(({ tags }) => !tags.includes('cat.color'));
    return [...violations, ...unsure].map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
  });
}

describe.skipIf(chromiumPath === null)('the dashboard', () => {
  let service: Service;
  let pages: Record<string, string>;

  beforeAll(async () => {
    const { directory } = smallStore(72, { now: Date.now(), days: 20 });
    service = await (await serve(directory)).ready();
    const { body } = await service.get('/v1/sessions?range=all&limit=1&sort=tokens');
    const [row] = (body as { sessions: { agent: string; sessionId: string }[] }).sessions;
    pages = {
      overview: '',
      sessions: '?page=sessions',
      session: `?page=session&range=all&session=${row?.agent}/${row?.sessionId}`,
      service: '?page=service',
    };
  });

  /** All that a page shows: what comes when it is scrolled to, and the tables that are folded up. */
  async function open(name: string): Promise<Page> {
    const page = await openPage(service.url, { colorScheme: 'light' });
    await page.goto(`${service.url}/${pages[name]}`);
    await page.locator('.tile, .sessions, .facts, .spark').first().waitFor(WITHIN);
    if (name === 'overview' || name === 'session') await page.locator('.plot canvas').first().waitFor(WITHIN);
    if (name === 'session') await page.locator('.growth canvas').waitFor(WITHIN);
    if (name === 'overview') {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      await page.locator('.heat').waitFor(WITHIN);
    }
    await page.evaluate("for (const fold of document.querySelectorAll('details.as-table')) fold.open = true");
    return page;
  }

  describe.each(['overview', 'sessions', 'session', 'service'])('(%s)', (name) => {
    it('keeps the rules in light, in dark, and on a phone', async () => {
      const page = await open(name);
      const look = async () => [await faultsOf(page), await page.evaluate(lowContrasts)];
      expect(await look()).toEqual([[], []]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await look()).toEqual([[], []]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await look()).toEqual([[], []]);
    });

    it('is reached by the keyboard in all its parts, and shows where one is', async () => {
      const page = await open(name);
      const controls = await page.evaluate(numberControls);
      const reached = new Set<number>();
      const unseen: string[] = [];
      for (let step = 0; step <= controls; step++) {
        await page.keyboard.press('Tab');
        const { at, outline, html } = await page.evaluate(focused);
        if (at === undefined) continue;
        reached.add(Number(at));
        if (outline < 2) unseen.push(html);
      }
      expect(reached.size).toBe(controls);
      expect(unseen).toEqual([]);
    });
  });

  it.each(['overview', 'session'])('has a table beside each chart (%s)', async (name) => {
    const page = await open(name);
    const charts = page.locator('section:has(> .plot)');
    expect(await charts.count()).toBe(name === 'overview' ? 1 : 2);
    for (const chart of await charts.all())
      expect(await chart.locator('.as-table tbody tr').count()).toBeGreaterThan(1);
  });

  it('keeps the rules where a token is asked for', async () => {
    const closed = await serve(temporaryStateDir(), { '--token': 'open-sesame-0123456789' });
    const page = await openPage(closed.url);
    await page.goto(`${closed.url}/`);
    await page.getByLabel('Token').fill('guess');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor(WITHIN);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([await faultsOf(page), await page.evaluate(lowContrasts)]).toEqual([[], []]);
    }
  });
});
