/**
 * Puts each fault of faults.mjs, alone, into a copy of the sources, runs the tests of the scan and fold on the copy, and prints as
 * a Markdown table which test noticed it. Exits with 1 when one survived. Takes long; not a part of `npm test`.
 *
 *   node test/faults/scanner-faults.mjs [part of a file's name or of what is wrong]...
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults } from './faults.mjs';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** The quick ones first: a run ends with the first test that fails. */
const TESTS = [
  'snapshot/latency-sum',
  'compute/latency',
  'compute/name-cache',
  'compute/model-catalog',
  'compute/price-book',
  'compute/accounting',
  'compute/session-events',
  'compute/session-states',
  'compute/session-fold',
  'compute/first-pages',
  'compute/database-transcript',
  'snapshot/sqlite-store',
  'compute/varint',
  'compute/accounting-2026-9',
  'compute/digest-codec',
  'compute/json-push',
  'compute/message-reader',
  'compute/message-line',
  'compute/line-scanner',
  'compute/fold',
];
/** A fault may make a loop endless: so many times what all tests take without any, on a machine as busy. */
const PATIENCE = 4;
/** In threads, so that an endless loop ends with the process. */
const CONFIG = `export default { test: { pool: 'threads', testTimeout: 3_600_000, fileParallelism: false, sequence: { sequencer: class {
  #order = JSON.parse(process.env.ORDER);
  #place(spec) { return this.#order.findIndex((name) => spec.moduleId.endsWith('/' + name + '.test.ts')); }
  async shard(specs) { return specs; }
  async sort(specs) { return [...specs].sort((a, b) => this.#place(a) - this.#place(b)); }
} } } };
`;

const wanted = process.argv.slice(2);
const copy = mkdtempSync(path.join(tmpdir(), 'clawgauge-faults-'));
try {
  for (const name of ['src', 'test', 'bench', 'package.json', 'tsconfig.json']) {
    cpSync(path.join(REPOSITORY, name), path.join(copy, name), { recursive: true });
  }
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(copy, 'node_modules'));
  writeFileSync(path.join(copy, 'vitest.config.mjs'), CONFIG);
  process.exitCode = judgeAll(faults.filter(isWanted));
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function isWanted({ file, what }) {
  return wanted.length === 0 || wanted.some((part) => file.includes(part) || what.includes(part));
}

function judgeAll(chosen) {
  const start = performance.now();
  const sound = firstFailure(TESTS);
  const deadline = Math.round(PATIENCE * (performance.now() - start));
  if (sound !== null) throw new Error(`without any fault this fails: ${sound}`);
  process.stdout.write('| file | fault | noticed by |\n|---|---|---|\n');
  let survived = 0;
  for (const fault of chosen) {
    const noticedBy = judge(fault, deadline);
    if (noticedBy === null) survived++;
    process.stdout.write(`| \`${fault.file}\` | ${cell(fault.what)} | ${cell(noticedBy ?? '**SURVIVED**')} |\n`);
  }
  process.stdout.write(`\n${chosen.length} faults, ${survived} survived.\n`);
  return survived === 0 ? 0 : 1;
}

/** The first test that fails with the fault, null when none does. */
function judge({ file, what, from, to }, deadline) {
  const target = path.join(copy, 'src', file);
  const sound = readFileSync(target, 'utf8');
  const places = sound.split(from).length - 1;
  if (places !== 1) throw new Error(`${file}: "${what}" must replace one piece of text, found ${places} times`);
  writeFileSync(
    target,
    sound.replace(from, () => to),
  );
  try {
    return firstFailure(nearestFirst(file), deadline);
  } finally {
    writeFileSync(target, sound);
  }
}

/** All tests, beginning with those that are named after a file, and those of which the name begins as that of the file. */
function nearestFirst(file) {
  const name = file.replace(/\.ts$/, '');
  const [topic] = name.split('-');
  const distance = (test) => (test === name ? 0 : test.split('-')[0] === topic ? 1 : 2);
  return [...TESTS].sort((a, b) => distance(a) - distance(b));
}

function firstFailure(order, deadline) {
  const report = path.join(copy, 'report.json');
  const vitest = path.join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs');
  const files = order.map((name) => `test/${name}.test.ts`);
  const args = [vitest, 'run', '--bail=1', '--reporter=json', `--outputFile=${report}`, ...files];
  const { status, error, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    env: { ...process.env, ORDER: JSON.stringify(order) },
    timeout: deadline,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  });
  if (error?.code === 'ETIMEDOUT') return 'a test that does not end';
  if (status === 0) return null;
  for (const { name, assertionResults, message } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const failed = assertionResults.find((result) => result.status === 'failed');
    const file = path.basename(name, '.test.ts');
    if (failed !== undefined) return `${file}: ${failed.fullName}`;
    if (message !== '') return `${file}: ${message.split('\n')[0]}`;
  }
  throw new Error(`vitest failed without a failed test: ${stderr}`);
}

function cell(text) {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, 160);
}
