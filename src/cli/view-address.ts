/** The address under which a service answers a question. */
import type { SessionsQuery, UsageQuery } from '../snapshot/query.ts';

/** The path of a view with its parameters, as routes/parameters.ts reads them. */
export function addressOf(query: UsageQuery | SessionsQuery): string {
  const parameters = new URLSearchParams();
  const add = (name: string, value: string | number | null) => {
    if (value !== null) parameters.append(name, String(value));
  };
  const { range, startDate, endDate, timeZone, filters } = query;
  for (const [name, value] of Object.entries({ range, startDate, endDate, timeZone })) add(name, value);
  for (const [name, values] of Object.entries(filters)) for (const value of values as string[]) add(name, value);
  if (query.view === 'usage') {
    const { granularity, split } = query;
    for (const [name, value] of Object.entries({ granularity, split })) add(name, value);
  } else {
    const { sort, groupBy, limit, cursor, q } = query;
    for (const [name, value] of Object.entries({ sort, groupBy, limit, cursor, q })) add(name, value);
  }
  return `/v1/${query.view}?${parameters}`;
}
