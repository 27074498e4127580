/** What was answered, by route and status, and how long that took. */
import { Histogram, histograms, type Labels, metric, type Sample } from '../snapshot/metrics/exposition.ts';
import type { Milliseconds } from '../units.ts';
import type { ReadyLane } from './ready-lane.ts';

/** Seconds. */
const BOUNDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5] as const;

/** Answers that stay open for as long as somebody listens. */
const STREAMS: ReadonlySet<string> = new Set(['/v1/events']);

export class RequestMetrics {
  readonly #counts = new Map<string, { readonly labels: Labels; count: number }>();
  readonly #times = new Map<string, Histogram>();

  /** @param route its path with its parameters by name, as there are few of them; never the path that came */
  note(route: string, status: number, took: Milliseconds): void {
    this.#count(route, `${Math.floor(status / 100)}xx`);
    if (STREAMS.has(route)) return;
    let times = this.#times.get(route);
    if (times === undefined) {
      times = new Histogram(BOUNDS);
      this.#times.set(route, times);
    }
    times.observe(took / 1000);
  }

  /** As text. Answers of the ready lane are counted there, and not timed: they wait for nothing. */
  text({ answered, unchanged }: ReadyLane): string {
    const counts = [...this.#counts.values()].map(({ labels, count }): Sample => [labels, count]);
    const ready: Sample[] = [
      [{ route: 'ready', code: '2xx' }, answered],
      [{ route: 'ready', code: '3xx' }, unchanged],
    ];
    const times = [...this.#times].map(([route, histogram]) => [{ route }, histogram] as const);
    return (
      metric('clawgauge_http_requests_total', 'counter', 'Answers.', [...ready, ...counts]) +
      histograms('clawgauge_http_request_duration_seconds', 'How long answers took that were not ready.', times)
    );
  }

  #count(route: string, code: string): void {
    const key = `${route} ${code}`;
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { labels: { route, code }, count: 1 });
    else entry.count++;
  }
}
