/**
 * How much a session sends along with each call, over its whole life: what has been said comes with every one, until
 * OpenClaw makes it shorter. From its transcripts, whatever the window.
 */
import { dollars } from '../../src/page/format.ts';
import { timeseriesAddress } from '../../src/page/route.ts';
import type { SnapshotHead } from '../../src/snapshot/shapes.ts';
import { useAnswer } from './answers.ts';
import type { Layer } from './chart-layers.ts';
import { Count } from './figures.tsx';
import { momentOf, timeWithin } from './moments.ts';
import { place } from './place.ts';
import { Plot } from './plot.tsx';
import { ChartAsTable } from './series-table.tsx';

/** Some calls that follow each other; as /v1/sessions/{key}/timeseries has them. */
interface Point {
  readonly start: number;
  readonly end: number;
  readonly records: number;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cumulativeTokens: number;
  readonly cumulativeCost: number;
}

interface GrowthAnswer {
  readonly snapshot: SnapshotHead;
  readonly points: readonly Point[];
  readonly partial: boolean;
}

export function SessionGrowth() {
  const { answer } = useAnswer<GrowthAnswer>(timeseriesAddress(place.value));
  if (answer === null || answer.points.length < 2) return null;
  const { points, partial } = answer;
  const values = points.map(sentWithOne);
  const total = values.reduce((sum, value) => sum + value, 0);
  const layers: Layer[] = [{ name: 'sent with a call', values, total, priced: 'all', color: 0 }];
  const span = (points.at(-1)?.end ?? 0) - (points[0]?.start ?? 0);
  return (
    <section class="card chart growth">
      <header>
        <h2>
          Sent with each call <small>tokens of input, over the whole session</small>
        </h2>
        {partial ? <p class="note">It is long: this is a part of it.</p> : null}
      </header>
      <Plot
        label="Tokens that were sent with each call; the same as a table is below."
        measure="tokens"
        steps={points.map(({ start }) => timeWithin(start, span))}
        layers={layers}
      />
      <ChartAsTable
        of="Sent with each call"
        headings={['From', 'Calls', 'Sent with each', 'Tokens so far', 'Cost so far']}
      >
        {points.map((point) => (
          <tr key={point.start}>
            <th scope="row">{momentOf(point.start)}</th>
            <td>
              <Count value={point.records} />
            </td>
            <td>
              <Count value={Math.round(sentWithOne(point))} />
            </td>
            <td>
              <Count value={point.cumulativeTokens} />
            </td>
            <td>{dollars(point.cumulativeCost)}</td>
          </tr>
        ))}
      </ChartAsTable>
    </section>
  );
}

function sentWithOne({ input, cacheRead, cacheWrite, records }: Point): number {
  return records === 0 ? 0 : (input + cacheRead + cacheWrite) / records;
}
