/** What an export is asked with. */
import { canonicalFilters, completeWindow, type FilterChoice, type Filters, type WindowChoice } from '../query.ts';
import type { WindowQuery } from '../window.ts';

export const EXPORTED = ['usage', 'sessions'] as const;
export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportQuery extends WindowQuery {
  /** Usage by step of the window and all dimensions, or one row for each session that counts. */
  readonly what: (typeof EXPORTED)[number];
  readonly format: ExportFormat;
  readonly filters: Filters;
}

/** The question for an export, with the defaults filled in. */
export function exportQuery(
  window: WindowChoice,
  filters: FilterChoice = {},
  { what = 'usage', format = 'csv' }: Partial<Pick<ExportQuery, 'what' | 'format'>> = {},
): ExportQuery {
  return { ...completeWindow(window), filters: canonicalFilters(filters), what, format };
}
