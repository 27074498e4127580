// From the spawn of a service with empty directories to the first answer with nothing pending, page cache warm; in turn
// with ccusage over the same store, where that can be had. ccusage reads for one report; the service also builds every
// view and its digest store. Before anything is timed, both must count the tokens that their rules say.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { atLeast } from './lib/budget.mjs';
import { Ccusage } from './lib/ccusage.mjs';
import { assertUsage } from './lib/expected.mjs';
import { plainTokens } from './lib/plain-usage.mjs';
import { alternate } from './lib/rounds.mjs';
import { median, round } from './lib/statistics.mjs';

export const name = 'cold';

/** Times as fast as ccusage. */
const BUDGETS = { '1g': { bar: 2, stretch: 3 }, '304m': { bar: 1, stretch: 1.5 } };

export async function run(context) {
  const ccusage = await installed(context);
  const rows = [];
  const raw = {};
  for (const size of context.sizes('304m', '1g')) {
    const store = await context.store(size);
    await assertTokens(context, store, ccusage);
    raw[size] = await alternate(context.options.rounds, {
      clawgauge: () => coldStart(context, store),
      ...(ccusage === null ? {} : { ccusage: () => ccusage.daily(store.directory) }),
    });
    rows.push(...rowsOf(size, store, raw[size]));
  }
  return { rows, raw };
}

/** Also warms the page cache. */
async function assertTokens(context, store, ccusage) {
  const plain = plainTokens(store.directory);
  assert.equal((await coldStart(context, store)).tokens, plain.clawgauge, 'the tokens that a plain reading finds');
  if (ccusage === null) return;
  const { totals } = await ccusage.daily(store.directory);
  assert.equal(totals.totalTokens, plain.ccusage, 'the tokens that ccusage finds by its rules');
  const { checkpoints, besideMessage, otherSpelling } = plain;
  context.log(
    `the service counts ${plain.clawgauge} tokens, ccusage ${plain.ccusage}: it has ${checkpoints} of checkpoints too, ` +
      `and lacks ${besideMessage} of usage beside the message and ${otherSpelling} of usage in other spellings`,
  );
}

async function coldStart(context, store) {
  return context.withService({ stateDirectory: store.directory }, async (service) => {
    const listening = performance.now() - service.spawnedAt;
    await service.complete();
    const duration = performance.now() - service.spawnedAt;
    const { phases } = await service.firstRefresh();
    const usage = await service.complete('/v1/usage?range=all');
    assertUsage(store, usage);
    return { duration, listening, peak: service.peakMemory, phases, tokens: usage.totals.totalTokens };
  });
}

async function installed(context) {
  try {
    return await Ccusage.install(join(context.cacheDirectory, 'ccusage'));
  } catch (error) {
    context.log(`without ccusage: ${error.message.split('\n')[0]}`);
    return null;
  }
}

function rowsOf(size, store, { clawgauge, ccusage }) {
  const ours = median(clawgauge.map(({ duration }) => duration));
  const phases = ['inventory', 'restore', 'scan', 'publish'].map(
    (phase) => `${phase} ${round(median(clawgauge.map((run) => run.phases[phase].ms)))}`,
  );
  const listening = round(median(clawgauge.map((run) => run.listening)));
  const rate = round(store.bytes / 1e6 / ours, 2);
  const row = {
    what: `${size}: spawn to complete figures`,
    measured: `${round(ours)} ms, ${rate} GB/s, peak RSS ${peakOf(clawgauge)} MiB`,
    detail: `${timesOf(clawgauge)}; listening after ${listening}; ${phases.join(', ')} ms`,
  };
  if (ccusage === undefined) return [row];
  const theirs = median(ccusage.map(({ duration }) => duration));
  const ratio = round(theirs / ours, 2);
  const budget = BUDGETS[size];
  return [
    row,
    {
      what: `${size}: ccusage openclaw daily`,
      measured: `${round(theirs)} ms, peak RSS ${peakOf(ccusage)} MiB`,
      detail: `${timesOf(ccusage)}; it counts ${ccusage[0].totals.totalTokens} tokens, the service ${clawgauge[0].tokens}`,
    },
    {
      what: `${size}: times as fast as ccusage`,
      measured: `${ratio}`,
      ...(budget === undefined ? {} : atLeast(ratio, budget)),
    },
  ];
}

function timesOf(runs) {
  return runs.map(({ duration }) => round(duration)).join(' ');
}

/** MiB. */
function peakOf(runs) {
  return round(Math.max(...runs.map(({ peak }) => peak)) / 2 ** 20);
}
