/** What the dashboard shows, read off the page, and what it has to show by /v1. */
import type { Page } from 'playwright-core';
import type { UsageFigures } from '../../src/snapshot/shapes.ts';

/** Every test looks at what it is about, however slow the machine is. */
export const WITHIN = { timeout: 20_000 };

/** The exact values that the page holds behind its figures. */
export async function valuesIn(page: Page, selector: string): Promise<number[]> {
  const values = await page
    .locator(`${selector} data`)
    .evaluateAll((all) => all.map((data) => data.getAttribute('value')));
  return values.map(Number);
}

/** Those of the tiles of the overview: cost, tokens, sessions, share from the cache, latency. */
export const tiles = (page: Page) => valuesIn(page, '.tiles');

export function tileValues({ totals, sessionCount, caching, latency }: UsageFigures): number[] {
  return [totals.cost, totals.totalTokens, sessionCount, caching.share ?? 0, latency?.p50Ms ?? 0];
}
