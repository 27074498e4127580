/** Helpers to hold an answer of the service against the oracle's. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { ClawgaugeError } from '../../src/errors.ts';
import type { SessionsQuery, UsageQuery } from '../../src/snapshot/query.ts';
import type { OracleQuery } from '../oracle/answer.ts';
import { InvalidParameter } from '../oracle/window.ts';

/** The same question to the oracle. */
export function oracleQuery(query: UsageQuery | SessionsQuery): OracleQuery {
  const { agent, channel, kind, provider, model } = query.filters;
  const filters = {
    agent: [...agent],
    channel: [...channel],
    kind: [...kind],
    provider: [...provider],
    model: [...model],
  };
  const { range, startDate, endDate, timeZone, granularity } = query;
  return { range, startDate, endDate, timeZone, granularity, filters, split: 'split' in query ? query.split : null };
}

/** The answer, or that the question was refused. */
export function attempt<Answer>(ask: () => Answer): Answer | 'refused' {
  try {
    return ask();
  } catch (error) {
    if (error instanceof InvalidParameter) return 'refused';
    if (error instanceof ClawgaugeError && error.code === 'invalid_parameter') return 'refused';
    throw error;
  }
}

/** Deep equality. Describing a difference between large answers is slow, so only one that exists is described. */
export function expectEqual(actual: unknown, expected: unknown, asked: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, JSON.stringify(asked)).toEqual(expected);
}
