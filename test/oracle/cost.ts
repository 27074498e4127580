/** What a record's usage cost, and what caching saved of it (format.md 2.5): recorded, estimated or missing. */
import { finite, member } from './json.ts';
import type { OracleRates } from './prices.ts';
import type { OracleUsage } from './usage.ts';

/** Nano-dollars, integers. */
export interface OracleCost {
  source: 'recorded' | 'estimated' | 'missing';
  total: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

/** What a record says it cost, in nano-dollars; a component that is no number is undefined (format.md 2.5). */
export interface RecordedCost {
  total: number;
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
}

export function recordedCost(usageRaw: unknown): RecordedCost | null {
  const cost = typeof usageRaw === 'object' ? member(usageRaw, 'cost') : undefined;
  const total = finite(member(cost, 'total'));
  if (total === undefined || total < 0) return null;
  const component = (name: string) => {
    const dollars = finite(member(cost, name));
    return dollars === undefined ? undefined : nano(dollars * 1e9);
  };
  return {
    total: nano(total * 1e9),
    input: component('input'),
    output: component('output'),
    cacheRead: component('cacheRead'),
    cacheWrite: component('cacheWrite'),
  };
}

export function costOf(usage: OracleUsage, recorded: RecordedCost | null, rates: OracleRates | null): OracleCost {
  if (recorded !== null) {
    return {
      source: 'recorded',
      total: recorded.total,
      input: recorded.input ?? 0,
      output: recorded.output ?? 0,
      cacheRead: recorded.cacheRead ?? 0,
      cacheWrite: recorded.cacheWrite ?? 0,
    };
  }
  if (rates === null) return { source: 'missing', total: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const input = nano(usage.input * rates.input * 1000);
  const output = nano(usage.output * rates.output * 1000);
  const cacheRead = nano(usage.cacheRead * rates.cacheRead * 1000);
  const cacheWrite = nano(usage.cacheWrite * rates.cacheWrite * 1000);
  const total = nano(input + output + cacheRead + cacheWrite);
  return { source: 'estimated', total, input, output, cacheRead, cacheWrite };
}

/** What the cached tokens would have cost as plain input, less what they did cost. */
export function savedOf(usage: OracleUsage, recorded: RecordedCost | null, rates: OracleRates | null): number | null {
  const { input, cacheRead, cacheWrite } = usage;
  if (cacheRead === 0 && cacheWrite === 0) return null;
  if (rates !== null) {
    const read = cacheRead * (rates.input - rates.cacheRead);
    const written = cacheWrite * (rates.cacheWrite - rates.input);
    return nano(1000 * (read - written));
  }
  if (recorded?.input === undefined || input === 0) return null;
  if (cacheRead > 0 && recorded.cacheRead === undefined) return null;
  if (cacheWrite > 0 && recorded.cacheWrite === undefined) return null;
  const uncached = Math.round((cacheRead + cacheWrite) * (recorded.input / input));
  const paidForReads = cacheRead > 0 ? (recorded.cacheRead as number) : 0;
  const paidForWrites = cacheWrite > 0 ? (recorded.cacheWrite as number) : 0;
  return nano(uncached - paidForReads - paidForWrites);
}

const MAX_NANO = 1e13;

/** Whole nano-dollars within bounds; `+ 0` makes -0 a 0. */
function nano(amount: number): number {
  return Math.min(MAX_NANO, Math.max(-MAX_NANO, Math.round(amount))) + 0;
}
