/** One session: when it was used, with what, and by which models and tools. */
import { count, duration } from '../../src/page/format.ts';
import { windowWords } from '../../src/page/overview.ts';
import { sessionAddress } from '../../src/page/route.ts';
import type { SessionFigures, SessionRow, SnapshotHead } from '../../src/snapshot/shapes.ts';
import { useAnswer } from './answers.ts';
import { MeasureChoice } from './chart-card.tsx';
import { stepWords, wholeLayer } from './chart-layers.ts';
import { ContextWeightCard } from './context-weight.tsx';
import { usageCsv } from './csv.ts';
import { Export } from './export.tsx';
import { facts } from './facts.ts';
import { amount, Cost, Count } from './figures.tsx';
import { momentOf } from './moments.ts';
import { ToolsTable } from './overview.tsx';
import { followBack, hrefOf, place, timeZone } from './place.ts';
import { Refused, Waiting } from './placeholders.tsx';
import { Plot } from './plot.tsx';
import { SeriesTable } from './series-table.tsx';
import { SessionGrowth } from './session-growth.tsx';
import { SessionLog } from './session-log.tsx';
import { TotalsTable } from './totals-table.tsx';

type SessionAnswer = SessionFigures & { readonly snapshot: SnapshotHead };

export function SessionPage() {
  const { answer, problem, outdated } = useAnswer<SessionAnswer>(sessionAddress(place.value, timeZone.value));
  const { measure } = place.value;
  const back = (
    <p class="back">
      <a href={hrefOf({ page: 'sessions', session: '' })} onClick={followBack}>
        All sessions
      </a>
    </p>
  );
  if (problem !== null || answer === null) {
    return (
      <>
        {back}
        {problem === null ? <Waiting /> : <Refused problem={problem} />}
      </>
    );
  }
  const { session, series, window, byModel, tools, latency, unreadable } = answer;
  const faults = unreadable.malformed + unreadable.cut + unreadable.capped;
  return (
    <div class={outdated ? 'outdated' : ''} aria-busy={outdated}>
      {back}
      <section class="card">
        <header>
          <h1>{session.label ?? session.key ?? session.sessionId}</h1>
        </header>
        <Facts session={session} />
      </section>
      <section class="card chart">
        <header>
          <h2>
            {windowWords(window)} <small>{window.timeZone}</small>
          </h2>
          <p class="sum">{amount(measure === 'cost' ? session.totals.cost : session.totals.totalTokens, measure)}</p>
          <MeasureChoice />
          <Export name="session" csv={() => usageCsv({ series, split: null })} json={() => answer} />
        </header>
        <Plot
          label={`${measure === 'cost' ? 'Cost' : 'Tokens'} of this session by ${window.granularity}; the same as a table is below.`}
          measure={measure}
          steps={series.map((step) => stepWords(step, window.granularity))}
          layers={[wholeLayer(series, measure)]}
        />
        <SeriesTable series={series} granularity={window.granularity} />
      </section>
      <SessionGrowth key={place.value.session} />
      <div class="tables">
        <TotalsTable
          title="Models"
          heading="Model"
          rows={byModel.map(({ provider, model, totals }) => ({ name: model, detail: provider, totals }))}
        />
        <ToolsTable tools={tools} />
        {session.key === null ? null : <ContextWeightCard sessionKey={session.key} />}
        <section class="card">
          <header>
            <h2>Messages</h2>
          </header>
          <dl>
            <Fact name="From people">{session.messages.user === null ? 'unknown' : count(session.messages.user)}</Fact>
            <Fact name="From models">{count(session.messages.assistant)}</Fact>
            <Fact name="Tool results">{count(session.messages.toolResults)}</Fact>
            <Fact name="Errors">{count(session.messages.errors)}</Fact>
            {latency === null ? null : (
              <>
                <Fact name="Half answer within">{duration(latency.p50Ms)}</Fact>
                <Fact name="95 % within">{duration(latency.p95Ms)}</Fact>
                <Fact name="Slowest">{duration(latency.maxMs)}</Fact>
              </>
            )}
            {faults === 0 ? null : <Fact name="Lines that could not be read">{count(faults)}</Fact>}
          </dl>
        </section>
      </div>
      {facts.transcripts ? <SessionLog key={place.value.session} /> : null}
    </div>
  );
}

function Facts({ session }: { session: SessionRow }) {
  const { key, agent, sessionId, kind, channel, family, instances, retained, firstActivity, lastActivity, totals } =
    session;
  return (
    <dl class="facts">
      <Fact name="Key">{key ?? 'none: no index names it'}</Fact>
      <Fact name="Agent">{agent}</Fact>
      <Fact name="Session id">{sessionId}</Fact>
      <Fact name="Kind">{kind}</Fact>
      <Fact name="Channel">{channel}</Fact>
      {instances > 1 ? <Fact name="Family">{`${family}, ${instances} sessions`}</Fact> : null}
      <Fact name="In this window">
        {firstActivity === null ? 'nothing' : `${momentOf(firstActivity)} to ${momentOf(lastActivity)}`}
      </Fact>
      <Fact name="Cost at list prices">
        <Cost totals={totals} />
      </Fact>
      <Fact name="Tokens">
        <Count value={totals.totalTokens} />
      </Fact>
      {retained ? <Fact name="Transcript">deleted; its usage is kept</Fact> : null}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
