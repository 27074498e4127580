/** The dashboard as a browser gets it; what it does there is tested in test/e2e/dashboard.test.ts. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderMarkup } from '../../src/rendering.ts';
import { firstPageKey, firstPageQuery } from '../../src/snapshot/first-page.ts';
import { sessionsQuery, viewKey } from '../../src/snapshot/query.ts';
import { appOver, MemoryService, rendered } from './memory-service.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PARIS = 'Europe/Paris';

let service: MemoryService;
const apps: FastifyInstance[] = [];

beforeEach(() => {
  service = new MemoryService();
  for (const timeZone of ['UTC', PARIS]) {
    service.views.set(viewKey(firstPageQuery(timeZone)), rendered({ window: { timeZone } }));
    service.views.set(firstPageKey(timeZone), renderMarkup(`<p>${timeZone}</p>`));
  }
});

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function started(options: Parameters<typeof appOver>[1] = {}): FastifyInstance {
  const app = appOver(service, options);
  apps.push(app);
  return app;
}

async function page(app: FastifyInstance, url = '/', headers: Record<string, string> = {}) {
  const reply = await app.inject({ url, headers: { ...HTML, ...headers } });
  const contents = (id: string) => JSON.parse(new RegExp(`id="${id}">(.*)</script>`).exec(reply.body)?.[1] ?? '');
  return {
    reply,
    facts: contents('facts'),
    figures: contents('figures'),
    main: /<main>(.*)<\/main>/.exec(reply.body)?.[1],
  };
}

describe('the page', () => {
  test('has its figures in it, as markup and as the view that the markup is of', async () => {
    const { reply, facts, figures, main } = await page(started());
    expect(reply.statusCode).toBe(200);
    expect(main).toBe('<p>UTC</p>');
    expect(figures).toEqual({ snapshot: service.current, window: { timeZone: 'UTC' } });
    expect(facts).toEqual({
      version: '1.2.3',
      timeZone: 'UTC',
      serviceTimeZone: 'UTC',
      embedded: 'v1/usage?range=30d&timeZone=UTC&granularity=day&split=model',
      login: false,
      transcripts: false,
      budgets: false,
    });
  });

  test('is the same in gzip', async () => {
    const app = started();
    const plain = await app.inject({ url: '/', headers: HTML });
    const zipped = await app.inject({ url: '/', headers: { ...HTML, 'accept-encoding': 'gzip' } });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body);
  });

  test.each([
    ['the zone that the browser said once', '/', 'a=b; clawgauge_zone=Europe%2FParis', PARIS],
    ['the zone of its address', '/?timeZone=Europe/Paris', 'clawgauge_zone=UTC', PARIS],
    ['the zone of the service, where the browser said nonsense', '/', 'clawgauge_zone=Nowhere%2FAtAll', 'UTC'],
    ['the zone of the service, where nobody can read it', '/', 'clawgauge_zone=%ff', 'UTC'],
  ])('is in %s', async (_, url, cookie, zone) => {
    const { facts, figures, main } = await page(started(), url, { cookie });
    expect([facts.timeZone, figures.window.timeZone, main]).toEqual([zone, zone, `<p>${zone}</p>`]);
    expect(service.zones).toEqual([zone]);
  });

  test('brings the first page of sessions where its address is that of sessions', async () => {
    service.views.set(viewKey(sessionsQuery({ timeZone: 'UTC' })), rendered({ window: null, sessions: [] }));
    const { facts, figures, main } = await page(started(), '/?page=sessions');
    expect(facts.embedded).toBe('v1/sessions?range=30d&timeZone=UTC&sort=updated');
    expect(figures.sessions).toEqual([]);
    expect(main).toBe('');
  });

  test.each(['/?range=7d', '/?model=x', '/?page=service', '/?range=nonsense&page=nonsense&split=agent'])(
    'comes without figures where those of %s are not ready, and asks nobody for them',
    async (url) => {
      const { facts, figures, main } = await page(started(), url);
      expect([facts.embedded, figures, main]).toEqual([null, null, '']);
      expect(service.asked).toEqual([]);
    },
  );

  test('comes without figures before there are any', async () => {
    service.current = null;
    const { figures, main } = await page(started());
    expect([figures, main]).toEqual([null, '']);
  });

  test('lets nothing of a name or an address end its script elements', async () => {
    const hostile = { name: '</script><script>alert(1)</script>' };
    service.views.set(viewKey(firstPageQuery('UTC')), {
      ...renderMarkup(JSON.stringify(hostile).slice(1).replaceAll('<', '\\u003c')),
    });
    const { reply, figures } = await page(started(), `/?timeZone=${encodeURIComponent(hostile.name)}`);
    expect(figures.name).toBe(hostile.name);
    expect(reply.body).not.toContain('alert(1)</script>');
  });

  test('runs only its own files, and asks only its own service', async () => {
    const { reply } = await page(started());
    const policy = String(reply.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(reply.body).not.toMatch(/<script(?![^>]*(?: src="\.\/|type="application\/json"))/);
    expect(reply.headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
  });

  test('lies in a folder under a base path, and relative to it', async () => {
    const app = started({ basePath: '/gauge' });
    const reply = await app.inject({ url: '/gauge?range=7d', headers: HTML });
    expect([reply.statusCode, reply.headers.location]).toEqual([308, '/gauge/?range=7d']);
    expect((await page(app, '/gauge/')).main).toBe('<p>UTC</p>');
  });

  test('is the list of routes for who asks for no page', async () => {
    const app = started();
    const reply = await app.inject({ url: '/', headers: { accept: '*/*' } });
    expect(reply.json().routes).toContain('/v1/events');
    expect(reply.headers.vary).toBe('Accept');
  });
});

