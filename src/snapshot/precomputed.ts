/** The views that every snapshot holds ready: what scripts and the dashboard ask first. */
import { firstPageKey, firstPageQuery } from './first-page.ts';
import { sessionsQuery, usageQuery, type ViewQuery, viewKey } from './query.ts';
import { RANGES } from './window.ts';

/**
 * Usage for every range in every zone, with the split that the first page shows, and the first page of sessions
 * in each order.
 */
export function precomputedQueries(timeZones: readonly string[]): ViewQuery[] {
  return timeZones.flatMap((timeZone): ViewQuery[] => [
    ...RANGES.map((range) => usageQuery({ timeZone, range })),
    firstPageQuery(timeZone),
    ...(['updated', 'cost', 'tokens'] as const).map((sort) => sessionsQuery({ timeZone }, {}, { sort })),
  ]);
}

/** What is ready in zones that somebody uses and nobody configured: what a page begins with. More would cost with every append. */
export function usedZoneQueries(timeZones: readonly string[]): ViewQuery[] {
  return timeZones.map(firstPageQuery);
}

/** Under which keys a view is ready: a first page comes with its markup. */
export function keysOf(query: ViewQuery): string[] {
  const key = viewKey(query);
  return key === viewKey(firstPageQuery(query.timeZone)) ? [key, firstPageKey(query.timeZone)] : [key];
}

/** What a service that never knew everything has ready before the others, and while it warms up: the usage that is asked for by default. */
export function firstQueries(timeZones: readonly string[]): ViewQuery[] {
  return timeZones.map((timeZone) => usageQuery({ timeZone }));
}
