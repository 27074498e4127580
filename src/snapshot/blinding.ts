/** Problems that keep a refresh from verifying the figures: something of the stores could not be looked into. */
import type { Problem } from '../compute/transcript.ts';

const BLINDING: ReadonlySet<string> = new Set(['state_dir_missing', 'store_unreadable']);

export function isBlinding({ code }: Problem): boolean {
  return BLINDING.has(code);
}