describe('the files of the page', () => {
  test('are there in every coding, and never change', async () => {
    const app = started();
    const { reply } = await page(app);
    const files = [...reply.body.matchAll(/"\.\/(assets\/[\w.-]+)"/g)].map(([, file]) => `/${file}`);
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const url of files) {
      const plain = await app.inject({ url });
      expect(plain.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        vary: 'Accept-Encoding',
      });
      const [gzip, brotli] = [
        await app.inject({ url, headers: { 'accept-encoding': 'gzip' } }),
        await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } }),
      ];
      expect([gzip.headers['content-encoding'], brotli.headers['content-encoding']]).toEqual(['gzip', 'br']);
      expect(gunzipSync(gzip.rawPayload).equals(plain.rawPayload)).toBe(true);
      expect(brotliDecompressSync(brotli.rawPayload).equals(plain.rawPayload)).toBe(true);
    }
  });

  test.each(['/assets/nothing.js', '/assets/..%2findex.html', '/assets/%2e%2e/index.html'])(
    '%s is none of them',
    async (url) => {
      expect((await started().inject(url)).statusCode).toBe(404);
    },
  );

  test('have less than 60 kB in gzip, all together', async () => {
    const { readDashboard } = await import('../../src/routes/dashboard-files.ts');
    const files = await readDashboard();
    const sizes = [...(files?.assets.values() ?? [])].map(({ gzip }) => gzip?.length ?? Number.NaN);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(20_000);
    expect(total).toBeLessThan(60_000);
  });
});

describe('where a token is asked for', () => {
  const token = 'open-sesame';
  const logIn = (app: FastifyInstance, text: string, url = '/login', headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams({ token: text }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  test('the page asks for it, and has no figure in it', async () => {
    const reply = await started({ token }).inject({ url: '/', headers: HTML });
    expect(reply.statusCode).toBe(401);
    expect(reply.body).toContain('name="token"');
    expect(reply.body).not.toMatch(/UTC|"figures"/);
    expect(String(reply.headers['content-security-policy'])).toContain("form-action 'self'");
  });

  test('a login leads back to where it was asked for, with a cookie that answers everything', async () => {
    const app = started({ token });
    const reply = await logIn(app, token, '/login?range=7d');
    expect([reply.statusCode, reply.headers.location]).toEqual([303, '/?range=7d']);
    const cookie = String(reply.headers['set-cookie']).split(';')[0] ?? '';
    expect((await page(app, '/', { cookie })).main).toBe('<p>UTC</p>');
    expect((await app.inject({ url: '/v1/usage?split=model', headers: { cookie } })).statusCode).toBe(200);
    const form = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const out = await app.inject({ method: 'POST', url: '/logout', headers: form, payload: '' });
    expect(String(out.headers['set-cookie'])).toMatch(/=; Path=\/; Max-Age=0;/);
  });

  test('the cookie is for https alone where the browser came by it', async () => {
    const app = started({ token, allowedHosts: ['gauge.example'] });
    const headers = { host: 'gauge.example', origin: 'https://gauge.example' };
    expect(String((await logIn(app, token, '/login', headers)).headers['set-cookie'])).toContain('; Secure');
  });

  test('it is so too where a trusted proxy says that the browser came by https', async () => {
    const headers = { 'x-forwarded-proto': 'https' };
    const cookieOf = async (trustedProxies: string[]) =>
      String((await logIn(started({ token, trustedProxies }), token, '/login', headers)).headers['set-cookie']);
    expect(await cookieOf(['127.0.0.1'])).toContain('; Secure');
    expect(await cookieOf(['10.0.0.1'])).not.toContain('; Secure');
  });

  test('another token is refused in words, and gives no cookie', async () => {
    const reply = await logIn(started({ token }), 'guess');
    expect([reply.statusCode, reply.headers['set-cookie']]).toEqual([401, undefined]);
    expect(reply.body).toContain('role="alert"');
  });

  test('only some tries a second are judged', async () => {
    const app = started({ token });
    for (let i = 0; i < 5; i += 1) await logIn(app, 'guess');
    const late = await logIn(app, token);
    expect([late.statusCode, late.headers['set-cookie']]).toEqual([401, undefined]);
    service.time += 1_000;
    expect((await logIn(app, token)).statusCode).toBe(303);
  });

  test('another site can log nobody in', async () => {
    const reply = await logIn(started({ token }), token, '/login', { origin: 'https://evil.example' });
    expect(reply.statusCode).toBe(403);
  });
});
