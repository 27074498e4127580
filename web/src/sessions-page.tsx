/** Sessions, page by page: sorted, searched and filtered by the service. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { count } from '../../src/page/format.ts';
import { SORTS, sessionsAddress } from '../../src/page/route.ts';
import type { SessionRow, SessionsFigures, SnapshotHead } from '../../src/snapshot/shapes.ts';
import { useAnswer } from './answers.ts';
import { sessionsCsv } from './csv.ts';
import { Export } from './export.tsx';
import { Cost, Count } from './figures.tsx';
import { momentOf } from './moments.ts';
import { follow, go, hrefOf, keep, place, step, timeZone } from './place.ts';
import { Refused, Waiting } from './placeholders.tsx';
import { Scroll } from './scroll.tsx';

type SessionsAnswer = SessionsFigures & { readonly snapshot: SnapshotHead };

const SORT_WORDS = { updated: 'Last activity', cost: 'Cost', tokens: 'Tokens' };
const SEARCH_AFTER = 250;
const PAGE = 50;

export function SessionsPage() {
  const { cursors } = step.value;
  const setCursors = (cursors: readonly (string | null)[]) => keep({ cursors });
  const cursor = cursors.at(-1) ?? null;
  const { answer, problem, outdated } = useAnswer<SessionsAnswer>(sessionsAddress(place.value, timeZone.value, cursor));
  const expired = problem?.code === 'cursor_expired';
  useEffect(() => {
    if (expired) keep({ cursors: [null] });
  }, [expired]);
  useWayBack(answer !== null);
  /** Of the rows on the screen, which stay while the next page is on its way. */
  const first = useRef(0);
  if (!outdated) first.current = (cursors.length - 1) * PAGE;
  return (
    <section class={`card wide ${outdated ? 'outdated' : ''}`} aria-busy={outdated}>
      <header>
        <h2>Sessions {answer === null ? null : <small>{count(answer.matches)} in this window</small>}</h2>
        <Search />
        {answer === null ? null : (
          <Export name="sessions" csv={() => sessionsCsv(answer.sessions)} json={() => answer} />
        )}
      </header>
      {problem !== null && !expired ? <Refused problem={problem} /> : null}
      {answer === null ? problem === null ? <Waiting /> : null : <SessionsTable answer={answer} />}
      {answer === null || answer.matches === 0 ? null : (
        <nav class="pages" aria-label="Pages of sessions">
          <button type="button" disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
            Previous
          </button>
          <span>
            {count(first.current + 1)} to {count(first.current + answer.sessions.length)} of {count(answer.matches)}
          </span>
          <button
            type="button"
            disabled={answer.next === null}
            onClick={() => answer.next !== null && setCursors([...cursors, answer.next])}
          >
            Next
          </button>
        </nav>
      )}
    </section>
  );
}

/** Who comes back finds the list where it was left, as soon as it is there. */
function useWayBack(isThere: boolean): void {
  useLayoutEffect(() => {
    const { scrolled } = step.peek();
    if (isThere && scrolled > 0) scrollTo(0, scrolled);
  }, [isThere]);
}

function SessionsTable({ answer: { sessions, totals } }: { answer: SessionsAnswer }) {
  return (
    <Scroll label="Sessions">
      <table class="sessions">
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Agent</th>
            <th scope="col">Channel</th>
            <th scope="col">Model</th>
            {SORTS.map((sort) => (
              <SortHeading key={sort} sort={sort} />
            ))}
            <th scope="col">Messages</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <SessionLine key={`${session.agent}/${session.sessionId}`} session={session} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={5}>
              All matches
            </th>
            <td>
              <Cost totals={totals} />
            </td>
            <td>
              <Count value={totals.totalTokens} />
            </td>
            <td />
          </tr>
        </tfoot>
      </table>
      {sessions.length === 0 ? <p class="empty">No session matches.</p> : null}
    </Scroll>
  );
}

function SessionLine({ session }: { session: SessionRow }) {
  const { agent, sessionId, key, label, kind, channel, model, lastActivity, totals, messages, retained } = session;
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf({ page: 'session', session: `${agent}/${sessionId}`, q: '' })} onClick={follow}>
          {label ?? key ?? sessionId}
        </a>
        <small>
          {kind}
          {retained ? ', deleted' : ''}
          {label === null ? '' : `, ${key ?? sessionId}`}
        </small>
      </th>
      <td>{agent}</td>
      <td>{channel}</td>
      <td>{model ?? ''}</td>
      <td>{momentOf(lastActivity)}</td>
      <td>
        <Cost totals={totals} />
      </td>
      <td>
        <Count value={totals.totalTokens} />
      </td>
      <td>
        <Count value={messages.total} />
      </td>
    </tr>
  );
}

function SortHeading({ sort }: { sort: (typeof SORTS)[number] }) {
  const chosen = place.value.sort === sort;
  return (
    <th scope="col" aria-sort={chosen ? 'descending' : undefined}>
      <a href={hrefOf({ sort })} onClick={follow}>
        {SORT_WORDS[sort]}
        {chosen ? ' ↓' : ''}
      </a>
    </th>
  );
}

function Search() {
  const timer = useRef(0);
  return (
    <label class="search">
      <span class="hidden">Search for key, label or id</span>
      <input
        type="search"
        placeholder="Search for key, label or id"
        maxLength={200}
        defaultValue={place.value.q}
        onInput={(event) => {
          const q = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = window.setTimeout(() => go({ q }, true), SEARCH_AFTER);
        }}
      />
    </label>
  );
}
