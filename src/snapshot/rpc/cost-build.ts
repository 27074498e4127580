/** Builds the answer to `usage.cost`: what an agent's transcripts cost, and on which day. */
import { type Cell, type Digest, type ModelKey, UNDATED } from '../../compute/digest.ts';
import { RECORDS } from '../../compute/figures.ts';
import { QUARTER_MS } from '../../units.ts';
import type { KeptState } from '../kept-state.ts';
import { inSpan } from '../session-sum.ts';
import { DAY_MS, type DayNumber } from '../zone.ts';
import { type CallBuild, PAUSE } from './call-build.ts';
import { CostSum } from './cost-sum.ts';
import { dayName } from './day-name.ts';
import { entryOf } from './model-sum.ts';
import type { CostCall } from './rpc-query.ts';
import type { UsageRules } from './session-usage.ts';
import { usageRules } from './usage-rules.ts';

/** 2026.9 lists days without usage, too, up to a year. */
const MOST_FILLED_DAYS = 366;

/** The members between `updatedAt` and `cacheStatus`. */
export function* costBuild(state: KeptState, query: CostCall): CallBuild {
  const rules = usageRules(query);
  const days = new Map<DayNumber, CostSum>();
  for (const agent of query.agents) {
    for (const row of state.catalog.rows.stores.get(agent)?.rows() ?? []) {
      if (row.folded === null) continue;
      addDays(days, state.digestOf(row), rules);
      yield PAUSE;
    }
  }
  const totals = new CostSum();
  for (const cost of days.values()) totals.add(cost);
  if (query.dialect === '2026.9') fillDays(days, query, rules);
  const daily = [...days].sort(([a], [b]) => a - b).map(([day, cost]) => ({ date: dayName(day), ...cost.totals() }));
  return Buffer.from(JSON.stringify({ days: numberOfDays(query, rules), daily, totals: totals.totals() }).slice(1, -1));
}

function addDays(days: Map<DayNumber, CostSum>, digest: Digest, { dialect, span, zone }: UsageRules): void {
  for (const [quarter, cells] of digest.cells) {
    if (quarter === UNDATED || !inSpan(span, quarter)) continue;
    const day = zone.dayOf(quarter * QUARTER_MS);
    for (const [index, { figures }] of cells as Map<number, Cell>) {
      if (dialect === '2026.5' && figures[RECORDS] === 0) continue;
      entryOf(days, day, () => new CostSum()).addCell(figures, digest.models[index] as ModelKey, dialect);
    }
  }
}

/** 2026.5 counts one day more than the calendar does. */
function numberOfDays({ dialect, window }: CostCall, rules: UsageRules): number {
  const { startMs, endMs } = window;
  if (dialect === '2026.5') return Math.ceil((endMs - startMs) / DAY_MS) + 1;
  return rules.zone.dayOf(endMs) - rules.zone.dayOf(startMs) + 1;
}

function fillDays(days: Map<DayNumber, CostSum>, query: CostCall, rules: UsageRules): void {
  const count = numberOfDays(query, rules);
  if (count > MOST_FILLED_DAYS) return;
  const first = rules.zone.dayOf(query.window.startMs);
  for (let day = first; day < first + count; day++) entryOf(days, day, () => new CostSum());
}
