/** What one digest counts for inside a window and under a model filter: the exact answer where a window cuts a session. */
import { type Digest, type ModelKey, UNDATED } from '../compute/digest.ts';
import { COST, MESSAGES, RECORDS, TOTAL_TOKENS, VIEW_COLUMNS } from '../compute/figures.ts';
import { type Milliseconds, QUARTER_MS, type QuarterHour } from '../units.ts';
import type { ModelFilter } from './filters.ts';
import { compareNames } from './names.ts';

/** A half-open span of quarter hours; `undated` says whether records without a timestamp count too. */
export interface Span {
  readonly start: QuarterHour;
  readonly end: QuarterHour;
  readonly undated: boolean;
}

export function spanOf(window: { start: Milliseconds; end: Milliseconds; range: string | null }): Span {
  return {
    start: Math.floor(window.start / QUARTER_MS),
    end: Math.ceil(window.end / QUARTER_MS),
    undated: window.range === 'all',
  };
}

export function inSpan(span: Span, quarter: QuarterHour): boolean {
  return quarter === UNDATED ? span.undated : quarter >= span.start && quarter < span.end;
}

export class SessionSum {
  readonly figures = new Float64Array(VIEW_COLUMNS);
  userMessages = 0;
  /** Whether anything counted. */
  counted = false;
  first: Milliseconds | null = null;
  last: Milliseconds | null = null;

  add(other: SessionSum): void {
    for (let at = 0; at < VIEW_COLUMNS; at++) {
      this.figures[at] = (this.figures[at] as number) + (other.figures[at] as number);
    }
    this.userMessages += other.userMessages;
    this.counted ||= other.counted;
    this.extend(other.first, other.last);
  }

  extend(first: Milliseconds | null, last: Milliseconds | null): void {
    if (first !== null && (this.first === null || first < this.first)) this.first = first;
    if (last !== null && (this.last === null || last > this.last)) this.last = last;
  }
}

/**
 * Adds what counts of a cell of figures at `base`. Under a model filter a user message counts only for its usage,
 * and only assistant messages bring tool calls, errors and latencies.
 */
export function addCell(
  target: Float64Array,
  targetBase: number,
  source: Float64Array,
  base: number,
  usageOnly: boolean,
): void {
  const columns = usageOnly ? MESSAGES : VIEW_COLUMNS;
  for (let at = 0; at < columns; at++) {
    target[targetBase + at] = (target[targetBase + at] as number) + (source[base + at] as number);
  }
}

/** Sums the cells of a digest that lie in the span and pass the filter. */
export function sumDigest(digest: Digest, span: Span, filter: ModelFilter): SessionSum {
  const sum = new SessionSum();
  const passes = digest.models.map((model) => filter === null || filter(model));
  for (const [quarter, models] of digest.cells) {
    if (!inSpan(span, quarter)) continue;
    const activity = digest.activity.get(quarter);
    if (activity !== undefined) sum.extend(activity.first, activity.last);
    for (const [model, cell] of models) {
      if (!passes[model]) continue;
      const isUser = digest.models[model]?.role === 'user';
      const usageOnly = isUser && filter !== null;
      addCell(sum.figures, 0, cell.figures, 0, usageOnly);
      if (isUser && !usageOnly) sum.userMessages += cell.figures[MESSAGES] as number;
      if (!usageOnly || (cell.figures[RECORDS] as number) > 0) sum.counted = true;
    }
  }
  return sum;
}

/** The (provider, model) with most tokens in the span, ties by cost and then by name; null when none was used. */
export function mainModel(digests: readonly Digest[], span: Span, filter: ModelFilter): NamedFigures | null {
  return (
    modelFigures(digests, span, filter).sort(
      (a, b) =>
        (b.figures[TOTAL_TOKENS] as number) - (a.figures[TOTAL_TOKENS] as number) ||
        (b.figures[COST] as number) - (a.figures[COST] as number) ||
        compareNames(a, b),
    )[0] ?? null
  );
}

export interface NamedFigures {
  readonly provider: string | null;
  readonly model: string | null;
  readonly figures: Float64Array;
}

/** Usage by (provider, model) over digests, of those with any; in no order. */
export function modelFigures(digests: readonly Digest[], span: Span, filter: ModelFilter): NamedFigures[] {
  const sums = new Map<string, NamedFigures>();
  for (const digest of digests) {
    for (const [quarter, models] of digest.cells) {
      if (!inSpan(span, quarter)) continue;
      for (const [index, cell] of models) {
        const model = digest.models[index] as ModelKey;
        if ((cell.figures[RECORDS] as number) === 0 || (filter !== null && !filter(model))) continue;
        const key = JSON.stringify([model.provider, model.model]);
        const sum = sums.get(key) ?? {
          provider: model.provider,
          model: model.model,
          figures: new Float64Array(VIEW_COLUMNS),
        };
        addCell(sum.figures, 0, cell.figures, 0, true);
        sums.set(key, sum);
      }
    }
  }
  return [...sums.values()];
}
