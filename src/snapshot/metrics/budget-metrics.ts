/** Budgets as metrics. */
import type { BudgetRow } from '../shapes.ts';
import { metric, type Sample } from './exposition.ts';

export function budgetText(rows: readonly BudgetRow[]): string {
  const gauge = (name: string, help: string, amountOf: (row: BudgetRow) => number | null) => {
    const samples = rows.flatMap((row): Sample[] => {
      const value = amountOf(row);
      return value === null ? [] : [[{ budget: row.name, per: row.per, unit: row.unit }, value]];
    });
    return metric(name, 'gauge', help, samples);
  };
  return [
    gauge('clawgauge_budget_limit', 'What may be used in a period, in its unit.', ({ limit }) => limit),
    gauge('clawgauge_budget_spent', 'What is used of it in this period.', ({ spent }) => spent),
    gauge('clawgauge_budget_spent_ratio', 'The same as a share of the limit.', ({ share }) => share),
    gauge(
      'clawgauge_budget_forecast_ratio',
      'What is expected at the end of the period, as a share of the limit.',
      ({ forecast }) => forecast?.share ?? null,
    ),
    gauge(
      'clawgauge_budget_records_without_price',
      'Usage records of the period that no price is known for: not in what is used.',
      ({ missing }) => missing,
    ),
    gauge(
      'clawgauge_budget_period_end_timestamp_seconds',
      'When the next period begins.',
      ({ period }) => period.end / 1000,
    ),
  ].join('');
}
