/** How the rollup hands out its rows: in blocks, of which none has to hold all of them. */
import type { QuarterHour } from '../units.ts';

/** Rows of the rollup, or of changes to it. The arrays are only valid during the callback that got them. */
export interface RollupBlock {
  readonly rows: number;
  /** By row; UNDATED for records without a timestamp. */
  readonly quarters: ArrayLike<QuarterHour>;
  /** By row: a number in the rollup's `combinations`. */
  readonly combinations: ArrayLike<number>;
  /** row * VIEW_COLUMNS + column; differences in a block of changes. */
  readonly figures: Float64Array;
  /** `tool` is a number in the rollup's `tools`. */
  forEachTool(callback: (row: number, tool: number, calls: number) => void): void;
  /** `latency` in milliseconds. */
  forEachLatency(callback: (row: number, latency: number, count: number) => void): void;
}

/** Quarter hours from `start` to before `end`, and those records that have none. */
export interface Reach {
  readonly start: QuarterHour;
  readonly end: QuarterHour;
  readonly undated: boolean;
}
