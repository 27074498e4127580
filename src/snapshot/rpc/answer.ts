/** What a gateway call comes to: the words that the gateway itself uses, errors included. */

import type { Era } from '../../compute/era.ts';

/** The version of the gateway whose calls these are (format.md 2 and 3). */
export type Dialect = Era;

/** The codes of the gateway's errors that these calls can end with. */
export type RpcErrorCode = 'INVALID_REQUEST' | 'UNAVAILABLE' | 'FORBIDDEN';

export interface RpcError {
  readonly code: RpcErrorCode;
  readonly message: string;
  /** The same call may succeed later, at the earliest after `retryAfterMs`. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly details?: unknown;
}

export type RpcAnswer =
  /** `payload` is JSON text in UTF-8, in pieces that follow each other. */
  { readonly ok: true; readonly payload: readonly Uint8Array[] } | { readonly ok: false; readonly error: RpcError };

/** What is known of who calls. */
export interface RpcCaller {
  /** Aborted when the caller left. */
  readonly signal: AbortSignal;
  /** Whether the caller may see what conversations say: it proved the token, and `--transcripts` is on. */
  readonly transcripts: boolean;
}

/** The answer to parameters, or whatever else of a call, that the gateway refuses. */
export function invalidRequest(message: string): RpcAnswer {
  return { ok: false, error: { code: 'INVALID_REQUEST', message } };
}
