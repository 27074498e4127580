/**
 * The dashboard: its page with figures in it, the files that the page loads, and the login by which a browser gets them.
 * Who asks for no page at `/` gets the list of routes.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClawgaugeError } from '../errors.ts';
import { type DashboardFiles, readDashboard } from './dashboard-files.ts';
import { pageBytes, pageOf } from './dashboard-page.ts';
import type { Lane } from './lane.ts';
import { cookieOf, forgetLogin } from './login-cookie.ts';
import { allowOnly } from './methods.ts';
import { acceptsBrotli, acceptsGzip } from './negotiation.ts';
import { sendJson } from './operations.ts';
import { type Gate, securityHeaders } from './security.ts';
import type { UsageService } from './service.ts';

export interface DashboardParts {
  readonly service: UsageService;
  readonly gate: Gate;
  /** The lane of tries to log in. */
  readonly logins: Lane;
  readonly timeZone: string;
  readonly version: string;
  /** Whether what was said in sessions is served. */
  readonly transcripts: boolean;
}

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // Without any referrer, a browser sends a form with the origin null.
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'Content-Type': 'text/html; charset=utf-8',
  Vary: 'Accept, Accept-Encoding, Cookie',
};

/** Said by the page when a token was refused. */
const REFUSED = '<p role="alert">That is not the token that this service was started with.</p>';
const TOO_MANY = '<p role="alert">Too many tries: wait a moment.</p>';

/** The cookie in which the page leaves the browser's zone. */
const ZONE_COOKIE = 'clawgauge_zone';

/** Adds `/`, /assets/*, /login and /logout. */
export function addDashboard(app: FastifyInstance, parts: DashboardParts): void {
  const { service, gate, logins, timeZone, version, transcripts } = parts;
  let reading: Promise<DashboardFiles | null> | null = null;
  const dashboard = () => {
    reading ??= readDashboard().catch((error: unknown) => {
      reading = null;
      throw error;
    });
    return reading;
  };
  const index = { name: 'clawgauge', routes: ROUTES.map((route) => app.prefix + route) };

  app.get('/', {
    config: { clawgaugeOpen: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const refusal = gate.tokenRefusal(request.raw);
      const files = wantsPage(request) ? await dashboard() : null;
      if (files === null) {
        if (refusal !== null) throw refusal;
        return sendJson(reply.header('Vary', 'Accept'), 200, index);
      }
      const { url = '', headers } = request.raw;
      const [path = '', query = ''] = splitAddress(url);
      // The page names its files and questions relative to a folder.
      if (!path.endsWith('/')) return reply.headers(PAGE_HEADERS).redirect(`${app.prefix}/${query}`, 308);
      if (refusal !== null) return sendLogin(reply, files, '');
      const gzip = acceptsGzip(headers['accept-encoding']);
      const pieces = pageOf(files, service, {
        query,
        cookieZone: zoneCookie(headers.cookie),
        serviceTimeZone: timeZone,
        version,
        login: gate.login !== null,
        transcripts,
      });
      if (gzip) reply.header('Content-Encoding', 'gzip');
      return reply.headers(PAGE_HEADERS).send(pageBytes(pieces, gzip));
    },
  });
  allowOnly(app, '/', ['GET', 'HEAD']);

  app.get('/assets/:name', {
    config: { clawgaugeOpen: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const { name } = request.params as { name: string };
      const asset = (await dashboard())?.assets.get(name);
      if (asset === undefined) throw new ClawgaugeError('not_found', 'The dashboard has no such file.');
      const accepted = request.headers['accept-encoding'];
      const brotli = acceptsBrotli(accepted) ? asset.brotli : null;
      const gzip = brotli === null && acceptsGzip(accepted) ? asset.gzip : null;
      if (brotli !== null) reply.header('Content-Encoding', 'br');
      if (gzip !== null) reply.header('Content-Encoding', 'gzip');
      return reply
        .headers(securityHeaders)
        .header('Cache-Control', 'public, max-age=31536000, immutable')
        .header('Vary', 'Accept-Encoding')
        .type(asset.type)
        .send(brotli ?? gzip ?? asset.plain);
    },
  });
  allowOnly(app, '/assets/:name', ['GET', 'HEAD']);

  app.register(async (scope) => {
    // What forms are sent as; nothing but the token is looked at.
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done: (error: Error | null, value?: unknown) => void) =>
        done(null, new URLSearchParams(String(body)).get('token') ?? ''),
    );
    scope.post('/login', {
      config: { clawgaugeOpen: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        const { login } = gate;
        const [, query = ''] = splitAddress(request.raw.url ?? '');
        const back = `${app.prefix}/${query}`;
        if (login === null) return reply.headers(PAGE_HEADERS).redirect(back, 303);
        const files = await dashboard();
        if (files === null) throw new ClawgaugeError('not_found', 'This package was built without a dashboard.');
        try {
          logins.enter(service.now())();
        } catch {
          return sendLogin(reply, files, TOO_MANY);
        }
        if (typeof request.body !== 'string' || !gate.isToken(request.body)) return sendLogin(reply, files, REFUSED);
        const { localPort } = request.raw.socket;
        return reply
          .headers(PAGE_HEADERS)
          .header('Set-Cookie', login.issue(localPort, cookiePath(app.prefix), isSecure(request.raw)))
          .redirect(back, 303);
      },
    });
    scope.post('/logout', {
      config: { clawgaugeOpen: true },
      schema: { hide: true },
      handler: (request, reply) =>
        reply
          .headers(PAGE_HEADERS)
          .header('Set-Cookie', forgetLogin(request.raw.socket.localPort, cookiePath(app.prefix)))
          .redirect(`${app.prefix}/`, 303),
    });
  });
  allowOnly(app, '/login', ['POST']);
  allowOnly(app, '/logout', ['POST']);
}

const ROUTES = [
  '/health',
  '/ready',
  '/v1/usage',
  '/v1/sessions',
  '/v1/sessions/{key}',
  '/v1/sessions/{key}/timeseries',
  '/v1/sessions/{key}/logs',
  '/v1/cache',
  '/v1/status',
  '/v1/refresh',
  '/v1/events',
  '/rpc',
  '/openapi.json',
];

/** A browser that shows a page says so; scripts take anything. */
function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true;
}

function sendLogin(reply: FastifyReply, { login: [before, behind] }: DashboardFiles, said: string): FastifyReply {
  return reply
    .code(401)
    .headers(PAGE_HEADERS)
    .header('WWW-Authenticate', 'Bearer realm="clawgauge"')
    .send(before + said + behind);
}

/** An address in two parts, the second empty or from its question mark on. */
function splitAddress(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark)];
}

function zoneCookie(header: string | undefined): string | null {
  const value = cookieOf(header, ZONE_COOKIE);
  try {
    return value === null ? null : decodeURIComponent(value);
  } catch {
    return null;
  }
}

function cookiePath(prefix: string): string {
  return prefix === '' ? '/' : prefix;
}

/** Whether the browser came by https, which a proxy ends before us. */
function isSecure({ headers }: IncomingMessage): boolean {
  return headers.origin?.startsWith('https:') === true;
}
