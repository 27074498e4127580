/**
 * The calls of all clients, whichever way they came: which methods there are, who may call them, and how many are
 * answered at the same time.
 */
import type { RpcAnswer, RpcCaller, UsageService } from '../service.ts';
import { rpcLimits } from './limits.ts';

export const rpcMethods: readonly string[] = [
  'usage.cost',
  'sessions.usage',
  'sessions.usage.timeseries',
  'sessions.usage.logs',
];

/** Each of them includes the right to read. */
const READERS = ['operator.read', 'operator.write', 'operator.admin'];

type RpcService = Pick<UsageService, 'call' | 'dialect'>;

export class RpcCalls {
  readonly #service: RpcService;
  #running = 0;

  constructor(service: RpcService) {
    this.#service = service;
  }

  /** Never rejects. `scopes` is null for a caller who was never asked for any. */
  async answer(
    method: string,
    params: unknown,
    caller: RpcCaller,
    scopes: readonly string[] | null,
  ): Promise<RpcAnswer> {
    if (!rpcMethods.includes(method)) {
      return { ok: false, error: { code: 'INVALID_REQUEST', message: `unknown method: ${method}` } };
    }
    if (scopes !== null && !scopes.some((scope) => READERS.includes(scope))) return this.#missingScope();
    if (this.#running >= rpcLimits.calls) return busy(`${rpcLimits.calls} calls are being answered`);
    this.#running++;
    try {
      return await this.#service.call(method, params, caller);
    } finally {
      this.#running--;
    }
  }

  #missingScope(): RpcAnswer {
    const [missingScope] = READERS;
    const message = `missing scope: ${missingScope}`;
    if (this.#service.dialect() === '2026.5') return { ok: false, error: { code: 'INVALID_REQUEST', message } };
    const details = { code: 'MISSING_SCOPE', missingScope, requiredScopes: [missingScope] };
    return { ok: false, error: { code: 'FORBIDDEN', message, details } };
  }
}

/** Refused for now, and worth another try. */
export function busy(reason: string): RpcAnswer {
  const error = {
    code: 'UNAVAILABLE',
    message: `${reason}; retry shortly`,
    retryable: true,
    retryAfterMs: 500,
  } as const;
  return { ok: false, error };
}
