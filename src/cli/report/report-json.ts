/** A report as JSON, with the field names of `ccusage openclaw … --json` where they mean the same (docs/cli.md). */
import type { Totals } from '../../snapshot/shapes.ts';
import type { Report, ReportRow } from './report.ts';

/** The text, with its last newline. `service`: the address of the service that was asked, null for a reading of our own. */
export function jsonOf(
  { kind, rows, totals, matches, window, missing, snapshot }: Report,
  service: string | null,
): string {
  const answer = {
    [kind]: rows.map(jsonRow),
    totals: jsonTotals(totals),
    matches,
    window,
    costBasis: 'list prices',
    missingPrices: missing?.map(({ model, provider, records, tokens }) => ({
      modelName: model,
      provider,
      records,
      totalTokens: tokens,
    })),
    snapshot,
    service,
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** The tokens and the cost as ccusage calls them, and how far the cost can be relied on. */
export function jsonTotals(totals: Totals) {
  const { input, output, cacheRead, cacheWrite, totalTokens, cost, records, estimated, missing, retained } = totals;
  return {
    inputTokens: input,
    outputTokens: output,
    cacheCreationTokens: cacheWrite,
    cacheReadTokens: cacheRead,
    totalTokens,
    totalCost: cost,
    records,
    estimatedRecords: estimated,
    recordsWithoutPrice: missing,
    retainedRecords: retained.records,
  };
}

function jsonRow({ about, totals, models }: ReportRow) {
  return {
    ...about,
    ...jsonTotals(totals),
    ...(models === null
      ? {}
      : { modelsUsed: models.flatMap(({ modelName }) => modelName ?? []), modelBreakdowns: models }),
  };
}
