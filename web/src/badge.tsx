/** How fresh the figures are: a state, and an age that counts by itself. */
import { duration, shortCount } from '../../src/page/format.ts';
import { head, now, offlineSince, shownState } from './live.ts';

export function Badge() {
  const { state, text } = freshness();
  return (
    <p class={`badge ${state}`} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
    </p>
  );
}

function freshness(): { state: string; text: string } {
  const latest = head.value;
  if (offlineSince.value !== null) return { state: 'offline', text: `Not connected, ${age(offlineSince.value)}` };
  const state = shownState.value;
  if (latest === null || state === null) return { state: 'warming', text: 'Reading transcripts' };
  const { verifiedAt, coverage } = latest;
  switch (state) {
    case 'warming': {
      const read = coverage.transcripts - coverage.pending;
      return { state, text: `Reading: ${shortCount(read)} of ${shortCount(coverage.transcripts)}` };
    }
    case 'stale':
      return { state, text: `Stale, ${age(verifiedAt)} old` };
    case 'degraded':
      return { state, text: `Degraded, ${age(verifiedAt)} old` };
    default:
      return { state, text: `Up to date, ${age(verifiedAt)} ago` };
  }
}

/** Whole seconds, so that it counts and does not flicker. */
function age(since: number): string {
  const ms = Math.max(0, now.value - since);
  return ms < 99_500 ? `${Math.floor(ms / 1_000)} s` : duration(ms);
}
