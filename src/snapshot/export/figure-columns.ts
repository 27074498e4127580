/** The columns of figures, which rows of every kind end with: all that can be added up, and nothing that cannot. */
import {
  CACHE_READ,
  CACHE_READ_COST,
  CACHE_WRITE,
  CACHE_WRITE_COST,
  COST,
  ERRORS,
  ESTIMATED,
  INPUT,
  INPUT_COST,
  LATENCY_COUNT,
  LATENCY_SUM,
  MISSING,
  MISSING_TOKENS,
  OUTPUT,
  OUTPUT_COST,
  RECORDS,
  RETAINED_COST,
  RETAINED_RECORDS,
  TOOL_CALLS,
  TOOL_RESULTS,
  TOTAL_TOKENS,
} from '../../compute/figures.ts';
import { messagesOf } from '../totals.ts';
import { type Columns, type ExportRow, plainDollars } from './export-lines.ts';

const COUNTS = {
  input: INPUT,
  output: OUTPUT,
  cacheRead: CACHE_READ,
  cacheWrite: CACHE_WRITE,
  totalTokens: TOTAL_TOKENS,
  records: RECORDS,
  estimated: ESTIMATED,
  missing: MISSING,
  missingTokens: MISSING_TOKENS,
  retainedRecords: RETAINED_RECORDS,
  toolCalls: TOOL_CALLS,
  toolResults: TOOL_RESULTS,
  errors: ERRORS,
  latencyCount: LATENCY_COUNT,
  latencyMs: LATENCY_SUM,
} as const;

const DOLLARS = {
  cost: COST,
  inputCost: INPUT_COST,
  outputCost: OUTPUT_COST,
  cacheReadCost: CACHE_READ_COST,
  cacheWriteCost: CACHE_WRITE_COST,
  retainedCost: RETAINED_COST,
} as const;

const NAMES = [...Object.keys(DOLLARS), ...Object.keys(COUNTS), 'messages', 'userMessages', 'assistantMessages'];
const DOLLAR_COLUMNS = Object.values(DOLLARS);
const COUNT_COLUMNS = Object.values(COUNTS);

export const figureColumns: Columns = Object.fromEntries(NAMES.map((name) => [name, 'value']));

/** `userMessages` is null under a model filter, which leaves no meaning to it. */
export function figureCells(figures: Float64Array, userMessages: number | null): ExportRow {
  const at = (column: number) => figures[column] as number;
  const { total, user, assistant } = messagesOf(figures, userMessages);
  return [
    ...DOLLAR_COLUMNS.map((column) => plainDollars(at(column))),
    ...COUNT_COLUMNS.map(at),
    ...[total, user, assistant],
  ];
}
