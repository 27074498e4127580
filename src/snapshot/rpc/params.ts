/**
 * Turns the parameters of a call into what it asks for, in the dialect of the agent that it is about; where the gateway
 * of that dialect refuses, with its message.
 */
import type { Milliseconds } from '../../units.ts';
import { type Dialect, invalidRequest, type RpcAnswer } from './answer.ts';
import { callWindow } from './call-window.ts';
import { agentNamed, allAgents, type CallContext, dialectOf, isNamedBy } from './context.ts';
import { checkParams, type ParamRules } from './param-check.ts';
import type { RpcQuery, SeriesCall } from './rpc-query.ts';
import { parseSessionKey } from './session-key.ts';

const DEFAULT_LIMIT = 50;
const DEFAULT_LOGS = 200;
const MOST_LOGS = 1000;

const DATE = { kind: 'text', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } as const;
const WINDOW = {
  startDate: DATE,
  endDate: DATE,
  mode: { kind: 'choice', of: ['utc', 'gateway', 'specific'] },
  range: { kind: 'choice', of: ['7d', '30d', '90d', '1y', 'all'] },
  groupBy: { kind: 'choice', of: ['instance', 'family'] },
  includeHistorical: { kind: 'flag' },
  utcOffset: { kind: 'text', pattern: '^UTC[+-]\\d{1,2}(?::[0-5]\\d)?$' },
} as const satisfies ParamRules;
const PAGE = { limit: { kind: 'count' }, includeContextWeight: { kind: 'flag' } } as const satisfies ParamRules;

/** The parameters of `sessions.usage`, in the order in which the gateway checks them. */
export const SESSIONS_PARAMS: Readonly<Record<Dialect, ParamRules>> = {
  '2026.5': { key: { kind: 'text' }, agentId: { kind: 'text' }, ...WINDOW, ...PAGE },
  '2026.9': {
    key: { kind: 'text' },
    agentId: { kind: 'text' },
    agentScope: { kind: 'choice', of: ['all'] },
    creatorKey: { kind: 'text' },
    ...WINDOW,
    timeZone: { kind: 'text' },
    ...PAGE,
  },
};

/** What a call is understood with: the zone is the one that stands for the gateway's own. */
export interface Understanding {
  readonly context: CallContext;
  readonly gatewayZone: string;
  readonly now: Milliseconds;
}

/** A call that is understood, or the answer that refuses it. */
export type Understood = { readonly query: RpcQuery | SeriesCall } | { readonly refusal: RpcAnswer };

/** Understands a call; null for a method that there is not. */
export function understand(method: string, params: unknown, how: Understanding): Understood | null {
  const given = asObject(params);
  const dialect = dialectFor(given, how.context);
  try {
    switch (method) {
      case 'usage.cost':
        return { query: costCall(given, dialect, how) };
      case 'sessions.usage':
        return { query: sessionsCall(params, dialect, how) };
      case 'sessions.usage.timeseries':
      case 'sessions.usage.logs':
        return { query: seriesCall(method, given, dialect, how.context) };
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof Refusal) return { refusal: invalidRequest(error.message) };
    throw error;
  }
}

/** What the gateway answers instead. */
class Refusal extends Error {}

type Params = Readonly<Record<string, unknown>>;

/** The dialect of the agent that is named, as far as that is one that has a store; else that of all together. */
function dialectFor(params: Params, context: CallContext): Dialect {
  const named = textIn(params, 'agentId') ?? parseSessionKey(textIn(params, 'key') ?? '')?.agent;
  const era = params.agentScope === 'all' || named === undefined ? undefined : context.eras[agentNamed(named, context)];
  return era ?? dialectOf(context);
}

function costCall(params: Params, dialect: Dialect, how: Understanding): RpcQuery {
  const { context } = how;
  const window = windowOf(params, dialect, how);
  // Agent main, also where another one is the default.
  let agents: readonly string[] = ['main'];
  if (dialect === '2026.9') {
    const agentId = textIn(params, 'agentId');
    const all = params.agentScope === 'all';
    if (all && agentId !== undefined) throw new Refusal('agentScope=all cannot be combined with agentId');
    if (all) agents = allAgents(context);
    else agents = [agentId === undefined ? ownerOf('main', undefined, context) : agentNamed(agentId, context)];
  }
  return { view: 'rpc', method: 'usage.cost', dialect, agents, window };
}

