/** Which view an address names, found out without the routes, by the same checks. */
import { parse } from 'node:querystring';
import type { Budget } from '../budget-options.ts';
import { ClawgaugeError } from '../errors.ts';
import { budgetsQuery, type ViewQuery, viewKey } from '../snapshot/query.ts';
import { checkParameters } from './parameter-check.ts';
import { noParameters, sessionsParameters, sessionsQueryOf, usageParameters, usageQueryOf } from './parameters.ts';

/**
 * The view of /v1/usage, /v1/sessions or /v1/budgets that an address names; null for every other address, a wrong one too.
 * @param timeZone that of an address which names none
 * @param budgets those of the service
 */
export function viewQueryOf(
  address: string,
  basePath: string,
  timeZone: string,
  budgets: readonly Budget[] = [],
): ViewQuery | null {
  const mark = address.indexOf('?');
  const path = mark === -1 ? address : address.slice(0, mark);
  const query = mark === -1 ? '' : address.slice(mark + 1);
  if (!path.startsWith(basePath)) return null;
  const questionOf = QUESTIONS.get(path.slice(basePath.length));
  if (questionOf === undefined) return null;
  try {
    return questionOf(parse(query, '&', '=', { maxKeys: 0 }), timeZone, budgets);
  } catch (error) {
    if (error instanceof ClawgaugeError) return null;
    throw error;
  }
}

/** The key of that view. */
export function viewKeyOf(address: string, basePath: string, timeZone: string): string | null {
  const query = viewQueryOf(address, basePath, timeZone);
  return query === null ? null : viewKey(query);
}

const QUESTIONS = new Map<string, (given: unknown, timeZone: string, budgets: readonly Budget[]) => ViewQuery>([
  ['/v1/usage', (given, timeZone) => usageQueryOf(checkParameters(usageParameters, given), timeZone)],
  ['/v1/sessions', (given, timeZone) => sessionsQueryOf(checkParameters(sessionsParameters, given), timeZone)],
  [
    '/v1/budgets',
    (given, timeZone, budgets) => {
      checkParameters(noParameters, given);
      return budgetsQuery(budgets, timeZone);
    },
  ],
]);
