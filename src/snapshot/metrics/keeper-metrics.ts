/**
 * The keeper's part of the metrics, as text: usage as counters that the ledger keeps, what the figures lack, budgets. Only what
 * the ledger has written is shown, so that no counter is smaller after a crash than somebody saw it before.
 */
import { AMOUNTS, type Counter, type CounterLedger } from '../../cache/counter-ledger.ts';
import type { Clock } from '../../clock.ts';
import { type Milliseconds, quarterOf } from '../../units.ts';
import type { Rollup } from '../rollup.ts';
import type { RollupSums } from '../rollup-sum.ts';
import type { BudgetRow } from '../shapes.ts';
import { dollars } from '../totals.ts';
import { budgetText } from './budget-metrics.ts';
import { CellSum } from './cell-sum.ts';
import { metric, type Sample, single } from './exposition.ts';
import { advanced } from './usage-counters.ts';

/** Far more often than anybody scrapes. */
const WRITE_EVERY: Milliseconds = 5_000;

export interface MetricsParts {
  readonly counters: CounterLedger;
  readonly sums: RollupSums;
  readonly state: { readonly rollup: Rollup; readonly version: number };
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly budgets: (now: Milliseconds) => readonly BudgetRow[];
}

export class KeeperMetrics {
  readonly #parts: MetricsParts;
  /** As the ledger has them; null until they are read. */
  #counters: readonly Counter[] | null = null;
  /** The state and the time that were last shown: budgets change with the quarter hour too. */
  #shown = '';
  #writtenAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #text = '';
  #version = 0;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
  }

  get text(): string {
    return this.#text;
  }

  /** Raised whenever the text changes; 0 before the first. */
  get version(): number {
    return this.#version;
  }

  /** Counts what the rollup holds, if it changed and the last time is long enough ago. Only for figures that lack nothing. */
  update(now: Milliseconds): void {
    const { counters: ledger, sums, state, clock, budgets } = this.#parts;
    const source = `${state.version} ${quarterOf(now)}`;
    if (this.#shown === source) return;
    const { combinations } = state.rollup;
    // Asked for each time, so that it is kept up to date and not added up anew.
    const sum = sums.of('cells', () => new CellSum(combinations.items));
    if (clock.monotonic() - this.#writtenAt < WRITE_EVERY) return;
    this.#writtenAt = clock.monotonic();
    this.#counters ??= ledger.load() ?? null;
    if (this.#counters === null) return;
    const next = advanced(this.#counters, sum.cells());
    if (!ledger.save(changed(this.#counters, next))) return;
    this.#counters = next;
    this.#shown = source;
    this.#text = textOf(next, sum.missing) + budgetText(budgets(now));
    this.#version++;
  }
}

/** Those that are not as they were; `advanced` keeps the order of those that there were. */
function changed(before: readonly Counter[], after: readonly Counter[]): Counter[] {
  return after.filter(({ counted, seen }, at) => {
    const known = before[at];
    return (
      known === undefined || !AMOUNTS.every((_, i) => counted[i] === known.counted[i] && seen[i] === known.seen[i])
    );
  });
}

const TOKENS = AMOUNTS.flatMap((type, at) => (type === 'records' || type === 'cost' ? [] : [{ type, at }]));
const RECORDS = AMOUNTS.indexOf('records');
const COST = AMOUNTS.indexOf('cost');

function textOf(counters: readonly Counter[], missing: number): string {
  const by = (at: number, factor = (value: number) => value) =>
    counters.map(({ labels, counted }): Sample => [{ ...labels }, factor(counted[at] as number)]);
  return [
    metric(
      'clawgauge_tokens_total',
      'counter',
      'Tokens used.',
      counters.flatMap(({ labels, counted }) =>
        TOKENS.map(({ type, at }): Sample => [{ ...labels, type }, counted[at] as number]),
      ),
    ),
    metric('clawgauge_cost_usd_total', 'counter', 'Cost in US dollars at list prices.', by(COST, dollars)),
    metric('clawgauge_usage_records_total', 'counter', 'Usage records, one for each answer of a model.', by(RECORDS)),
    single(
      'clawgauge_records_without_price',
      'gauge',
      'Usage records that no price is known for: not in the cost.',
      missing,
    ),
  ].join('');
}
