/** What the overview says in words and figures; as markup in first-page.ts, and as components in the browser. */
import type { UsageFigures } from '../snapshot/shapes.ts';
import type { Window } from '../snapshot/window.ts';
import { change, dollars, duration, percent, shortCount } from './format.ts';

export interface Tile {
  readonly title: string;
  readonly text: string;
  /** The figure as /v1/usage has it; null where there is none. */
  readonly value: number | null;
  /** Against the window before. */
  readonly change: string | null;
  readonly note: string;
}

type OverviewFigures = Pick<
  UsageFigures,
  'window' | 'totals' | 'previous' | 'caching' | 'latency' | 'messages' | 'sessionCount'
>;

export function tilesOf({
  window,
  totals,
  previous,
  caching,
  latency,
  messages,
  sessionCount,
}: OverviewFigures): Tile[] {
  const against = ` against ${beforeWords(window)}`;
  const changeOf = (now: number, before: number | undefined) => {
    const text = before === undefined ? null : change(now, before);
    return text === null ? null : text + against;
  };
  const { missing, records } = totals;
  return [
    {
      title: 'Cost at list prices',
      text: missing > 0 && missing === records ? 'unknown' : dollars(totals.cost),
      value: totals.cost,
      change: changeOf(totals.cost, previous?.cost),
      note: missing > 0 ? `without ${shortCount(missing)} of ${shortCount(records)} calls that have no price` : '',
    },
    {
      title: 'Tokens',
      text: shortCount(totals.totalTokens),
      value: totals.totalTokens,
      change: changeOf(totals.totalTokens, previous?.totalTokens),
      note: `${shortCount(totals.output)} of them written by models`,
    },
    {
      title: 'Sessions',
      text: shortCount(sessionCount),
      value: sessionCount,
      change: null,
      note: `${shortCount(messages.total)} messages, ${shortCount(messages.toolCalls)} tool calls`,
    },
    {
      title: 'Input from cache',
      text: caching.share === null ? 'none' : percent(caching.share),
      value: caching.share,
      change: null,
      note: savedWords(caching.saved),
    },
    {
      title: 'Time to answer',
      text: latency === null ? 'unknown' : duration(latency.p50Ms),
      value: latency?.p50Ms ?? null,
      change: null,
      note: latency === null ? '' : `half are faster; 95 % within ${duration(latency.p95Ms)}`,
    },
  ];
}

/** 30 days, 7 days, 12 November, … as the heading of a chart has them. */
export function windowWords({ range, startDate, endDate }: Window): string {
  switch (range) {
    case 'today':
      return 'Today';
    case 'all':
      return 'All time';
    case '1y':
      return 'Last 365 days';
    case null:
      return startDate === endDate ? startDate : `${startDate} to ${endDate}`;
    default:
      return `Last ${range.slice(0, -1)} days`;
  }
}

function beforeWords({ range }: Window): string {
  if (range === 'today') return 'yesterday by now';
  if (range === null) return 'the same time before';
  return `the ${range === '1y' ? 365 : range.slice(0, -1)} days before`;
}

function savedWords(saved: number | null): string {
  if (saved === null) return '';
  return saved < 0 ? `caching cost ${dollars(-saved)} more` : `caching saved ${dollars(saved)}`;
}
