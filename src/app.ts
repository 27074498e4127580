/**
 * The HTTP application: every route behind its checks, as a Fastify of its own or inside another one.
 * It knows the service only by its interface, and nothing of sockets, stores or threads.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import Fastify, { type FastifyBaseLogger, type FastifyHttpOptions, type FastifyInstance, LogController } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Budget } from './budget-options.ts';
import { ClawgaugeError } from './errors.ts';
import { schemaController, serializerCompiler, validatorCompiler } from './routes/compilers.ts';
import { addDashboard } from './routes/dashboard.ts';
import { Delivery } from './routes/delivery.ts';
import { EventStreams } from './routes/event-streams.ts';
import { addEvents } from './routes/events.ts';
import { addExports } from './routes/exports.ts';
import { Lane } from './routes/lane.ts';
import { addMetrics } from './routes/metrics.ts';
import { addOpenapi } from './routes/openapi.ts';
import { addOperations } from './routes/operations.ts';
import { refuseSocket, sendError } from './routes/problem.ts';
import { ReadyLane } from './routes/ready-lane.ts';
import { logAnswer } from './routes/request-log.ts';
import { addHttpCall } from './routes/rpc/http-call.ts';
import { type RpcParts, rpcPartsOf } from './routes/rpc/rpc-parts.ts';
import { Gate, type SecurityOptions } from './routes/security.ts';
import { serverLimits } from './routes/server-limits.ts';
import type { UsageService } from './routes/service.ts';
import { addSessionReads } from './routes/session-reads.ts';
import { isWebSocketAt, offerUpgrades, type UpgradeTaker } from './routes/upgrade.ts';
import { addViews } from './routes/views.ts';
import { zoneOf } from './snapshot/zone.ts';
import { type Bytes, KIB, type Milliseconds } from './units.ts';

export interface AppOptions extends SecurityOptions {
  /** What every path begins with: empty, or `/name` without a slash at its end. */
  readonly basePath: string;
  /** The zone of a request that names none. */
  readonly timeZone: string;
  /** Whether the text of conversations is served; only to whoever sends the token, so not without one. */
  readonly transcripts: boolean;
  readonly refreshInterval: Milliseconds;
  readonly budgets: readonly Budget[];
  /** Of this package, for the API's description. */
  readonly version: string;
}

/** Makes the server that answers with a listener; for one that listens already. It applies `serverLimits` itself. */
export type ServerMaker = (listener: RequestListener, takeUpgrade: UpgradeTaker) => Server;

const BODY_LIMIT: Bytes = 16 * KIB;
/** As long as Node lets a whole head be: no session key that arrives is too long to be looked up. */
const MAX_PARAMETER_LENGTH = 16 * KIB;

/**
 * A Fastify that serves one service; not listening yet. Throws `invalid_option`.
 * @param rpc what answers the gateway's calls already, for the same service by the same options
 */
export function buildApp(
  service: UsageService,
  options: AppOptions,
  logger: FastifyBaseLogger | { readonly level: string },
  makeServer: ServerMaker = ownServer,
  rpc: RpcParts | null = null,
): FastifyInstance {
  const parts = partsOf(service, options, rpc);
  let closing = false;
  const settings: FastifyHttpOptions<Server> = {
    ...('info' in logger ? { loggerInstance: logger } : { logger }),
    serverFactory: (routes) =>
      makeServer(
        (request, response) => {
          if (logsAnswers) logAnswer(app.log, parts.gate.proxies, request, response);
          if (closing || !parts.ready.answerUnchecked(request, response)) routes(request, response);
        },
        takerOf(parts, options.basePath),
      ),
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: sendError,
    clientErrorHandler: refuseSocket,
  };
  const app = Fastify(settings);
  const logsAnswers = app.log.level === 'debug' || app.log.level === 'trace';
  if (options.basePath !== '') {
    app.setErrorHandler(sendError);
    app.setNotFoundHandler(notFound);
  }
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.register(async (scope) => addRoutes(scope, parts), { prefix: options.basePath });
  return app;
}

