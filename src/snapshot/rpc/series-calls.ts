/** The points and the log of one session, as the gateway answers them; they are read from its transcript. */
import type { ClawgaugeError } from '../../errors.ts';
import type { Milliseconds } from '../../units.ts';
import type { ReadQuery } from '../read-query.ts';
import type { ReadOutcome } from '../session-reads.ts';
import { invalidRequest, type RpcAnswer, type RpcCaller } from './answer.ts';
import type { SeriesCall } from './rpc-query.ts';
import { parseSessionKey, SESSION_ID } from './session-key.ts';
import { UNAVAILABLE } from './unavailable.ts';

/** Points of a series, and entries of a log, at most. */
const POINTS = 200;
const MOST_LOGS = 1000;

/** Reads a session, within a time, for as long as somebody waits. */
export type ReadSession = (query: ReadQuery, within: Milliseconds, signal: AbortSignal) => Promise<ReadOutcome>;

/** Null where it is not known yet whether there is such a session. */
export async function seriesAnswer(
  call: SeriesCall,
  { signal, transcripts }: RpcCaller,
  within: Milliseconds,
  read: ReadSession,
): Promise<RpcAnswer | null> {
  const { method, agent, key } = call;
  if (isLog(call) && !transcripts) {
    return invalidRequest(`${method} tells what conversations say: it needs --transcripts, and the token`);
  }
  if (isLog(call) && call.limit <= 0) return NO_LOGS;
  const outcome = await read({ target: { groupBy: 'entry', key, agent }, ask: viewOf(call) }, within, signal);
  if (outcome.kind === 'pending') return null;
  if (outcome.kind === 'error') return refusalOf(call, outcome.error);
  // The gateway reads all of it, however long that takes: there is no word for a part.
  if (outcome.partial) return unavailable('the session is too long to be read in time; try again');
  return { ok: true, payload: [outcome.view.rest] };
}

const NO_LOGS: RpcAnswer = { ok: true, payload: [Buffer.from('{"logs":[]}')] };

function isLog({ method }: SeriesCall): boolean {
  return method === 'sessions.usage.logs';
}

function viewOf(call: SeriesCall): ReadQuery['ask'] {
  const { dialect, limit } = call;
  if (!isLog(call)) return { view: 'timeseries', form: dialect, points: POINTS };
  // The gateway takes a part of an entry for all of them.
  return { view: 'logs', form: dialect, limit: Math.trunc(limit) || MOST_LOGS, cursor: null };
}

function refusalOf(call: SeriesCall, error: ClawgaugeError): RpcAnswer {
  const { key } = call;
  if (error.code !== 'session_not_found') return unavailable(error.message);
  if (!SESSION_ID.test(parseSessionKey(key)?.rest ?? key)) return invalidRequest(`Invalid session key: ${key}`);
  return isLog(call) ? NO_LOGS : invalidRequest(`No transcript found for session: ${key}`);
}

function unavailable(message: string): RpcAnswer {
  return { ...UNAVAILABLE, error: { ...UNAVAILABLE.error, message } };
}
