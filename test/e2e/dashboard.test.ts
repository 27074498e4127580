/** The dashboard in a real browser, on the packed service. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BudgetsFigures, SessionsFigures, Totals, UsageFigures } from '../../src/snapshot/shapes.ts';
import { writeJson } from '../support/random-store.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { chromiumPath, openPage } from './browser.ts';
import { eventually } from './eventually.ts';
import { tiles, tileValues, valuesIn, WITHIN } from './page-figures.ts';
import { type Service, serve } from './service.ts';
import { addAges, append, LITTLE_KEEPER, message, messages, writeTranscript } from './store-writer.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function usage(service: Service, query: string): Promise<UsageFigures> {
  return (await service.get(`/v1/usage?${query}`)).body as UsageFigures;
}

const rowValues = ({ cost, totalTokens, records, missing }: Totals) =>
  missing > 0 && missing === records ? [totalTokens, records] : [cost, totalTokens, records];

describe.skipIf(chromiumPath === null)('the overview', () => {
  let service: Service;
  let live: string;

  beforeAll(async () => {
    const { directory } = smallStore(71, { now: Date.now() - HOUR, days: 60 });
    live = writeTranscript(directory, 'live', message());
    service = await (await serve(directory)).ready();
  });

  it('equals /v1/usage to the digit, whole, by name and by day', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/`);
    expect(await page.locator('.budgets').count()).toBe(0);
    await page.locator('.as-table summary').click(WITHIN);
    const figures = await usage(service, 'range=30d&split=model');
    expect(await tiles(page)).toEqual(tileValues(figures));
    expect(await valuesIn(page, 'section:has(> header > h2:text-is("Agents")) tbody')).toEqual(
      figures.byAgent.slice(0, 8).flatMap(({ totals }) => rowValues(totals)),
    );
    expect(await valuesIn(page, '.as-table tbody')).toEqual(
      figures.series.flatMap(({ totals, messages }) => [...rowValues(totals), messages.total]),
    );
    await expect.poll(() => page.locator('.plot canvas').count(), WITHIN).toBe(1);
  });

  it('shows its first figures before any code runs', async () => {
    const page = await openPage(service.url, { javaScriptEnabled: false });
    await page.goto(`${service.url}/`);
    expect(await tiles(page)).toEqual(tileValues(await usage(service, 'range=30d&split=model')));
  });

  it('narrows to a name that is clicked, and the way back leads to all', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/`);
    const all = await tiles(page);
    const [first] = (await usage(service, 'range=30d')).byAgent;
    const agent = first?.agent ?? '';
    await page.locator('main').getByRole('link', { name: agent, exact: true }).click(WITHIN);
    expect(new URL(page.url()).searchParams.getAll('agent')).toEqual([agent]);
    const some = tileValues(await usage(service, `range=30d&agent=${agent}`));
    await expect.poll(() => tiles(page), WITHIN).toEqual(some);
    // The address alone shows the same.
    const other = await openPage(service.url);
    await other.goto(page.url());
    await expect.poll(() => tiles(other), WITHIN).toEqual(some);
    await page.goBack();
    await expect.poll(() => tiles(page), WITHIN).toEqual(all);
  });

  it('shows what was appended without being asked', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?range=today`);
    await expect.poll(() => page.locator('.badge.fresh').count(), WITHIN).toBe(1);
    const before = (await usage(service, 'range=today')).totals.totalTokens;
    await expect.poll(async () => (await tiles(page))[1], WITHIN).toBe(before);
    append(live, message(), message());
    await expect.poll(async () => (await tiles(page))[1], WITHIN).toBe(before + 2);
  });

  it('takes the zone of the browser from its second page on', async () => {
    const page = await openPage(service.url, { timezoneId: 'Asia/Kolkata' });
    await page.goto(`${service.url}/`);
    const zone = page.locator('.zone select');
    expect(await zone.inputValue()).toBe('UTC');
    await page.reload();
    await expect.poll(() => zone.inputValue(), WITHIN).toMatch(/^Asia\/(Kolkata|Calcutta)$/);
    await expect
      .poll(() => tiles(page), WITHIN)
      .toEqual(tileValues(await usage(service, 'range=30d&split=model&timeZone=Asia/Kolkata')));
  });

  it('has a zone that somebody used ready in the page, also after a restart', async () => {
    const directory = temporaryStateDir();
    writeTranscript(directory, 'live', message());
    const flags = { '--data-dir': temporaryStateDir() };
    const first = await (await serve(directory, flags)).ready();
    const page = await openPage(first.url, { javaScriptEnabled: false });
    const inKathmandu = async (url: string) => {
      await page.goto(`${url}/?timeZone=Asia/Kathmandu`);
      return (await tiles(page))[1];
    };
    expect(await inKathmandu(first.url)).toBeUndefined();
    await expect.poll(() => inKathmandu(first.url), WITHIN).toBe(1);
    await first.stop();
    const second = await (await serve(directory, { ...flags, '--port': new URL(first.url).port })).ready();
    expect(await inKathmandu(second.url)).toBe(1);
  });

  it('zooms to the days that are dragged over', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/`);
    await page.locator('.u-over').waitFor(WITHIN);
    const { x, y, width, height } = (await page.locator('.u-over').boundingBox()) ?? expect.unreachable('no chart');
    await page.mouse.move(x + width * 0.5, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.8, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => page.url(), WITHIN).toContain('startDate=');
    const { startDate, endDate } = Object.fromEntries(new URL(page.url()).searchParams);
    const { series, ...figures } = await usage(service, `startDate=${startDate}&endDate=${endDate}`);
    expect(series.length).toBeGreaterThan(7);
    expect(series.length).toBeLessThan(13);
    await expect.poll(() => tiles(page), WITHIN).toEqual(tileValues({ series, ...figures }));
  });

  it('adds up the hours of the week of a whole year when it is asked to', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?range=1y`);
    await page.getByRole('button', { name: 'Add up the hours of 365 days' }).click(WITHIN);
    const hourly = await eventually(async () => {
      const { status, body } = await service.get('/v1/usage?range=1y&granularity=hour');
      expect(status).toBe(200);
      return body as UsageFigures;
    });
    const used = hourly.series.filter(({ totals }) => totals.cost > 0).map(({ start }) => new Date(start));
    const hours = new Set(used.map((time) => `${time.getUTCDay()} ${time.getUTCHours()}`));
    await expect.poll(() => page.locator('.heat td[title]:not(.h0)').count(), WITHIN).toBe(hours.size);
  });

  it.each(['', '?page=sessions', '?page=service'])('%s fits on a phone', async (query) => {
    const page = await openPage(service.url, { viewport: { width: 390, height: 844 } });
    await page.goto(`${service.url}/${query}`);
    await page.locator('.tile, .sessions, .spark').first().waitFor(WITHIN);
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    if (query === '') await page.locator('.heat').waitFor(WITHIN);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  it('gives what it shows as CSV and JSON', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/`);
    const saved = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name }).click(WITHIN),
      ]);
      return readFileSync(await download.path(), 'utf8');
    };
    const figures = await usage(service, 'range=30d&split=model');
    expect(JSON.parse(await saved('JSON')).totals).toEqual(figures.totals);
    const [head, ...lines] = (await saved('CSV')).trimEnd().split('\r\n');
    expect(head).toMatch(/^date,start,cost,totalTokens,/);
    expect(lines.map((line) => Number(line.split(',')[2]))).toEqual(figures.series.map(({ totals }) => totals.cost));
  });
});

describe.skipIf(chromiumPath === null)('a change of zone across the end of summer time', () => {
  it('moves figures between days as the service does, and knows the day of 25 hours', async () => {
    const directory = temporaryStateDir();
    const start = Date.UTC(2026, 9, 24);
    writeTranscript(directory, 'steady', messages(3 * 24 * 4, start, HOUR / 4));
    const service = await (await serve(directory)).ready();
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?startDate=2026-10-23&endDate=2026-10-27`);
    await page.locator('.as-table summary').click(WITHIN);
    const tokens = async () => (await valuesIn(page, '.as-table tbody td:nth-child(3)')).map(Number);
    await expect.poll(tokens, WITHIN).toEqual([0, 96, 96, 96, 0]);
    await page.locator('.zone select').focus();
    await page.locator('.zone select').selectOption('Europe/Berlin');
    await expect.poll(tokens, WITHIN).toEqual([0, 88, 100, 96, 4]);
    expect(page.url()).toContain('timeZone=Europe%2FBerlin');
    // By the hour: 25 of them, none doubled or lost.
    await page.goto(`${service.url}/?startDate=2026-10-25&endDate=2026-10-25&timeZone=Europe/Berlin`);
    await page.locator('.as-table summary').click(WITHIN);
    await expect.poll(tokens, WITHIN).toEqual(Array.from({ length: 25 }, () => 4));
  });
});

describe.skipIf(chromiumPath === null)('sessions', () => {
  const hostile = 'agent:main:telegram:direct:"/><script>alert(1)</script>😀 %2F?#&\'';
  let service: Service;

  beforeAll(async () => {
    const directory = temporaryStateDir();
    const now = Date.now();
    for (let at = 0; at < 120; at++) {
      writeTranscript(directory, `session-${at}`, messages(1 + (at % 7), now - DAY - at * HOUR, 1_000));
    }
    const label = '=cmd()|<img src=x onerror=alert(2)>';
    writeJson(directory, 'agents/main/sessions/sessions.json', {
      [hostile]: { sessionId: 'session-3', updatedAt: now, label },
    });
    service = await (await serve(directory)).ready();
  });

  const rows = (page: Page) => page.locator('.sessions tbody th a').allTextContents();
  const listed = async (query: string) => (await service.get(`/v1/sessions?${query}`)).body as SessionsFigures;

  it('come page by page, in the order that is asked for', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?page=sessions`);
    await expect.poll(() => page.locator('.pages span').textContent(), WITHIN).toBe('1 to 50 of 120');
    const names = new Set(await rows(page));
    for (const text of ['51 to 100 of 120', '101 to 120 of 120']) {
      await page.getByRole('button', { name: 'Next' }).click();
      await expect.poll(() => page.locator('.pages span').textContent(), WITHIN).toBe(text);
      for (const name of await rows(page)) names.add(name);
    }
    expect(names.size).toBe(120);
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Tokens' }).click();
    const { sessions } = await listed('sort=tokens');
    await expect
      .poll(() => valuesIn(page, '.sessions tbody td:nth-child(7)'), WITHIN)
      .toEqual(sessions.map(({ totals }) => totals.totalTokens));
  });

  it('are where they were left when one comes back from one of them', async () => {
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?page=sessions`);
    const shown = () => page.locator('.pages span').textContent();
    await page.getByRole('button', { name: 'Next' }).click(WITHIN);
    await expect.poll(shown, WITHIN).toBe('51 to 100 of 120');
    const before = await rows(page);
    for (const wayBack of [() => page.goBack(), () => page.getByRole('link', { name: 'All sessions' }).click()]) {
      const session = page.locator('.sessions tbody th a').nth(30);
      await session.scrollIntoViewIfNeeded();
      const scrolled = await page.evaluate('scrollY');
      expect(scrolled).toBeGreaterThan(0);
      await session.click();
      await expect.poll(() => page.locator('.facts').count(), WITHIN).toBe(1);
      await wayBack();
      await expect.poll(shown, WITHIN).toBe('51 to 100 of 120');
      expect(await rows(page)).toEqual(before);
      await expect.poll(() => page.evaluate('scrollY'), WITHIN).toBe(scrolled);
    }
    await page.getByRole('link', { name: 'Tokens' }).click();
    await expect.poll(shown, WITHIN).toBe('1 to 50 of 120');
  });

  it('are searched by the service, and a name is text whatever it holds', async () => {
    const page = await openPage(service.url);
    page.on('dialog', () => expect.unreachable('a name ran as code'));
    await page.goto(`${service.url}/?page=sessions`);
    await page.locator('.search input').fill('<SCRIPT>');
    await expect.poll(() => rows(page), WITHIN).toEqual(['=cmd()|<img src=x onerror=alert(2)>']);
    expect(await page.locator('.sessions tbody small').textContent()).toContain(hostile);
    expect(new URL(page.url()).searchParams.get('q')).toBe('<SCRIPT>');
    await page.locator('.sessions tbody th a').click();
    await expect.poll(() => page.locator('.facts').textContent(), WITHIN).toContain(hostile);
    const { session } = (await service.get('/v1/sessions/main/session-3')).body as { session: { totals: Totals } };
    expect(await valuesIn(page, '.facts')).toContain(session.totals.totalTokens);
    expect(await page.locator('main script, main img').count()).toBe(0);
  });
});

describe.skipIf(chromiumPath === null)('budgets', () => {
  it('stand on the overview where there are any, as /v1/budgets has them, and lead to what they are about', async () => {
    const { directory } = smallStore(73, { now: Date.now() - HOUR, days: 5 });
    const budgets = [
      { name: 'all', per: 'month', limit: { usd: 1_000 } },
      { name: 'main, by week', agent: 'main', per: 'week', limit: { tokens: 1 } },
    ];
    const service = await (await serve(directory, { '--config': configOf({ budgets }) })).ready();
    const page = await openPage(service.url);
    await page.goto(`${service.url}/`);
    await page.locator('.budgets').waitFor(WITHIN);
    const { budgets: rows } = (await service.get('/v1/budgets')).body as BudgetsFigures;
    expect(await valuesIn(page, '.budgets')).toEqual(rows.map(({ spent }) => spent));
    expect(await page.locator('.budgets tr:last-child td').last().textContent()).toBe('over its limit');
    await page.getByRole('link', { name: 'main, by week' }).click();
    await expect.poll(async () => (await tiles(page))[1], WITHIN).toBe(rows[1]?.spent);
    expect(new URL(page.url()).searchParams.get('agent')).toBe('main');
  });
});

describe.skipIf(chromiumPath === null)('a session', () => {
  it('shows how it grew, and what OpenClaw sends along with its calls', async () => {
    const directory = temporaryStateDir();
    const now = Date.now();
    const call = (at: number, input: number, cacheRead: number) => {
      const usage = { input, cacheRead, output: 5, totalTokens: input + cacheRead + 5 };
      const message = { role: 'assistant', provider: 'p', model: 'm', timestamp: now - DAY + at * 1_000, usage };
      return `${JSON.stringify({ type: 'message', message })}\n`;
    };
    writeTranscript(directory, 'talk', call(1, 100, 0) + call(2, 20, 100) + call(3, 30, 125));
    const systemPromptReport = {
      systemPrompt: { chars: 31_000, projectContextChars: 12_000 },
      skills: { promptChars: 4_000 },
      tools: { listChars: 2_000, schemaChars: 15_000 },
    };
    writeJson(directory, 'agents/main/sessions/sessions.json', {
      'agent:main:main': { sessionId: 'talk', updatedAt: now, systemPromptReport },
    });
    const service = await (await serve(directory)).ready();
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?page=session&session=main/talk`);
    await page.locator('.growth summary').click(WITHIN);
    expect(await valuesIn(page, '.growth td:nth-child(3)')).toEqual([100, 120, 155]);
    await expect
      .poll(() => page.locator('.context td').allTextContents(), WITHIN)
      .toEqual(['12,000', '4,000', '2,000', '13,000', '15,000', '46,000']);
  });
});

describe.skipIf(chromiumPath === null)('a service that goes away', () => {
  it('leaves its last figures on the page, marked, and is found again when it is back', async () => {
    const directory = temporaryStateDir();
    const live = writeTranscript(directory, 'live', message());
    const flags = { '--data-dir': temporaryStateDir() };
    const first = await (await serve(directory, flags)).ready();
    const page = await openPage(first.url);
    await page.goto(`${first.url}/`);
    await expect.poll(() => page.locator('.badge.fresh').count(), WITHIN).toBe(1);
    await first.stop();
    await expect.poll(() => page.locator('.notice.offline').count(), WITHIN).toBe(1);
    expect((await tiles(page))[1]).toBe(1);

    append(live, message());
    const port = new URL(first.url).port;
    await (await serve(directory, { ...flags, '--port': port })).ready();
    await expect.poll(async () => (await tiles(page))[1], { timeout: 40_000 }).toBe(2);
    expect(await page.locator('.notice.offline').count()).toBe(0);
  });
});

describe.skipIf(chromiumPath === null)('a keeper that is killed while somebody looks', () => {
  it('leaves its last figures on the page, marked, and the next one makes them fresh again', async () => {
    const directory = temporaryStateDir();
    const live = writeTranscript(directory, 'live', message());
    const service = await (await serve(directory, { ...LITTLE_KEEPER, '--retain': '0' })).ready();
    const page = await openPage(service.url);
    await page.goto(`${service.url}/`);
    await expect.poll(() => page.locator('.badge.fresh').count(), WITHIN).toBe(1);
    const ages = addAges(directory, temporaryStateDir());
    // Its threads yield to whatever else wants a core, and have 60,000 days to fold before it dies.
    await expect.poll(() => page.locator('.badge.degraded').count(), { timeout: 40_000 }).toBe(1);
    // Or the governor, where it sees the heap fill in time, gives the keeper up before it dies.
    await expect
      .poll(() => page.locator('.notice.degraded').textContent(), WITHIN)
      .toMatch(/The last .*look.* failed|Less is done/);
    expect((await tiles(page))[1]).toBe(1);

    rmSync(ages, { recursive: true });
    append(live, message());
    await expect.poll(async () => (await tiles(page))[1], { timeout: 40_000 }).toBe(2);
    await expect.poll(() => page.locator('.badge.fresh').count(), { timeout: 40_000 }).toBe(1);
    expect(await page.locator('.notice.degraded').count()).toBe(0);
  });
});

describe.skipIf(chromiumPath === null)('where a token is asked for', () => {
  it('a form or the address lets a browser in, and the token stays nowhere', async () => {
    const directory = temporaryStateDir();
    writeTranscript(directory, 'live', message());
    const token = 'open-sesame-0123456789';
    const service = await serve(directory, { '--token': token });
    await eventually(async () => {
      expect((await service.get('/ready', { authorization: `Bearer ${token}` })).status).toBe(200);
    });
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?range=7d`);
    await page.getByLabel('Token').fill('guess');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect.poll(() => page.getByRole('alert').textContent(), WITHIN).toContain('not the token');
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect.poll(() => tiles(page), WITHIN).toHaveLength(5);
    expect(page.url()).toBe(`${service.url}/?range=7d`);
    expect(JSON.stringify(await page.context().cookies())).not.toContain(token);
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect.poll(() => page.getByLabel('Token').count(), WITHIN).toBe(1);

    const other = await openPage(service.url);
    await other.goto(`${service.url}/#token=${token}`);
    await expect.poll(() => tiles(other), WITHIN).toHaveLength(5);
    expect(other.url()).toBe(`${service.url}/`);
  });

  it('what was said is shown where it may be, on request, as text', async () => {
    const directory = temporaryStateDir();
    const said = (text: string) =>
      `${JSON.stringify({ type: 'message', timestamp: new Date().toISOString(), message: { role: 'user', content: text } })}\n`;
    const texts = Array.from({ length: 60 }, (_, at) => said(`<b>line ${at}</b>`)).join('');
    writeTranscript(directory, 'talk', texts + message());
    const token = 'open-sesame-0123456789';
    const service = await serve(directory, { '--token': token, '--config': configOf({ transcripts: true }) });
    const page = await openPage(service.url);
    await page.goto(`${service.url}/?page=session&session=main/talk#token=${token}`);
    await page.getByRole('button', { name: 'Show', exact: true }).click(WITHIN);
    const entries = page.locator('.log .said');
    await expect.poll(() => entries.last().textContent(), WITHIN).toBe('<b>line 59</b>');
    expect(await entries.count()).toBeLessThan(60);
    await page.getByRole('button', { name: 'Show earlier messages' }).click();
    await expect.poll(() => entries.first().textContent(), WITHIN).toBe('<b>line 0</b>');
    expect(await page.locator('.log b').count()).toBe(0);
  });
});

/** A config file: for what has no flag, or a flag without a value. */
function configOf(options: object): string {
  const path = join(temporaryStateDir(), 'clawgauge.json5');
  writeFileSync(path, JSON.stringify(options));
  return path;
}
