/** A browser to look at the dashboard with, if this machine has one. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where Chromium lies; null where there is none. Debian: apt-get install chromium. */
export const chromiumPath: string | null =
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find((path) => existsSync(path)) ?? null;

if (chromiumPath === null) console.warn('There is no Chromium here: what needs a browser is skipped.');

let launched: Promise<Browser> | null = null;
const faults: string[] = [];

afterAll(async () => {
  await (await launched)?.close();
  expect(faults).toEqual([]);
});

/**
 * A page in a context of its own. What it reports as a fault fails the test file: an exception, a refusal by the
 * Content-Security-Policy, a request to anywhere but `origin`.
 */
export async function openPage(origin: string, options: BrowserContextOptions = {}): Promise<Page> {
  // Its own sandbox does not work for root, who runs the tests in containers.
  launched ??= chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox'] });
  const context = await (await launched).newContext({ timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin && !request.url().startsWith('blob:')) faults.push(request.url());
  });
  return page;
}
