/** The pages of /v1/sessions: instances or families that count in a window, in order, with totals over all of them. */
import type { Digest } from '../compute/digest.ts';
import { VIEW_COLUMNS } from '../compute/figures.ts';
import type { Milliseconds } from '../units.ts';
import type { TranscriptRow } from './catalog.ts';
import { type ModelFilter, matchesFiling, modelFilterOf } from './filters.ts';
import type { KeptState } from './kept-state.ts';
import { ListedSession, sortSessions } from './listed-session.ts';
import { compareText } from './names.ts';
import type { Filters, SessionGroup, SessionsQuery } from './query.ts';
import { addCell, mainModel, SessionSum, type Span, spanOf } from './session-sum.ts';
import type { SessionRow, SessionsFigures } from './shapes.ts';
import { messagesOf, totalsOf } from './totals.ts';
import { sumTranscript } from './transcript-sum.ts';
import { resolveWindow, type Window } from './window.ts';

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
  for (const listed of countedSessions(state, query, span)) {
    sessions.push(listed);
    addCell(totals, 0, listed.sum.figures, 0, false);
  }
  return { window, span, filter, totals, sessions: sortSessions(sessions, query.sort), shared: false };
}

/** The instances or families that count in a span and match, in no order. */
export function* countedSessions(
  state: KeptState,
  { filters, groupBy, q }: Pick<SessionsQuery, 'filters' | 'groupBy' | 'q'>,
  span: Span,
): Generator<ListedSession> {
  const filter = modelFilterOf(filters);
  for (const rows of groupsOf(state, groupBy)) {
    const matching = rows.filter((row) => passes(row, filters) && holdsText(row, q));
    const listed = listedSession(state, matching, span, filter);
    if (listed !== null) yield listed;
  }
}

/** An instance or family in a listing; null when nothing of it counts. */
export function listedSession(
  state: KeptState,
  rows: readonly TranscriptRow[],
  span: Span,
  filter: ModelFilter,
): ListedSession | null {
  const folded = rows.every((row) => row.isFolded) ? rows : rows.filter((row) => row.isFolded);
  const sum = addedUp(state, folded, span, filter);
  return sum.counted ? asListed(folded, sum) : null;
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
  return asListed(rows, addedUp(state, rows, span, filter));
}

function asListed(rows: readonly TranscriptRow[], sum: SessionSum): ListedSession {
  const sorted = rows.length === 1 ? rows : [...rows].sort(byStanding);
  const updatedAt = rows.reduce(
    (latest, { identity }) => Math.max(latest, identity.updatedAt),
    Number.NEGATIVE_INFINITY,
  );
  return new ListedSession(sorted, sum, updatedAt);
}

/** Not to be changed. */
function addedUp(state: KeptState, rows: readonly TranscriptRow[], span: Span, filter: ModelFilter): SessionSum {
  if (rows.length === 1) return sumTranscript(state, rows[0] as TranscriptRow, span, filter);
  const all = new SessionSum();
  for (const row of rows) all.add(sumTranscript(state, row, span, filter));
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
  return groupBy === 'family' ? state.catalog.families.all() : state.catalog.instances.all();
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

function passes({ folded }: TranscriptRow, filters: Filters): boolean {
  return folded !== null && matchesFiling(filters, folded.filing);
}

function holdsText(row: TranscriptRow, text: string | null): boolean {
  if (text === null) return true;
  const wanted = text.toLowerCase();
  const { key, label } = row.identity;
  return [key, label, row.sessionId].some((value) => value?.toLowerCase().includes(wanted) === true);
}
