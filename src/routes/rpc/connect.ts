/**
 * The first call of every socket, `connect`: what the gateway asks of a client, as far as it means something here.
 * Clients of any name, mode and device are let in; who they are is what the token says.
 */
import type { Dialect } from '../service.ts';

/** What is known of a client that connected. */
export interface RpcClient {
  readonly scopes: readonly string[];
  /** Whether it sent the token; true also where none is asked for. */
  readonly proved: boolean;
}

/** Why a client is not let in: the error that it gets, and the code and reason of the close that follows. */
export interface ConnectRefusal {
  readonly error: { readonly code: string; readonly message: string; readonly details?: unknown };
  readonly close: number;
}

export interface ConnectTerms {
  /** Whether the request to open the socket brought the token, or none is asked for. */
  readonly proved: boolean;
  /** Whether a text is the token; null where none is asked for. */
  readonly isToken: ((text: string) => boolean) | null;
}

/** The one that both dialects speak. */
const PROTOCOL = 4;

type Members = Readonly<Record<string, unknown>>;

/** Checks the parameters of `connect`. */
export function admit(params: unknown, { proved, isToken }: ConnectTerms): RpcClient | ConnectRefusal {
  const problem = problemOf(params);
  if (problem !== null) return refusal(`invalid connect params: ${problem}`);
  const {
    minProtocol,
    maxProtocol,
    role = 'operator',
    scopes = [],
    auth = {},
  } = params as Members & {
    minProtocol: number;
    maxProtocol: number;
    scopes?: string[];
    auth?: { token?: string };
  };
  if (minProtocol > PROTOCOL || maxProtocol < PROTOCOL) {
    const versions = { clientMinProtocol: minProtocol, clientMaxProtocol: maxProtocol, expectedProtocol: PROTOCOL };
    const details = { code: 'PROTOCOL_MISMATCH', ...versions };
    return { error: { code: 'INVALID_REQUEST', message: 'protocol mismatch', details }, close: 1002 };
  }
  if (role !== 'operator') return refusal('invalid role');
  if (proved || isToken === null) return { scopes, proved: true };
  if (auth.token === undefined) return unauthorized('missing');
  return isToken(auth.token) ? { scopes, proved: true } : unauthorized('mismatch');
}

/** What hello-ok says to a client. */
export function helloOk(
  { scopes }: RpcClient,
  about: {
    readonly dialect: Dialect;
    /** Of this package. */
    readonly version: string;
    readonly connection: string;
    readonly uptimeMs: number;
    readonly methods: readonly string[];
    readonly policy: { maxPayload: number; maxBufferedBytes: number; tickIntervalMs: number };
  },
): object {
  return {
    type: 'hello-ok',
    protocol: PROTOCOL,
    server: { version: `${SPOKEN[about.dialect]}+clawgauge.${about.version}`, connId: about.connection },
    features: { methods: about.methods, events: ['connect.challenge', 'tick', 'shutdown'] },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: about.uptimeMs },
    auth: { role: 'operator', scopes },
    policy: about.policy,
  };
}

/** The version of the gateway that a dialect was learnt from. */
const SPOKEN: Readonly<Record<Dialect, string>> = { '2026.5': '2026.5.22', '2026.9': '2026.9.6' };

function refusal(message: string): ConnectRefusal {
  return { error: { code: 'INVALID_REQUEST', message }, close: 1008 };
}

function unauthorized(how: 'missing' | 'mismatch'): ConnectRefusal {
  const code = `AUTH_TOKEN_${how.toUpperCase()}`;
  const recommendedNextStep = how === 'missing' ? 'update_auth_configuration' : 'update_auth_credentials';
  const details = { code, authReason: `token_${how}`, canRetryWithDeviceToken: false, recommendedNextStep };
  const message = `unauthorized: gateway token ${how} (provide gateway auth token)`;
  return { error: { code: 'INVALID_REQUEST', message, details }, close: 1008 };
}

/** The first thing that is wrong with the members that are used here. */
function problemOf(params: unknown): string | null {
  if (!isObject(params)) return 'must be object';
  for (const name of ['minProtocol', 'maxProtocol', 'client']) {
    if (params[name] === undefined) return `must have required property '${name}'`;
  }
  for (const name of ['minProtocol', 'maxProtocol']) {
    if (!Number.isInteger(params[name])) return `at /${name}: must be integer`;
    if ((params[name] as number) < 1) return `at /${name}: must be >= 1`;
  }
  if (!isObject(params.client)) return 'at /client: must be object';
  if (params.role !== undefined && typeof params.role !== 'string') return 'at /role: must be string';
  const { scopes = [], auth = {} } = params;
  if (!Array.isArray(scopes)) return 'at /scopes: must be array';
  const wrong = scopes.findIndex((scope) => typeof scope !== 'string');
  if (wrong !== -1) return `at /scopes/${wrong}: must be string`;
  if (!isObject(auth)) return 'at /auth: must be object';
  return auth.token === undefined || typeof auth.token === 'string' ? null : 'at /auth/token: must be string';
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
