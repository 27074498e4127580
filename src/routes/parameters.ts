/**
 * The parameters of the /v1 routes: their schemas, and the questions that they become.
 * Relations between the parts of a window (length against granularity, order of dates) are the keeper's to check.
 */
import { ClawgaugeError } from '../errors.ts';
import { EXPORT_FORMATS, EXPORTED, type ExportQuery, exportQuery } from '../snapshot/export/export-query.ts';
import {
  DEFAULT_GRANULARITY,
  DEFAULT_LIMIT,
  SESSION_KINDS,
  type SessionQuery,
  type SessionsQuery,
  type SessionTarget,
  sessionQuery,
  sessionsQuery,
  type UsageQuery,
  usageQuery,
  type WindowChoice,
} from '../snapshot/query.ts';
import type { ReadQuery } from '../snapshot/read-query.ts';
import { DEFAULT_RANGE, GRANULARITIES, RANGES, type WindowQuery } from '../snapshot/window.ts';
import { zoneOf } from '../snapshot/zone.ts';
import { invalidParameter, type Parameters, type ParametersSchema } from './parameter-check.ts';

const dimensions = ['agent', 'channel', 'kind', 'provider', 'model'] as const;

const windowProperties = {
  range: {
    type: 'string',
    enum: RANGES,
    description: `Days up to and with today; "all" is from the first to the last activity. ${DEFAULT_RANGE} if no dates are given.`,
  },
  startDate: { type: 'string', format: 'date', description: 'First day, with endDate and instead of range.' },
  endDate: { type: 'string', format: 'date', description: 'Last day, inclusive.' },
  timeZone: {
    type: 'string',
    minLength: 1,
    maxLength: 64,
    description: "The zone of days: an IANA name or UTC+H:MM. The service's zone if left out.",
  },
} as const;

const granularityProperty = {
  granularity: {
    type: 'string',
    enum: GRANULARITIES,
    default: DEFAULT_GRANULARITY,
    description: 'Length of a step of the series: hour up to 366 days, quarter up to 31.',
  },
} as const;

/** Generous against every name that OpenClaw writes; a filter longer than a name matches nothing. */
const name = { type: 'string', minLength: 1, maxLength: 512 } as const;

const filterProperties = {
  agent: { type: 'array', items: name, maxItems: 64, description: 'Only these agents.' },
  channel: { type: 'array', items: name, maxItems: 64, description: 'Only these channels; "none" for no channel.' },
  kind: {
    type: 'array',
    items: { type: 'string', enum: SESSION_KINDS },
    maxItems: 64,
    description: 'Only these kinds.',
  },
  provider: { type: 'array', items: name, maxItems: 64, description: 'Only these providers; "none" for unknown.' },
  model: { type: 'array', items: name, maxItems: 64, description: 'Only these models; "none" for unknown.' },
} as const;

export const noParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {},
} as const satisfies ParametersSchema;

export const usageParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...windowProperties,
    ...filterProperties,
    ...granularityProperty,
    split: { type: 'string', enum: dimensions, description: 'The series of the twelve largest, and of the rest.' },
  },
} as const satisfies ParametersSchema;

export const exportParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {
    what: {
      type: 'string',
      enum: EXPORTED,
      default: 'usage',
      description: 'Rows of usage by step and every dimension, or of sessions.',
    },
    format: { type: 'string', enum: EXPORT_FORMATS, default: 'csv', description: 'How rows are written.' },
    ...windowProperties,
    ...filterProperties,
    ...granularityProperty,
  },
} as const satisfies ParametersSchema;

export const sessionsParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...windowProperties,
    ...filterProperties,
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: DEFAULT_LIMIT, description: 'Rows of one page.' },
    cursor: { type: 'string', minLength: 1, maxLength: 2048, description: '`next` of the page before.' },
    sort: { type: 'string', enum: ['updated', 'cost', 'tokens'], default: 'updated', description: 'Largest first.' },
    groupBy: {
      type: 'string',
      enum: ['instance', 'family'],
      default: 'instance',
      description: 'A row for each (agent, session id), or for each family of them.',
    },
    q: { type: 'string', minLength: 1, maxLength: 200, description: 'Text that key, label or session id holds.' },
  },
} as const satisfies ParametersSchema;

export const sessionParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...windowProperties,
    ...granularityProperty,
    agent: { ...name, description: 'Whose session, where several agents have one of this key.' },
  },
} as const satisfies ParametersSchema;

/** Whose session, beside the path that names it. */
const whose = { agent: sessionParameters.properties.agent } as const;

export const timeseriesParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {
    points: { type: 'integer', minimum: 1, maximum: 1000, default: 200, description: 'How many points at most.' },
    ...whose,
  },
} as const satisfies ParametersSchema;

