/** What a chart shows, as a table: folded up below it. */
import type { ComponentChildren } from 'preact';
import type { Series } from '../../src/snapshot/shapes.ts';
import { stepWords } from './chart-layers.ts';
import { Cost, Count } from './figures.tsx';
import { Scroll } from './scroll.tsx';

interface TableParts {
  /** What the chart is of. */
  readonly of: string;
  readonly headings: readonly string[];
  readonly children: ComponentChildren;
}

export function ChartAsTable({ of, headings, children }: TableParts) {
  return (
    <details class="as-table">
      <summary>The chart as a table</summary>
      <Scroll label={`${of}, as a table`}>
        <table>
          <thead>
            <tr>
              {headings.map((heading) => (
                <th key={heading} scope="col">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </Scroll>
    </details>
  );
}

export function SeriesTable({ series, granularity }: { series: Series; granularity: string }) {
  return (
    <ChartAsTable
      of="What was used"
      headings={[granularity === 'day' ? 'Day' : 'Hour', 'Cost', 'Tokens', 'Calls', 'Messages']}
    >
      {series.map((step) => (
        <tr key={step.start}>
          <th scope="row">{granularity === 'day' ? step.date : `${step.date} ${stepWords(step, 'hour')}`}</th>
          <td>
            <Cost totals={step.totals} />
          </td>
          <td>
            <Count value={step.totals.totalTokens} />
          </td>
          <td>
            <Count value={step.totals.records} />
          </td>
          <td>
            <Count value={step.messages.total} />
          </td>
        </tr>
      ))}
    </ChartAsTable>
  );
}
