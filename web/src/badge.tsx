/** How fresh the figures are: a state, and an age that counts by itself. */
import { duration, shortCount } from '../../src/page/format.ts';
import { head, now, offlineSince } from './live.ts';

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
  if (latest === null) return { state: 'warming', text: 'Reading transcripts' };
  const { state, verifiedAt, staleAt, coverage } = latest;
  // The service says so too, when it is asked again.
  if (state === 'fresh' && now.value > staleAt) return { state: 'stale', text: `Stale, ${age(verifiedAt)} old` };
  switch (state) {
    case 'fresh':
      return { state, text: `Up to date, ${age(verifiedAt)} ago` };
    case 'stale':
      return { state, text: `Stale, ${age(verifiedAt)} old` };
    case 'warming': {
      const read = coverage.transcripts - coverage.pending;
      return { state, text: `Reading: ${shortCount(read)} of ${shortCount(coverage.transcripts)}` };
    }
    case 'degraded':
      return { state, text: `Degraded, ${age(verifiedAt)} old` };
  }
}

/** Whole seconds, so that it counts and does not flicker. */
function age(since: number): string {
  const ms = Math.max(0, now.value - since);
  return ms < 99_500 ? `${Math.floor(ms / 1_000)} s` : duration(ms);
}
