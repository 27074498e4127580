/** Sessions as rows: one for each instance that counts in a window, with what it counts for there. */
import type { Milliseconds } from '../../units.ts';
import { modelFilterOf } from '../filters.ts';
import type { KeptState } from '../kept-state.ts';
import type { Filters } from '../query.ts';
import { spanOf } from '../session-sum.ts';
import { countedSessions, sessionRow } from '../sessions-view.ts';
import type { TranscriptRow } from '../transcript-row.ts';
import type { Window } from '../window.ts';
import type { Columns, ExportRow } from './export-lines.ts';
import { figureCells, figureColumns } from './figure-columns.ts';

export const sessionColumns: Columns = {
  key: 'text',
  agent: 'text',
  sessionId: 'text',
  label: 'text',
  channel: 'text',
  kind: 'text',
  family: 'text',
  provider: 'text',
  model: 'text',
  retained: 'value',
  firstActivity: 'text',
  lastActivity: 'text',
  updatedAt: 'text',
  ...figureColumns,
};

/**
 * In no order, so that nothing has to be sorted: each row is of the moment in which it is taken, and a session that comes
 * meanwhile may be left out. Throws DigestUnavailable when a digest must be folded again first.
 */
export function* sessionRows(kept: KeptState, filters: Filters, window: Window): Generator<ExportRow> {
  const state = passingBy(kept);
  const span = spanOf(window);
  const filter = modelFilterOf(filters);
  for (const session of countedSessions(state, { filters, groupBy: 'instance', q: null }, span)) {
    const row = sessionRow(state, session, { span, filter });
    const { figures, userMessages } = session.sum;
    yield [
      ...[row.key, row.agent, row.sessionId, row.label, row.channel, row.kind, row.family, row.provider, row.model],
      String(row.retained),
      ...[row.firstActivity, row.lastActivity, row.updatedAt].map(iso),
      ...figureCells(figures, filter === null ? userMessages : null),
    ];
  }
}

/** The state for one who looks at every digest and comes back to none. */
function passingBy(state: KeptState): KeptState {
  const { rollup, catalog } = state;
  const digestInPassing = (row: TranscriptRow) => state.digestInPassing(row);
  return { rollup, catalog, activity: () => state.activity(), digestOf: digestInPassing, digestInPassing };
}

/** Null for what no Date can hold. */
function iso(ms: Milliseconds | null): string | null {
  return ms === null || !(Math.abs(ms) <= 8.64e15) ? null : new Date(ms).toISOString();
}
