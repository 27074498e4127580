/** The number of instances with a counted record in a window after all filters. */
import { matchesFiling, modelFilterOf } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import type { Filters } from './query.ts';
import { spanOf } from './session-sum.ts';
import { sumTranscript } from './transcript-sum.ts';
import type { Window } from './window.ts';

export function countSessions(state: KeptState, filters: Filters, window: Window): number {
  const span = spanOf(window);
  const filter = modelFilterOf(filters);
  let count = 0;
  for (const rows of state.catalog.instances().values()) {
    const counts = rows.some(
      (row) =>
        row.folded !== null &&
        matchesFiling(filters, row.folded.filing) &&
        sumTranscript(state, row, span, filter).counted,
    );
    if (counts) count++;
  }
  return count;
}
