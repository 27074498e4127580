/** The points and the log of one session, as the gateway answers them; they are read from its transcript. */
import type { Milliseconds } from '../../units.ts';
import type { ReadQuery } from '../read-query.ts';
import type { ReadOutcome } from '../session-reads.ts';
import { invalidRequest, type RpcAnswer, type RpcCaller } from './answer.ts';
import type { SeriesCall } from './rpc-query.ts';
import { UNAVAILABLE } from './unavailable.ts';

/** Points of a series at most. */
const POINTS = 200;

/** Reads a session, within a time, for as long as somebody waits. */
export type ReadSession = (query: ReadQuery, within: Milliseconds, signal: AbortSignal) => Promise<ReadOutcome>;

/** Null where it is not known yet whether there is such a session. */
export async function seriesAnswer(
  call: SeriesCall,
  { signal, transcripts }: RpcCaller,
  within: Milliseconds,
  read: ReadSession,
): Promise<RpcAnswer | null> {
  const { method, dialect, agent, key } = call;
  const isLog = method === 'sessions.usage.logs';
  if (isLog && !transcripts) {
    return invalidRequest(`${method} tells what conversations say: it needs --transcripts, and the token`);
  }
  const ask: ReadQuery['ask'] = isLog
    ? { view: 'logs', form: dialect, limit: call.limit, cursor: null }
    : { view: 'timeseries', form: dialect, points: POINTS };
  const outcome = await read({ target: { groupBy: 'entry', key, agent }, ask }, within, signal);
  if (outcome.kind === 'pending') return null;
  if (outcome.kind === 'ready') return { ok: true, payload: outcome.view.rest };
  if (outcome.error.code !== 'session_not_found')
    return { ...UNAVAILABLE, error: { ...UNAVAILABLE.error, message: outcome.error.message } };
  if (dialect === '2026.9') return invalidRequest(`Invalid session key: ${key}`);
  return isLog ? NO_LOGS : invalidRequest(`No transcript found for session: ${key}`);
}

/** 2026.5 has an empty log of a session that it does not find. */
const NO_LOGS: RpcAnswer = { ok: true, payload: Buffer.from('{"logs":[]}') };
