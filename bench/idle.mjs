// The CPU of a refresh that finds nothing changed, by the number of transcripts. The timer sets the pace, and nobody asks.

import { atMost } from './lib/budget.mjs';
import { assertUsage } from './lib/expected.mjs';
import { median, round } from './lib/statistics.mjs';
import { delay } from './lib/wait.mjs';

export const name = 'idle';

const AGENTS = 9;
/** Milliseconds of CPU. */
const BUDGET = { bar: 100, stretch: 20 };
/** Transcripts at which the bar applies. */
const BAR_AT = 100_000;
const WATCHED = 60_000;

export async function run(context) {
  const sessions = Math.ceil(context.options.transcripts / AGENTS);
  const store =
    context.options.store === null
      ? await context.generated({ sessions, 'mean-kb': 2, 'max-kb': 8 })
      : await context.store('304m');
  return context.withService({ stateDirectory: store.directory }, async (service) => {
    assertUsage(store, await service.complete('/v1/usage?range=all'));
    await delay(2_000);
    const [cpu, since] = [service.cpuTime, Date.now()];
    await delay(WATCHED);
    const used = service.cpuTime - cpu;
    const refreshes = (await service.refreshes()).filter(({ startedAt }) => startedAt >= since);
    if (refreshes.some(({ folded, published }) => folded > 0 || published))
      throw new Error('expected nothing to change');
    const each = round(used / refreshes.length, 1);
    const { transcripts } = store.calibration;
    const applies = transcripts >= 0.99 * BAR_AT;
    const duration = round(median(refreshes.map((refresh) => refresh.duration)));
    return {
      rows: [
        {
          what: `CPU of a refresh, ${transcripts} transcripts unchanged`,
          measured: `${each} ms`,
          detail: `${refreshes.length} refreshes in ${WATCHED / 1000} s, of ${duration} ms each`,
          ...(applies ? atMost(each, BUDGET, ' ms') : { bar: `${BUDGET.bar} ms at ${BAR_AT}` }),
        },
        { what: 'peak RSS', measured: `${round(service.peakMemory / 2 ** 20)} MiB` },
      ],
      raw: { used, refreshes },
    };
  });
}