/**
 * The same routes for an embedding Fastify, under `basePath`. Hooks, parsers and error handling stay inside.
 * Long session keys need that Fastify's `routerOptions.maxParamLength` to be raised.
 */
export const clawgaugePlugin = fastifyPlugin(
  async (host: FastifyInstance, options: AppOptions & { readonly service: UsageService }) => {
    const parts = partsOf(options.service, options, null);
    await host.register(async (scope) => addRoutes(scope, parts), { prefix: options.basePath });
    const stopUpgrades = offerUpgrades(host.server, takerOf(parts, host.prefix + options.basePath));
    host.addHook('onClose', async () => stopUpgrades());
  },
  { name: 'clawgauge', fastify: '5.x' },
);

function ownServer(listener: RequestListener, takeUpgrade: UpgradeTaker): Server {
  const server = createServer(serverLimits, listener);
  offerUpgrades(server, takeUpgrade);
  return server;
}

/** Takes the WebSockets of the gateway's calls, and nothing else. */
function takerOf({ sockets }: ReturnType<typeof partsOf>, prefix: string): UpgradeTaker {
  return (request, socket, head) => {
    if (!isWebSocketAt(`${prefix}/rpc`, request)) return false;
    void sockets.open(request, socket, head);
    return true;
  };
}

/** What the routes are made of. Throws `invalid_option`. */
function partsOf(service: UsageService, options: AppOptions, rpc: RpcParts | null) {
  checkBasePath(options.basePath);
  const gate = new Gate(options);
  const delivery = new Delivery(options.refreshInterval);
  return {
    ...(rpc ?? rpcPartsOf(service, gate, options)),
    service,
    gate,
    version: options.version,
    delivery,
    ready: new ReadyLane(service, delivery, gate),
    asks: new Lane({ perSecond: 50, burst: 100, waiting: 64 }),
    exports: new Lane({ perSecond: 2, burst: 4, waiting: 4 }),
    refreshes: new Lane({ perSecond: 2, burst: 10, waiting: 1 }),
    descriptions: new Lane({ perSecond: 2, burst: 10, waiting: 2 }),
    scrapes: new Lane({ perSecond: 10, burst: 20, waiting: 1 }),
    logins: new Lane({ perSecond: 1, burst: 5, waiting: 1 }),
    streams: new EventStreams(service),
    timeZone: zoneOf(options.timeZone).name,
    budgets: options.budgets,
    bodyLimit: BODY_LIMIT,
  };
}

/** In groups, the one that looks on while the others are added first. */
const ROUTES = [
  addOpenapi,
  addMetrics,
  addOperations,
  addViews,
  addSessionReads,
  addExports,
  addHttpCall,
  addEvents,
  addDashboard,
];

async function addRoutes(app: FastifyInstance, parts: ReturnType<typeof partsOf>): Promise<void> {
  const { gate } = parts;
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(notFound);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // A logger of its own for each request would cost more than the rest of a ready answer.
  app.setChildLoggerFactory((parent) => parent);
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', (request, _reply, done) => {
    const open = request.routeOptions.config?.clawgaugeOpen === true;
    done(gate.hostRefusal(request.raw) ?? (open ? null : gate.tokenRefusal(request.raw)) ?? undefined);
  });
  app.addHook('preClose', async () => parts.sockets.close());
  for (const add of ROUTES) {
    add(app, parts);
    // All in one turn of the event loop would keep others waiting.
    await setImmediate();
  }
}

function notFound(): never {
  throw new ClawgaugeError('not_found', 'No route has this path; the index names all that there are.');
}

function checkBasePath(basePath: string): void {
  if (basePath === '' || /^(\/[A-Za-z0-9._~-]+)+$/.test(basePath)) return;
  const expected = 'A base path must be empty or like /name, without a slash at its end';
  throw new ClawgaugeError('invalid_option', `${expected}; got ${JSON.stringify(basePath)}.`);
}
