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
/** Two refreshes. */
const SETTLED_AFTER = 20_000;
const WATCHED = 60_000;
/** Milliseconds within which every transcript is to be looked at. */
const LOOK_WITHIN = 600_000;

export async function run(context) {
  const sessions = Math.ceil(context.options.transcripts / AGENTS);
  const store =
    context.options.store === null
      ? await context.generated({ sessions, 'mean-kb': 2, 'max-kb': 8 })
      : await context.store('304m');
  return context.withService({ stateDirectory: store.directory }, async (service) => {
    assertUsage(store, await service.complete('/v1/usage?range=all'));
    // What the first refresh still does then, and the loading of the routes after it, is no refresh that finds nothing.
    await service.firstRefresh();
    await delay(SETTLED_AFTER);
    const [cpu, since] = [service.cpuTime, Date.now()];
    await delay(WATCHED);
    const used = service.cpuTime - cpu;
    const refreshes = (await service.refreshes()).filter(({ startedAt }) => startedAt >= since);
    if (refreshes.some(({ folded, published }) => folded > 0 || published))
      throw new Error('expected nothing to change');
    const { transcripts } = store.calibration;
    const looks = looksOf(refreshes, transcripts);
    const each = round(used / refreshes.length, 1);
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
        {
          what: 'longest time without a look at a transcript',
          measured: `${round(looks.oldest / 1000)} s`,
          detail: `${round(looks.each)} looks in each refresh: all of them in ${round(looks.round / 1000)} s`,
          bar: `${LOOK_WITHIN / 1000} s`,
          met: looks.oldest <= LOOK_WITHIN && looks.round <= LOOK_WITHIN,
        },
        { what: 'peak RSS', measured: `${round(service.peakMemory / 2 ** 20)} MiB` },
      ],
      raw: { used, refreshes },
    };
  });
}

/** What the refreshes say of the oldest look, and how long a round takes at the pace at which they looked. */
function looksOf(refreshes, transcripts) {
  const looked = refreshes.reduce((sum, refresh) => sum + refresh.looked, 0);
  const [first, latest] = [refreshes[0], refreshes.at(-1)];
  // The looks of the first one belong to the time before it.
  const pace = (looked - first.looked) / (latest.startedAt - first.startedAt);
  return {
    each: looked / refreshes.length,
    round: transcripts / pace,
    oldest: Math.max(...refreshes.map(({ oldestLook }) => oldestLook)),
  };
}
