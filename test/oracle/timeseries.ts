/** The points of a session's usage as the gateway makes them (format.md 2.13), with costs in nano-dollars. */
import type { OracleRecord } from './records.ts';

export interface OraclePoint {
  timestamp: number;
  records: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
  cost: number;
}

export function timeseriesOf(records: readonly OracleRecord[], most: number): OraclePoint[] {
  const points = records.flatMap(({ ts, usage, cost }) =>
    usage === null || ts === null ? [] : [{ timestamp: ts, records: 1, ...usage, cost: cost?.total ?? 0 }],
  );
  points.sort((a, b) => a.timestamp - b.timestamp);
  const step = Math.max(1, Math.ceil(points.length / most));
  const buckets: OraclePoint[] = [];
  points.forEach((point, at) => {
    const bucket = buckets.at(-1);
    if (bucket === undefined || at % step === 0) {
      buckets.push({ ...point });
      return;
    }
    bucket.timestamp = point.timestamp;
    for (const name of ['records', 'input', 'output', 'cacheRead', 'cacheWrite', 'totalTokens', 'cost'] as const) {
      bucket[name] += point[name];
    }
  });
  return buckets;
}
