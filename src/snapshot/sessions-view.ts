/** The pages of /v1/sessions: instances or families that count in a window, in order, with totals over all of them. */
import type { Digest } from '../compute/digest.ts';
import { COST, TOTAL_TOKENS, VIEW_COLUMNS } from '../compute/figures.ts';
import type { Milliseconds } from '../units.ts';
import type { TranscriptRow } from './catalog.ts';
import { type ModelFilter, matchesFiling, modelFilterOf } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import { compareText } from './names.ts';
import type { Filters, SessionGroup, SessionSort, SessionsQuery } from './query.ts';
import { addCell, mainModel, SessionSum, type Span, spanOf } from './session-sum.ts';
import type { SessionRow, SessionsFigures } from './shapes.ts';
import { messagesOf, totalsOf } from './totals.ts';
import { sumTranscript } from './transcript-sum.ts';
import { resolveWindow, type Window } from './window.ts';

/** One instance or family that counts in the window. */
export interface ListedSession {
  /** Its transcripts that passed the filters; the first one stands for it. */
  readonly rows: readonly TranscriptRow[];
  readonly sum: SessionSum;
  readonly updatedAt: Milliseconds;
}

/** All matches of a question in their order; pages are cut from it. */
export interface Listing {
  readonly window: Window;
  readonly span: Span;
  readonly filter: ModelFilter;
  readonly totals: Float64Array;
  readonly sessions: readonly ListedSession[];
  /** Whether the sessions are those of other listings too, so that this one hardly takes memory. */
  readonly shared: boolean;
}

export function listSessions(state: KeptState, query: SessionsQuery, now: Milliseconds): Listing {
  const window = resolveWindow(query, now, state.activity());
  const span = spanOf(window);
  const filter = modelFilterOf(query.filters);
  const totals = new Float64Array(VIEW_COLUMNS);
  const sessions: ListedSession[] = [];
  for (const rows of groupsOf(state, query.groupBy)) {
    const matching = rows.filter((row) => passes(row, query.filters) && holdsText(row, query.q));
    const listed = listedSession(state, matching, span, filter);
    if (listed === null) continue;
    sessions.push(listed);
    addCell(totals, 0, listed.sum.figures, 0, false);
  }
  sessions.sort(orderOf(query.sort));
  return { window, span, filter, totals, sessions, shared: false };
}

/** An instance or family in a listing; null when nothing of it counts. */
export function listedSession(
  state: KeptState,
  rows: readonly TranscriptRow[],
  span: Span,
  filter: ModelFilter,
): ListedSession | null {
  const folded = rows.every((row) => row.isFolded) ? rows : rows.filter((row) => row.isFolded);
  const listed = sumSession(state, folded, span, filter);
  return listed.sum.counted ? listed : null;
}

/** One page of a listing from `offset` on. `next` is the cursor behind it. */
export function sessionsPage(
  state: KeptState,
  listing: Listing,
  query: SessionsQuery,
  offset: number,
  cursorAt: (offset: number) => string,
): SessionsFigures {
  const end = offset + query.limit;
  return {
    window: listing.window,
    totals: totalsOf(listing.totals),
    matches: listing.sessions.length,
    sessions: listing.sessions.slice(offset, end).map((session) => shownRow(state, session, listing)),
    next: end < listing.sessions.length ? cursorAt(end) : null,
  };
}

/** Sums the transcripts of one instance or family. */
export function sumSession(
  state: KeptState,
  rows: readonly TranscriptRow[],
  span: Span,
  filter: ModelFilter,
): ListedSession {
  const sums = rows.map((row) => sumTranscript(state, row, span, filter));
  const sum = sums.length === 1 ? (sums[0] as SessionSum) : addedUp(sums);
  const sorted = rows.length === 1 ? rows : [...rows].sort(byStanding);
  return { rows: sorted, sum, updatedAt: Math.max(...rows.map((row) => row.identity.updatedAt)) };
}

function addedUp(sums: readonly SessionSum[]): SessionSum {
  const all = new SessionSum();
  for (const sum of sums) all.add(sum);
  return all;
}

/** Rows that were shown: a session that something happens to becomes another one in its listing. */
const shown = new WeakMap<ListedSession, SessionRow>();

function shownRow(state: KeptState, session: ListedSession, listing: Listing): SessionRow {
  const known = shown.get(session);
  if (known !== undefined) return known;
  const row = sessionRow(state, session, listing);
  shown.set(session, row);
  return row;
}

/** A row as the answer shows it; its model, which needs digests, is looked up here and not for the whole listing. */
export function sessionRow(
  state: KeptState,
  { rows, sum, updatedAt }: ListedSession,
  { span, filter }: { span: Span; filter: ModelFilter },
): SessionRow {
  const lead = rows[0] as TranscriptRow;
  const digests: Digest[] = rows.filter(({ isFolded }) => isFolded).map((row) => state.digestOf(row));
  const model = mainModel(digests, span, filter);
  return {
    key: lead.identity.key,
    agent: lead.agent,
    sessionId: lead.sessionId,
    label: lead.identity.label,
    channel: lead.identity.channel,
    kind: lead.identity.kind,
    family: lead.identity.family,
    instances: new Set(rows.map(({ sessionId }) => sessionId)).size,
    retained: rows.every(({ folded }) => folded?.retained === true),
    model: model?.model ?? null,
    provider: model?.provider ?? null,
    firstActivity: sum.first,
    lastActivity: sum.last,
    updatedAt,
    totals: totalsOf(sum.figures),
    messages: messagesOf(sum.figures, filter === null ? sum.userMessages : null),
  };
}

function groupsOf(state: KeptState, groupBy: SessionGroup): Iterable<readonly TranscriptRow[]> {
  return groupBy === 'family' ? state.catalog.families().values() : state.catalog.instances.all();
}

/** The transcript that stands for its session first: one that is there, the live one, then the latest. */
function byStanding(a: TranscriptRow, b: TranscriptRow): number {
  return (
    Number(a.folded?.retained === true) - Number(b.folded?.retained === true) ||
    standing(a) - standing(b) ||
    b.identity.updatedAt - a.identity.updatedAt ||
    compareText(a.sessionId, b.sessionId) ||
    compareText(a.name, b.name)
  );
}

function standing(row: TranscriptRow): number {
  if (row.class === 'primary') return 0;
  return row.class === 'topic' ? 1 : 2;
}

/** Ties by agent, then session id. */
export function orderOf(sort: SessionSort): (a: ListedSession, b: ListedSession) => number {
  const value = (session: ListedSession) => {
    if (sort === 'updated') return session.updatedAt;
    return session.sum.figures[sort === 'cost' ? COST : TOTAL_TOKENS] as number;
  };
  return (a, b) => {
    const [first, second] = [a.rows[0] as TranscriptRow, b.rows[0] as TranscriptRow];
    return (
      value(b) - value(a) || compareText(first.agent, second.agent) || compareText(first.sessionId, second.sessionId)
    );
  };
}

function passes({ folded }: TranscriptRow, filters: Filters): boolean {
  return folded !== null && matchesFiling(filters, folded.filing);
}

function holdsText(row: TranscriptRow, text: string | null): boolean {
  if (text === null) return true;
  const wanted = text.toLowerCase();
  const { key, label } = row.identity;
  return [key, label, row.sessionId].some((value) => value?.toLowerCase().includes(wanted) === true);
}
