/** The first page: what was used and what it cost in the window. */
import { count, dollars } from '../../src/page/format.ts';
import { tilesOf } from '../../src/page/overview.ts';
import { type PageRoute, usageAddress } from '../../src/page/route.ts';
import type { SnapshotHead, UsageFigures } from '../../src/snapshot/shapes.ts';
import { useAnswer } from './answers.ts';
import { Budgets } from './budgets-card.tsx';
import { ChartCard } from './chart-card.tsx';
import { HeatMap } from './heat-map.tsx';
import { place, timeZone } from './place.ts';
import { Refused, Waiting } from './placeholders.tsx';
import { TotalsTable } from './totals-table.tsx';

export type UsageAnswer = UsageFigures & { readonly snapshot: SnapshotHead };

export function Overview() {
  const route: PageRoute = place.value;
  const { answer, problem, outdated } = useAnswer<UsageAnswer>(usageAddress(route, timeZone.value));
  if (problem !== null) return <Refused problem={problem} />;
  if (answer === null) return <Waiting />;
  return (
    <div class={outdated ? 'outdated' : ''} aria-busy={outdated}>
      <Tiles answer={answer} />
      <MissingPrices answer={answer} />
      <Budgets />
      <ChartCard answer={answer} />
      <div class="tables">
        <TotalsTable
          title="Models"
          heading="Model"
          dimension="model"
          rows={answer.byModel.map(({ provider, model, totals }) => ({ name: model, detail: provider, totals }))}
        />
        <TotalsTable
          title="Agents"
          heading="Agent"
          dimension="agent"
          rows={answer.byAgent.map(({ agent, totals }) => ({ name: agent, totals }))}
        />
        <TotalsTable
          title="Channels"
          heading="Channel"
          dimension="channel"
          rows={answer.byChannel.map(({ channel, totals }) => ({ name: channel, totals }))}
        />
        <TotalsTable
          title="Kinds of session"
          heading="Kind"
          dimension="kind"
          rows={answer.byKind.map(({ kind, totals }) => ({ name: kind, totals }))}
        />
        <TotalsTable
          title="Providers"
          heading="Provider"
          dimension="provider"
          rows={answer.byProvider.map(({ provider, totals }) => ({ name: provider, totals }))}
        />
        <ToolsTable tools={answer.tools} />
      </div>
      <HeatMap window={answer.window} />
      <Remarks answer={answer} />
    </div>
  );
}

/** The browser notes when it paints them first, here or in the page's own markup. */
const MEASURED = { elementtiming: 'figure' };

function Tiles({ answer }: { answer: UsageAnswer }) {
  return (
    <section class="tiles" aria-label="Totals">
      {tilesOf(answer).map(({ title, text, value, change, note }) => (
        <article key={title} class="tile">
          <h2>{title}</h2>
          <p class="figure" {...MEASURED}>
            <data value={value ?? ''} title={value === null ? undefined : String(value)}>
              {text}
            </data>
          </p>
          {/* What is still to be read lies mostly in the past. */}
          <p class="change">{answer.snapshot.state === 'warming' ? null : change}</p>
          <p class="note">{note}</p>
        </article>
      ))}
    </section>
  );
}

function MissingPrices({ answer }: { answer: UsageAnswer }) {
  const { missing } = answer.prices;
  if (missing.length === 0) return null;
  const shown = missing.slice(0, 3).map(({ provider, model }) => `${provider ?? 'unknown'}/${model ?? 'unknown'}`);
  const others = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return (
    <p class="notice price">
      No price is known of <b>{shown.join(', ')}</b>
      {others}: their {count(answer.totals.missing)} calls are not in the cost. Prices go into <code>models</code> of
      OpenClaw's configuration, or into <code>prices</code> of Clawgauge's.
    </p>
  );
}

export function ToolsTable({ tools }: { tools: UsageAnswer['tools'] }) {
  return (
    <section class="card">
      <header>
        <h2>Tools</h2>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col">Calls</th>
          </tr>
        </thead>
        <tbody>
          {tools.tools.slice(0, 12).map((tool) => (
            <tr key={tool.name}>
              <th scope="row">{tool.name}</th>
              <td>
                <data value={tool.count}>{count(tool.count)}</data>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {tools.calls === 0 ? <p class="empty">No tool was called.</p> : null}
      {tools.unique > 12 ? <p class="note">and {tools.unique - 12} more</p> : null}
    </section>
  );
}

/** What the totals hold that is not plain. */
function Remarks({ answer: { totals, undated, future } }: { answer: UsageAnswer }) {
  const remarks = [
    totals.estimated > 0 &&
      `${count(totals.estimated)} of ${count(totals.records)} calls recorded no cost: theirs is estimated from their tokens.`,
    totals.retained.records > 0 &&
      `${count(totals.retained.records)} calls for ${dollars(totals.retained.cost)} are kept from transcripts that were deleted.`,
    undated !== null &&
      undated.records > 0 &&
      `${count(undated.records)} calls for ${dollars(undated.cost)} have no date: they are in the totals and not in the chart.`,
    future > 0 && `${count(future)} calls are dated in the future, and count when their time has come.`,
  ].filter((remark) => remark !== false);
  if (remarks.length === 0) return null;
  return (
    <section class="card remarks">
      <header>
        <h2>In these figures</h2>
      </header>
      <ul>
        {remarks.map((remark) => (
          <li key={remark}>{remark}</li>
        ))}
      </ul>
    </section>
  );
}
