/**
 * The dashboard: its page with figures in it, and the files that the page loads.
 * Who asks for no page at `/` gets the list of routes.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Budget } from '../budget-options.ts';
import { ClawgaugeError } from '../errors.ts';
import { dashboardOnce } from './dashboard-files.ts';
import { pageBytes, pageOf } from './dashboard-page.ts';
import { sendJson } from './json-answer.ts';
import { addLogin, type LoginParts, sendLogin } from './login.ts';
import { cookieOf } from './login-cookie.ts';
import { allowOnly } from './methods.ts';
import { acceptsBrotli, acceptsGzip } from './negotiation.ts';
import { pageHeaders, splitAddress } from './page-answer.ts';
import { securityHeaders } from './security.ts';
import type { UsageService } from './service.ts';

export interface DashboardParts extends LoginParts {
  readonly service: UsageService;
  readonly timeZone: string;
  readonly version: string;
  /** Whether what was said in sessions is served. */
  readonly transcripts: boolean;
  readonly budgets: readonly Budget[];
}

/** The cookie in which the page leaves the browser's zone. */
const ZONE_COOKIE = 'clawgauge_zone';

/** Adds `/`, /assets/*, and the login. */
export function addDashboard(app: FastifyInstance, parts: DashboardParts): void {
  const { service, gate, timeZone, version, transcripts, budgets } = parts;
  const dashboard = dashboardOnce();
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
      if (!path.endsWith('/')) return reply.headers(pageHeaders).redirect(`${app.prefix}/${query}`, 308);
      if (refusal !== null) return sendLogin(reply, files);
      const gzip = acceptsGzip(headers['accept-encoding']);
      const pieces = pageOf(files, service, {
        query,
        cookieZone: zoneCookie(headers.cookie),
        serviceTimeZone: timeZone,
        version,
        login: gate.login !== null,
        transcripts,
        budgets: budgets.length > 0,
      });
      if (gzip) reply.header('Content-Encoding', 'gzip');
      return reply.headers(pageHeaders).send(pageBytes(pieces, gzip));
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

  addLogin(app, parts, dashboard);
}

const ROUTES = [
  '/health',
  '/ready',
  '/v1/usage',
  '/v1/sessions',
  '/v1/sessions/{key}',
  '/v1/sessions/{key}/timeseries',
  '/v1/sessions/{key}/logs',
  '/v1/export',
  '/v1/budgets',
  '/v1/cache',
  '/v1/status',
  '/v1/refresh',
  '/metrics',
  '/v1/events',
  '/rpc',
  '/openapi.json',
];

/** A browser that shows a page says so; scripts take anything. */
function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true;
}

function zoneCookie(header: string | undefined): string | null {
  const value = cookieOf(header, ZONE_COOKIE);
  try {
    return value === null ? null : decodeURIComponent(value);
  } catch {
    return null;
  }
}
