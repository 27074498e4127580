/** What is wrong, why and since when: above the page, and only while something is. */
import { useEffect, useState } from 'preact/hooks';
import { errorCatalogue } from '../../src/errors.ts';
import type { StatusAnswer } from '../../src/snapshot/status.ts';
import { head, offlineSince, shownState } from './live.ts';
import { timeOf } from './moments.ts';
import { follow, hrefOf } from './place.ts';

export function Notices() {
  const latest = head.value;
  const state = shownState.value;
  if (offlineSince.value !== null) {
    return (
      <Notice tone="offline">
        The service has not answered since {timeOf(offlineSince.value)}. These are the last figures from before.
      </Notice>
    );
  }
  if (latest === null) return null;
  if (state === 'warming') {
    const { transcripts, pending } = latest.coverage;
    return (
      <Notice tone="warming">
        <label>
          Transcripts are being read for the first time; figures grow until all are.{' '}
          <progress max={Math.max(1, transcripts)} value={transcripts - pending}>
            {transcripts - pending} of {transcripts}
          </progress>
        </label>
      </Notice>
    );
  }
  if (state === 'stale') {
    return <Notice tone="stale">Nothing has been checked since {timeOf(latest.verifiedAt)}.</Notice>;
  }
  return state === 'degraded' ? <Degraded snapshot={latest.id} /> : null;
}

function Degraded({ snapshot }: { snapshot: string }) {
  const [status, setStatus] = useState<StatusAnswer | null>(null);
  useEffect(() => {
    void fetch('v1/status')
      .then((response) => (response.ok ? response.json() : null))
      .then(setStatus, () => {});
  }, [snapshot]);
  return (
    <Notice tone="degraded">
      {status === null ? 'Something keeps these figures from being complete.' : reasonOf(status)}{' '}
      <a href={hrefOf({ page: 'service' })} onClick={follow}>
        More
      </a>
    </Notice>
  );
}

function reasonOf({ shedding, failures, lastError, problems, setAside }: StatusAnswer): string {
  if (failures > 0 && lastError !== null) {
    return `The last ${failures === 1 ? 'look' : `${failures} looks`} at the stores failed (${timeOf(lastError.at)}): ${lastError.detail}.`;
  }
  const [problem] = problems;
  if (problem !== undefined) {
    const { code, agent, detail } = problem;
    return `${errorCatalogue[code].title}${agent === null ? '' : ` (of ${agent})`}: ${detail}. The figures are those of before.`;
  }
  const [aside] = setAside;
  if (aside !== undefined) {
    const others = setAside.length > 1 ? ` and ${setAside.length - 1} more` : '';
    return `A transcript of ${aside.agent}${others} cannot be read since ${timeOf(aside.since)}: ${aside.detail}.`;
  }
  if (shedding.level > 0)
    return `Less is done since ${timeOf(shedding.since)}, to stay under the memory cap: ${shedding.reason}.`;
  return 'Something keeps these figures from being complete.';
}

function Notice({ tone, children }: { tone: string; children: preact.ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role="status">
      {children}
    </div>
  );
}
