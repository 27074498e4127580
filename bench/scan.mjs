// Scan and fold alone, in one thread: how fast the bytes of a store become digests, beside plain reading and the bare
// search for newlines over the same bytes. Each variant runs in a fresh process; the page cache is warm.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast } from './lib/budget.mjs';
import { run as runProcess, start } from './lib/children.mjs';
import { selfTimes } from './lib/profile.mjs';
import { alternate } from './lib/rounds.mjs';
import { median, round } from './lib/statistics.mjs';
import { transcriptsOf } from './lib/transcripts.mjs';

export const name = 'scan';

/** GB/s. */
const BUDGET = { bar: 1, stretch: 2.5 };
const script = fileURLToPath(new URL('./lib/scan-task.mjs', import.meta.url));

export async function run(context) {
  const store = await context.store('304m');
  const task = async (variant, flags = []) => {
    const args = [...flags, script, context.packageDirectory, variant, store.directory];
    return JSON.parse((await runProcess(process.execPath, args)).stdout).passes;
  };
  // Warms the page cache, too.
  assertFold(store, (await task('fold'))[0]);

  const raw = await alternate(context.options.rounds, {
    read: () => task('read'),
    newlines: () => task('newlines'),
    fold: () => task('fold'),
    cat: () => cat(store),
  });
  const profile = context.options.profile ? await profileOf(context, task) : null;
  return { rows: rowsOf(raw), raw: { ...raw, profile } };
}

function rowsOf({ read, newlines, fold, cat: cats }) {
  const [first, second] = [rateOf(fold, 0), rateOf(fold, 1)];
  const [reading, searching] = [rateOf(read, 1), rateOf(newlines, 1)];
  const { lines, fast, parsed, streamed } = fold[0][0].counts;
  return [
    { what: 'scan and fold, first pass of a process', ...judged(first), detail: ratesOf(fold, 0) },
    { what: 'scan and fold, second pass', ...judged(second), detail: ratesOf(fold, 1) },
    {
      what: 'reading and newline search',
      measured: `${searching} GB/s, the fold has ${round(second / searching, 2)} of it`,
      detail: `the search alone, over bytes in the cache: ${rateOf(newlines, 1, 'searchMs')} GB/s`,
    },
    { what: 'reading alone', measured: `${reading} GB/s, the fold has ${round(second / reading, 2)} of it` },
    { what: 'cat > /dev/null', measured: `${rateOf(cats, 0)} GB/s`, detail: timesOf(cats, 0) },
    {
      what: 'lines on the fast path',
      measured: `${round((fast / lines) * 100, 3)} %`,
      detail: `${parsed} of ${lines} parsed whole, ${streamed} cut through`,
    },
  ];
}

/** Reading all transcripts as the system does it, from the spawn to the end; in the form of a scan's passes. */
async function cat({ directory, calibration: { bytes } }) {
  const started = performance.now();
  const [code] = await once(start('cat', ['--', ...transcriptsOf(directory)], { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`cat ended with ${code}`);
  return [{ bytes, ms: performance.now() - started }];
}

function judged(rate) {
  return { measured: `${rate} GB/s`, ...atLeast(rate, BUDGET, ' GB/s') };
}

/** GB/s: the median over the rounds of one pass. */
function rateOf(rounds, pass, time = 'ms') {
  return round(median(rounds.map((passes) => passes[pass].bytes / passes[pass][time] / 1e6)), 2);
}

/** By the clock, and by CPU time, which other work on the machine touches less. */
function ratesOf(rounds, pass) {
  return `${timesOf(rounds, pass)}; ${rateOf(rounds, pass, 'cpuMs')} GB a second of CPU`;
}

function timesOf(rounds, pass) {
  return rounds.map((passes) => round(passes[pass].bytes / passes[pass].ms / 1e6, 2)).join(' ');
}

/** The digests must hold what the generator wrote, and what a plain reading finds. */
function assertFold({ figures, calibration }, pass) {
  const { user, assistant } = calibration.roles;
  assert.equal(pass.messages, (user?.lines ?? 0) + (assistant?.lines ?? 0));
  if (figures === null) return;
  assert.equal(pass.bytes, figures.bytes);
  assert.equal(pass.records, figures.usageRecords);
}

/** Where the time of a fold goes: self time by function, of one more process under V8's profiler. */
async function profileOf(context, task) {
  const directory = context.directory();
  await task('fold', ['--cpu-prof', '--cpu-prof-dir', directory, '--cpu-prof-interval', '500']);
  const [file] = readdirSync(directory);
  const shares = selfTimes(JSON.parse(readFileSync(join(directory, file), 'utf8')));
  for (const { share, what } of shares) context.log(`${(share * 100).toFixed(1).padStart(5)} %  ${what}`);
  return shares;
}
