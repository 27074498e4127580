/** What a keeper's report says to those outside: the work since the last one, and what it could not do. */
import type { Problem } from '../compute/transcript.ts';
import type { KeeperReport } from './keeper-calls.ts';
import type { RefreshRecord } from './refresh-record.ts';

/** What the digest cache was used for since the last report of the same keeper. */
export function cacheWork({ incarnation, digests }: KeeperReport, last: KeeperReport | null): RefreshRecord['cache'] {
  const before = last?.incarnation === incarnation ? last.digests : null;
  const { hits, misses } = digests;
  return {
    hits: hits - (before?.hits ?? 0),
    misses: {
      cold: misses.cold - (before?.misses.cold ?? 0),
      capacity: misses.capacity - (before?.misses.capacity ?? 0),
      stale: misses.stale - (before?.misses.stale ?? 0),
    },
  };
}

/** What the keeper could not do, apart from reading transcripts. */
export function keeperProblems({ store, ledger, notices, lost }: KeeperReport): Problem[] {
  return [
    ...problem('digest_store_unavailable', 'digests.sqlite', store.problem),
    ...problem('ledger_unavailable', 'ledger.sqlite', ledger?.problem),
    ...problem('ledger_damaged', 'ledger.sqlite', ledger?.movedAside),
    ...problem('notice_undelivered', 'notices', notices?.failed ? `given up: ${notices.failed}` : null),
    ...lost,
  ];
}

/** None without a detail. */
export function problem(code: Problem['code'], subject: string, detail: string | null | undefined): Problem[] {
  return detail ? [{ code, agent: null, subject, detail }] : [];
}
