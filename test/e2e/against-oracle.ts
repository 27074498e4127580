/** Compares what a service says with what the oracle works out of the same files. */
import { expect } from 'vitest';
import { type OracleQuery, usageAnswer } from '../oracle/answer.ts';
import { type OracleSession, readStateDir } from '../oracle/sessions.ts';
import { eventually } from './eventually.ts';
import type { Service } from './service.ts';

/** Waits until /v1/usage says of `query` exactly what the oracle does, in every figure. `asked` is the same question as text. */
export async function expectUsageOf(
  stateDirectory: string,
  service: Service,
  asked = 'range=all',
  query: OracleQuery = { range: 'all', timeZone: 'UTC' },
): Promise<void> {
  await expectUsage(readStateDir(stateDirectory), service, asked, query);
}

/** The same of sessions that are read already. */
export async function expectUsage(
  sessions: OracleSession[],
  service: Service,
  asked: string,
  query: OracleQuery,
): Promise<void> {
  await eventually(async () => {
    const { snapshot: _head, ...figures } = await service.usage(asked);
    expect(figures).toEqual(usageAnswer(sessions, query, Date.now()));
  });
}
