/** The chart of a window with its choices, its legend and its table. */
import { windowWords } from '../../src/page/overview.ts';
import { DIMENSIONS, type Measure } from '../../src/page/route.ts';
import { layersOf, stepWords } from './chart-layers.ts';
import { usageCsv } from './csv.ts';
import { Export } from './export.tsx';
import { amount } from './figures.tsx';
import type { UsageAnswer } from './overview.tsx';
import { follow, go, hrefOf, place } from './place.ts';
import { Plot } from './plot.tsx';
import { SeriesTable } from './series-table.tsx';

const SPLIT_WORDS = {
  model: 'model',
  provider: 'provider',
  agent: 'agent',
  channel: 'channel',
  kind: 'kind of session',
};

export function ChartCard({ answer }: { answer: UsageAnswer }) {
  const { split, measure } = place.value;
  const { series, window } = answer;
  const layers = layersOf(answer, measure);
  const steps = series.map((step) => stepWords(step, window.granularity));
  const choose = (first: number, last: number) => {
    const [start, end] = [series[first], series[last]];
    if (start !== undefined && end !== undefined) go({ range: null, startDate: start.date, endDate: end.date });
  };
  const what = measure === 'cost' ? 'Cost' : 'Tokens';
  return (
    <section class="card chart">
      <header>
        <h2>
          {windowWords(window)} <small>{window.timeZone}</small>
        </h2>
        <MeasureChoice />
        <label>
          by{' '}
          <select
            value={split}
            onChange={(event) =>
              go({ split: DIMENSIONS.find((name) => name === event.currentTarget.value) ?? 'model' }, true)
            }
          >
            {DIMENSIONS.map((name) => (
              <option key={name} value={name}>
                {SPLIT_WORDS[name]}
              </option>
            ))}
          </select>
        </label>
        <Export name={`usage-${window.startDate}-${window.endDate}`} csv={() => usageCsv(answer)} json={() => answer} />
      </header>
      <Plot
        label={`${what} by ${window.granularity} and ${SPLIT_WORDS[split]}; the same as a table is below.`}
        measure={measure}
        steps={steps}
        layers={layers}
        onChoose={series.length > 1 ? choose : undefined}
      />
      <ul class="legend">
        {layers.map(({ name, color, total, priced }) => (
          <li key={name} class={`swatch s${color}`}>
            <span>{name}</span>{' '}
            <b>
              {priced === 'none' ? 'no price' : amount(total, measure)}
              {priced === 'some' ? '+' : ''}
            </b>
          </li>
        ))}
      </ul>
      <SeriesTable series={series} granularity={window.granularity} />
    </section>
  );
}

/** Cost or tokens, for charts and shares alike. */
export function MeasureChoice() {
  const { measure } = place.value;
  const choices: readonly [Measure, string][] = [
    ['cost', 'Cost'],
    ['tokens', 'Tokens'],
  ];
  return (
    <nav class="segments small" aria-label="What is charted">
      {choices.map(([name, title]) => (
        <a
          key={name}
          href={hrefOf({ measure: name })}
          onClick={follow}
          aria-current={name === measure ? 'true' : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
