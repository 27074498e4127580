/** Latencies in the gateway's answers: of several transcripts, the largest 95th percentile stands for all. */
import type { Cell } from '../../compute/digest.ts';
import { LATENCY_SUM } from '../../compute/figures.ts';
import type { Milliseconds } from '../../units.ts';

export interface CallLatency {
  readonly count: number;
  readonly avgMs: number;
  readonly p95Ms: Milliseconds;
  readonly minMs: Milliseconds;
  readonly maxMs: Milliseconds;
}

/** The latencies of one transcript, each with how often it came. */
export class TranscriptLatencies {
  readonly #counts = new Map<Milliseconds, number>();
  #total: Milliseconds = 0;

  addCell({ figures, latencies }: Cell): void {
    this.#total += figures[LATENCY_SUM] as number;
    for (const [latency, count] of latencies) this.#counts.set(latency, (this.#counts.get(latency) ?? 0) + count);
  }

  /** Null without any. */
  finish(): LatencyStats | null {
    if (this.#counts.size === 0) return null;
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const count = sorted.reduce((sum, [, times]) => sum + times, 0);
    const rank = Math.ceil(count * 0.95);
    let before = 0;
    let p95 = 0;
    for (const [latency, times] of sorted) {
      p95 = latency;
      before += times;
      if (before >= rank) break;
    }
    const [least] = sorted[0] as (typeof sorted)[0];
    const [most] = sorted.at(-1) as (typeof sorted)[0];
    return { count, total: this.#total, min: least, max: most, p95 };
  }
}

export interface LatencyStats {
  readonly count: number;
  readonly total: Milliseconds;
  readonly min: Milliseconds;
  readonly max: Milliseconds;
  readonly p95: Milliseconds;
}

/** Several of them as one. */
export function mergedLatency(a: LatencyStats | null, b: LatencyStats | null): LatencyStats | null {
  if (a === null || b === null) return a ?? b;
  return {
    count: a.count + b.count,
    total: a.total + b.total,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    p95: Math.max(a.p95, b.p95),
  };
}

/** As a row has it; absent without any. */
export function shownLatency(stats: LatencyStats | null): CallLatency | undefined {
  if (stats === null) return undefined;
  const { count, total, min, max, p95 } = stats;
  return { count, avgMs: total / count, p95Ms: p95, minMs: min, maxMs: max };
}

/** As aggregates have it, in another order. */
export function shownSum(stats: LatencyStats | null): CallLatency | undefined {
  const shown = shownLatency(stats);
  if (shown === undefined) return undefined;
  const { p95Ms, ...rest } = shown;
  return { ...rest, p95Ms };
}
