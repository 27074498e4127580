#!/usr/bin/env node
// Runs the benches and prints one table. Each bench is a file beside this one that exports
//   name   what it is called on the command line
//   run    async (context) => ({ rows: [{ what, measured, detail?, ...budget? }], raw }); budget: lib/budget.mjs
// and asserts that the results are right before it measures how fast they come.
//
//   npm run bench -- [NAME…] [OPTIONS]; --help lists the options
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as append from './append.mjs';
import * as busy from './busy.mjs';
import * as cold from './cold.mjs';
import * as exportBench from './export.mjs';
import * as idle from './idle.mjs';
import { stopAll } from './lib/children.mjs';
import { Context } from './lib/context.mjs';
import { load, machine } from './lib/machine.mjs';
import { unpackPackage } from './lib/package.mjs';
import { sizeNames } from './lib/stores.mjs';
import { table, verdict } from './lib/table.mjs';
import * as memory from './memory.mjs';
import * as page from './page.mjs';
import * as restart from './restart.mjs';
import * as scan from './scan.mjs';
import * as serve from './serve.mjs';
import * as session from './session.mjs';
import * as soak from './soak.mjs';
import * as sockets from './sockets.mjs';
import * as writer from './writer.mjs';

const benches = [
  busy,
  scan,
  cold,
  serve,
  memory,
  restart,
  append,
  session,
  exportBench,
  idle,
  writer,
  sockets,
  soak,
  page,
];

const usage = `usage: npm run bench -- [NAME…] [options]
  NAME             ${benches.map(({ name }) => name).join(', ')}; all of them without a name
  --rounds N       rounds of each bench (5)
  --samples N      samples that the busy bench pools for each path and side (5000)
  --size SIZE      ${sizeNames.join(', ')}: the size of generated stores, where a bench has one of its own otherwise
  --store DIR      an OpenClaw state directory to read instead of generated ones
  --transcripts N  transcripts that the idle bench looks through, and the export bench gives out (100000)
  --refreshes N    refreshes of the soak bench (10000)
  --profile        the scan bench also says in which functions its time goes`;

/** Load average above which other work spoils a measurement. */
const QUIET = 0.7;

const cacheDirectory = join(tmpdir(), 'clawgauge-bench');

try {
  const chosen = commandLine();
  if (chosen !== null) process.exitCode = await runAll(chosen);
} catch (error) {
  console.error(
    error.code?.startsWith('ERR_PARSE_ARGS') || error instanceof RangeError ? `${error.message}\n${usage}` : error,
  );
  process.exitCode = 1;
}

/** What was asked for, checked; null when it was help. Throws a RangeError. */
function commandLine() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      samples: { type: 'string', default: '5000' },
      size: { type: 'string' },
      store: { type: 'string' },
      transcripts: { type: 'string', default: '100000' },
      refreshes: { type: 'string', default: '10000' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return null;
  }
  const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) throw new RangeError(`expected the name of a bench; got ${unknown}`);
  if (values.size !== undefined && !sizeNames.includes(values.size)) {
    throw new RangeError(`--size: expected one of ${sizeNames.join(', ')}; got ${values.size}`);
  }
  return {
    benches: benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    options: {
      rounds: wholeNumber('--rounds', values.rounds, 100),
      samples: wholeNumber('--samples', values.samples, 1_000_000),
      size: values.size ?? null,
      store: values.store === undefined ? null : resolve(values.store),
      transcripts: wholeNumber('--transcripts', values.transcripts, 1_000_000),
      refreshes: wholeNumber('--refreshes', values.refreshes, 1_000_000),
      profile: values.profile,
    },
  };
}

function wholeNumber(flag, text, most) {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new RangeError(`${flag}: expected a whole number from 1 to ${most}; got ${text}`);
}

/** Gives the exit code: 1 when a bench failed; a bar that was missed is a result, no failure. */
async function runAll({ benches, options }) {
  mkdirSync(cacheDirectory, { recursive: true });
  const workDirectory = mkdtempSync(join(cacheDirectory, 'run-'));
  const cleanUp = async () => {
    await stopAll();
    rmSync(workDirectory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cleanUp().finally(() => process.exit(1)));
  const report = { machine: machine(), options, results: [] };
  try {
    console.log(JSON.stringify(report.machine));
    if (report.machine.load > QUIET)
      console.log(`the machine is busy (load ${report.machine.load}): do not trust the figures`);
    const packageDirectory = await unpackPackage(join(workDirectory, 'package'));
    const context = new Context({ options, packageDirectory, cacheDirectory, workDirectory });
    for (const bench of benches) report.results.push(await runOne(bench, context));
  } finally {
    await cleanUp();
  }
  print(report);
  return report.results.some(({ error }) => error !== null) ? 1 : 0;
}

async function runOne({ name, run }, context) {
  console.log(`\n${name} (load ${load()})`);
  const started = performance.now();
  try {
    const { rows, raw } = await run(context);
    for (const { what, measured, detail } of rows) {
      context.log(`${what}: ${measured}${detail === undefined ? '' : ` (${detail})`}`);
    }
    return { name, rows, raw, load: load(), seconds: secondsSince(started), error: null };
  } catch (error) {
    console.error(error);
    return { name, rows: [], raw: null, load: load(), seconds: secondsSince(started), error: error.message };
  } finally {
    await stopAll();
  }
}

function secondsSince(started) {
  return Math.round((performance.now() - started) / 1000);
}

function print(report) {
  const rows = report.results.flatMap(({ name, rows, error }) =>
    error === null
      ? rows.map((row) => [name, row.what, row.measured, row.bar, row.stretch, verdict(row), row.detail])
      : [[name, 'failed', error.split('\n')[0]]],
  );
  console.log(`\n${JSON.stringify(report.machine)}`);
  console.log(`\n${table(['bench', 'what', 'measured', 'bar', 'stretch', '', 'raw values'], rows)}`);
  const results = join(cacheDirectory, 'results');
  mkdirSync(results, { recursive: true });
  const names = report.results.map(({ name }) => name).join('-');
  const file = join(results, `${report.machine.date.replaceAll(':', '-')}-${names}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\nraw values: ${file}`);
}