export const logsParameters = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: DEFAULT_LIMIT, description: 'Entries of one page.' },
    cursor: { type: 'string', minLength: 1, maxLength: 2048, description: '`next` of the page of later entries.' },
    ...whose,
  },
} as const satisfies ParametersSchema;

type WindowParameters = Partial<Pick<Parameters<typeof usageParameters>, keyof WindowQuery>>;

/** The question that checked parameters of /v1/usage ask; `timeZone` is the zone if they name none. */
export function usageQueryOf(given: Parameters<typeof usageParameters>, timeZone: string): UsageQuery {
  return usageQuery(windowOf(given, timeZone), given, given.split);
}

/** The question that checked parameters of /v1/sessions ask. */
export function sessionsQueryOf(given: Parameters<typeof sessionsParameters>, timeZone: string): SessionsQuery {
  return sessionsQuery(windowOf(given, timeZone), given, given);
}

/** The question that checked parameters of /v1/export ask. */
export function exportQueryOf(given: Parameters<typeof exportParameters>, timeZone: string): ExportQuery {
  if (given.what === 'sessions' && given.granularity !== undefined) {
    throw invalidParameter('granularity', 'left out where what is sessions', given.granularity);
  }
  return exportQuery(windowOf(given, timeZone), given, given);
}

/** The question that checked parameters of /v1/sessions/{key} ask about the session of its path. */
export function sessionQueryOf(
  given: Parameters<typeof sessionParameters>,
  path: SessionTarget,
  timeZone: string,
): SessionQuery {
  return sessionQuery(windowOf(given, timeZone), targetOf(path, given.agent));
}

/** The question that checked parameters of /v1/sessions/{key}/timeseries ask about the session of its path. */
export function timeseriesQueryOf(given: Parameters<typeof timeseriesParameters>, path: SessionTarget): ReadQuery {
  const { points = timeseriesParameters.properties.points.default } = given;
  return { target: targetOf(path, given.agent), ask: { view: 'timeseries', form: 'v1', points } };
}

/** The question that checked parameters of /v1/sessions/{key}/logs ask about the session of its path. */
export function logsQueryOf(given: Parameters<typeof logsParameters>, path: SessionTarget): ReadQuery {
  const { limit = DEFAULT_LIMIT, cursor = null } = given;
  return { target: targetOf(path, given.agent), ask: { view: 'logs', form: 'v1', limit, cursor } };
}

/**
 * The session that a path names. `segments` are those after /v1/sessions/, still percent-encoded:
 * one is a key, two are `agent/sessionId`. Agent ids hold no colon, so that a key whose slashes
 * were decoded on its way is still a key.
 */
export function sessionTargetOf(segments: readonly string[]): SessionTarget {
  const [first = '', second, ...more] = segments.map(decoded);
  if (second !== undefined && more.length === 0 && !first.includes(':')) {
    if (first === '' || second === '') {
      throw new ClawgaugeError('not_found', 'A session is named by its key, or by agent/sessionId; a part is empty.');
    }
    return { groupBy: 'instance', agent: first, sessionId: second };
  }
  const key = second === undefined ? first : [first, second, ...more].join('/');
  if (key === '') throw new ClawgaugeError('not_found', 'A session is named by its key, or by agent/sessionId.');
  return { groupBy: 'family', key, agent: null };
}

/** The session that a path names, with the agent that a parameter may name beside it. */
function targetOf(path: SessionTarget, agent: string | null = null): SessionTarget {
  if (path.groupBy === 'family') return { ...path, agent };
  if (agent === null || agent === path.agent) return path;
  throw invalidParameter('agent', `left out, or the agent of the path (${JSON.stringify(path.agent)})`, agent);
}

function windowOf(given: WindowParameters, timeZone: string): WindowChoice {
  const { range = null, startDate = null, endDate = null } = given;
  if (range !== null && (startDate !== null || endDate !== null)) {
    throw invalidParameter('range', 'left out where startDate and endDate are given', range);
  }
  if (startDate === null && endDate !== null) throw invalidParameter('startDate', 'given with endDate', null);
  if (endDate === null && startDate !== null) throw invalidParameter('endDate', 'given with startDate', null);
  // An unescaped plus arrives as a space.
  const zone = given.timeZone?.replace(/^UTC (?=\d)/i, 'UTC+');
  return {
    range: range ?? (startDate === null ? DEFAULT_RANGE : null),
    startDate,
    endDate,
    timeZone: zone === undefined ? timeZone : zoneOf(zone).name,
    granularity: given.granularity ?? DEFAULT_GRANULARITY,
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new ClawgaugeError('malformed_request', 'The path holds a percent sign that encodes nothing.', { cause });
  }
}
