/** The number of instances with a counted record in a window after all filters. */
import type { TranscriptRow } from './catalog.ts';
import { type ModelFilter, matchesFiling, modelFilterOf } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import type { Filters } from './query.ts';
import { type Span, spanOf } from './session-sum.ts';
import { counts } from './transcript-sum.ts';
import type { Window } from './window.ts';

export function countSessions(state: KeptState, filters: Filters, window: Window): number {
  const span = spanOf(window);
  const filter = modelFilterOf(filters);
  let count = 0;
  for (const rows of state.catalog.instances.all()) {
    const matching = rows.filter(({ folded }) => folded !== null && matchesFiling(filters, folded.filing));
    if (isCounted(state, matching, span, filter)) count++;
  }
  return count;
}

/** Whether any of the transcripts counts in the span. */
export function isCounted(state: KeptState, rows: readonly TranscriptRow[], span: Span, filter: ModelFilter): boolean {
  return rows.some((row) => counts(state, row, span, filter));
}
