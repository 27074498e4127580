/** The channel of a row's session. */
import type { CallRow } from './call-rows.ts';

/** As the entry has it, in its own case. */
export function channelOf({ entry }: Pick<CallRow, 'entry'>): string | undefined {
  return entry?.channel ?? entry?.originProvider ?? undefined;
}