function sessionsCall(params: unknown, dialect: Dialect, how: Understanding): RpcQuery {
  const problem = checkParams(params ?? {}, SESSIONS_PARAMS[dialect], dialect);
  if (problem !== null) throw new Refusal(`invalid sessions.usage params: ${problem}`);
  const given = asObject(params);
  const agents = dialect === '2026.5' ? earlierAgents(given, how.context) : null;
  const window = windowOf(given, dialect, how);
  return {
    view: 'rpc',
    method: 'sessions.usage',
    dialect,
    agents: agents ?? laterAgents(given, how.context),
    window,
    key: textIn(given, 'key') ?? null,
    groupBy: given.groupBy === 'family' || given.includeHistorical === true ? 'family' : 'instance',
    limit: typeof given.limit === 'number' ? given.limit : DEFAULT_LIMIT,
    contextWeight: given.includeContextWeight === true,
    creatorKey: textIn(given, 'creatorKey') ?? null,
  };
}

function earlierAgents(params: Params, context: CallContext): readonly string[] {
  const requested = textIn(params, 'agentId');
  const ofKey = parseSessionKey(textIn(params, 'key') ?? '')?.agent;
  if (requested !== undefined && ofKey !== undefined && !isNamedBy(agentNamed(requested, context), ofKey)) {
    throw new Refusal('session key agent does not match agentId');
  }
  return [agentNamed(requested ?? ofKey ?? context.roster.defaultAgent, context)];
}

function laterAgents(params: Params, context: CallContext): readonly string[] {
  const key = textIn(params, 'key');
  const requested = textIn(params, 'agentId');
  if (params.agentScope === 'all') {
    if (key === undefined && requested === undefined) return allAgents(context);
    throw new Refusal('agentScope=all cannot be combined with key or agentId');
  }
  if (key !== undefined) return [ownerOf(key, requested, context)];
  return [requested === undefined ? ownerOf('main', undefined, context) : agentNamed(requested, context)];
}

/** 2026.9: whose a session is, by its key, by the agent that is named, or because nobody else's it can be. */
function ownerOf(key: string, requested: string | undefined, context: CallContext): string {
  const { roster } = context;
  const parsed = parseSessionKey(key);
  if (parsed === null && key.trim().toLowerCase().startsWith('agent:')) {
    throw new Refusal(`malformed session key "${key}"`);
  }
  const configured = roster.configured.length > 0 ? roster.configured : ['main'];
  const agent = requested === undefined ? undefined : agentNamed(requested, context);
  if (agent !== undefined && !configured.includes(agent)) throw new Refusal(`Unknown agent id "${requested}"`);
  if (parsed !== null) {
    const owner = agentNamed(parsed.agent, context);
    if (agent === undefined) return owner;
    if (isNamedBy(agent, owner)) return agent;
    throw new Refusal(`agent "${requested}" does not match session key agent "${owner}"`);
  }
  const owner = agent ?? roster.impliedOwner;
  if (owner !== null) return owner;
  throw new Refusal(
    `Multiple agents are configured, but session key "${key}" has no explicit owner. Pass agentId or use an agent-prefixed session key.`,
  );
}

function seriesCall(method: SeriesCall['method'], params: Params, dialect: Dialect, context: CallContext): SeriesCall {
  const key = textIn(params, 'key');
  const detail = method === 'sessions.usage.logs' ? 'logs' : 'timeseries';
  if (key === undefined) throw new Refusal(`key is required for ${detail}`);
  const agent =
    dialect === '2026.9'
      ? ownerOf(key, textIn(params, 'agentId'), context)
      : agentNamed(parseSessionKey(key)?.agent ?? context.roster.defaultAgent, context);
  const { limit } = params;
  const given = typeof limit === 'number' && Number.isFinite(limit) ? Math.min(limit, MOST_LOGS) : DEFAULT_LOGS;
  return { view: 'rpc', method, dialect, agent, key, limit: given };
}

function windowOf(params: Params, dialect: Dialect, { gatewayZone, now }: Understanding) {
  // sessions.usage knows no days: its parameters would have been refused.
  const window = callWindow(params, dialect, gatewayZone, now);
  if (typeof window === 'string') throw new Refusal(window);
  return window;
}

function asObject(params: unknown): Params {
  return typeof params === 'object' && params !== null ? (params as Params) : {};
}

/** A text that says something, without the blanks around it. */
function textIn(params: Params, name: string): string | undefined {
  const value = params[name];
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
}
