/** The answer where there are no figures in time: never zeros. */
import type { RpcAnswer } from './answer.ts';

export const UNAVAILABLE = {
  ok: false,
  error: {
    code: 'UNAVAILABLE',
    message: 'usage is still being read; try again',
    retryable: true,
    retryAfterMs: 1_000,
  },
} as const satisfies RpcAnswer;
