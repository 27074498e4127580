/** What a transcript counts for in a window: by its summary, and by its digest where the window or a filter cuts it. */
import type { Extent, TranscriptRow } from './catalog.ts';
import type { ModelFilter } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import { inSpan, SessionSum, type Span, sumDigest } from './session-sum.ts';

const NOTHING = new SessionSum();

/** Whether a transcript counts for anything in the span. Each dated message counts in its quarter hour. */
export function counts(state: KeptState, row: TranscriptRow, span: Span, filter: ModelFilter): boolean {
  const { extent } = row;
  if (extent === null || !touches(extent, span)) return false;
  const { firstQuarter, lastQuarter } = extent;
  const isAtEnd =
    firstQuarter !== null && lastQuarter !== null && (inSpan(span, firstQuarter) || inSpan(span, lastQuarter));
  return (filter === null && isAtEnd) || sumTranscript(state, row, span, filter).counted;
}

/** What a transcript counts for in the span; not to be changed. */
export function sumTranscript(state: KeptState, row: TranscriptRow, span: Span, filter: ModelFilter): SessionSum {
  const { extent } = row;
  if (extent === null || !touches(extent, span)) return NOTHING;
  const { firstQuarter, lastQuarter, undated } = extent;
  const dated = firstQuarter !== null && lastQuarter !== null;
  const isWhole =
    filter === null &&
    (!dated || (inSpan(span, firstQuarter) && inSpan(span, lastQuarter))) &&
    (span.undated || !undated);
  const whole = isWhole ? row.folded?.summary.whole : undefined;
  return whole ?? sumDigest(state.digestOf(row), span, filter);
}

/** Whether anything of a transcript may lie in the span. */
function touches({ firstQuarter, lastQuarter, undated }: Extent, span: Span): boolean {
  if (undated && span.undated) return true;
  return firstQuarter !== null && lastQuarter !== null && firstQuarter < span.end && lastQuarter >= span.start;
}
