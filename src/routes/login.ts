/** The login of browsers: a form that asks for the token, and the cookie that stands for it afterwards. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ClawgaugeError } from '../errors.ts';
import type { DashboardFiles } from './dashboard-files.ts';
import type { Lane } from './lane.ts';
import { forgetLogin } from './login-cookie.ts';
import { allowOnly } from './methods.ts';
import { pageHeaders, splitAddress } from './page-answer.ts';
import type { Gate } from './security.ts';
import type { UsageService } from './service.ts';

export interface LoginParts {
  readonly service: Pick<UsageService, 'now'>;
  readonly gate: Gate;
  /** The lane of tries to log in. */
  readonly logins: Lane;
  readonly bodyLimit: number;
}

/** Said by the page when a token was refused. */
const REFUSED = '<p role="alert">That is not the token that this service was started with.</p>';
const TOO_MANY = '<p role="alert">Too many tries: wait a moment.</p>';

/** Adds /login and /logout, whose forms stand in the pages of the dashboard. */
export function addLogin(
  app: FastifyInstance,
  { service, gate, logins, bodyLimit }: LoginParts,
  dashboard: () => Promise<DashboardFiles | null>,
): void {
  app.register(async (scope) => {
    // What forms are sent as; nothing but the token is looked at. An embedding Fastify may read them its own way.
    scope.removeContentTypeParser('application/x-www-form-urlencoded');
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done: (error: Error | null, value?: unknown) => void) =>
        done(null, new URLSearchParams(String(body)).get('token') ?? ''),
    );
    scope.post('/login', {
      bodyLimit,
      config: { clawgaugeOpen: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        const { login } = gate;
        const [, query = ''] = splitAddress(request.raw.url ?? '');
        const back = `${app.prefix}/${query}`;
        if (login === null) return reply.headers(pageHeaders).redirect(back, 303);
        const files = await dashboard();
        if (files === null) throw new ClawgaugeError('not_found', 'This package was built without a dashboard.');
        try {
          logins.enter(service.now())();
        } catch {
          return sendLogin(reply, files, TOO_MANY);
        }
        if (typeof request.body !== 'string' || !gate.isToken(request.body)) {
          request.log.warn({ client: gate.proxies.clientOf(request.raw) }, 'a login with another token was refused');
          return sendLogin(reply, files, REFUSED);
        }
        const { localPort } = request.raw.socket;
        return reply
          .headers(pageHeaders)
          .header('Set-Cookie', login.issue(localPort, cookiePath(app.prefix), isSecure(request.raw, gate)))
          .redirect(back, 303);
      },
    });
    scope.post('/logout', {
      bodyLimit,
      config: { clawgaugeOpen: true },
      schema: { hide: true },
      handler: (request, reply) =>
        reply
          .headers(pageHeaders)
          .header('Set-Cookie', forgetLogin(request.raw.socket.localPort, cookiePath(app.prefix)))
          .redirect(`${app.prefix}/`, 303),
    });
  });
  allowOnly(app, '/login', ['POST']);
  allowOnly(app, '/logout', ['POST']);
}

/** The page that asks for the token, with what is to be said of the last try. */
export function sendLogin(reply: FastifyReply, { login: [before, behind] }: DashboardFiles, said = ''): FastifyReply {
  return reply
    .code(401)
    .headers(pageHeaders)
    .header('WWW-Authenticate', 'Bearer realm="clawgauge"')
    .send(before + said + behind);
}

function cookiePath(prefix: string): string {
  return prefix === '' ? '/' : prefix;
}

/** Whether the browser came by https, which a proxy ends before us. */
function isSecure(request: IncomingMessage, { proxies }: Gate): boolean {
  return request.headers.origin?.startsWith('https:') === true || proxies.isSecure(request);
}
