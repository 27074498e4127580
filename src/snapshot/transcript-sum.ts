/** What a transcript counts for in a window: by its summary, and by its digest where the window or a filter cuts it. */
import type { TranscriptRow } from './catalog.ts';
import type { ModelFilter } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import { inSpan, SessionSum, type Span, sumDigest } from './session-sum.ts';

/** Whether a transcript counts for anything in the span. Each dated message counts in its quarter hour. */
export function counts(state: KeptState, row: TranscriptRow, span: Span, filter: ModelFilter): boolean {
  const { folded } = row;
  if (folded === null) return false;
  const { firstQuarter, lastQuarter } = folded.summary;
  const isAtEnd = [firstQuarter, lastQuarter].some((quarter) => quarter !== null && inSpan(span, quarter));
  return (filter === null && isAtEnd) || sumTranscript(state, row, span, filter).counted;
}

/** What a transcript counts for in the span; not to be changed. */
export function sumTranscript(state: KeptState, row: TranscriptRow, span: Span, filter: ModelFilter): SessionSum {
  const { folded } = row;
  if (folded === null) return new SessionSum();
  const { summary } = folded;
  const dated = summary.firstQuarter !== null && summary.lastQuarter !== null;
  const overlaps =
    dated && (summary.firstQuarter as number) < span.end && (summary.lastQuarter as number) >= span.start;
  const undated = summary.undated && span.undated;
  if (!overlaps && !undated) return new SessionSum();
  const whole =
    filter === null &&
    (!dated || (inSpan(span, summary.firstQuarter as number) && inSpan(span, summary.lastQuarter as number))) &&
    summary.undated === undated;
  return whole ? summary.whole : sumDigest(state.digestOf(row), span, filter);
}
