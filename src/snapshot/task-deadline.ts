/** How long a scan task may take. */
import { type Bytes, MIB, type Milliseconds } from '../units.ts';

/** It grows with what the task has to read: slow disks are no fault of a transcript. */
const BYTES_PER_SECOND: Bytes = 64 * MIB;
/** Up to so many times the least one, */
const MOST_TIMES = 10;
/** and to so much of a refresh: else every refresh would end before the task that keeps it from getting on. */
const SHARE_OF_REFRESH = 1 / 2;

export interface Deadlines {
  /** The least that any task gets; at most half of the other. */
  readonly taskDeadline: Milliseconds;
  readonly refreshDeadline: Milliseconds;
}

export function scanDeadline(bytes: Bytes, { taskDeadline, refreshDeadline }: Deadlines): Milliseconds {
  const seconds = bytes / BYTES_PER_SECOND;
  const most = Math.min(taskDeadline * MOST_TIMES, refreshDeadline * SHARE_OF_REFRESH);
  return Math.min(most, Math.ceil(taskDeadline + seconds * 1000));
}
