// One variant of the scan bench, in a process of its own:
//   node scan-task.mjs PACKAGE read|newlines|fold STATE
// Goes through every transcript of the store twice and prints what each pass came to; the second one runs compiled code.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const [packageDirectory, variant, stateDirectory] = process.argv.slice(2);
const part = (name) => import(join(packageDirectory, 'dist/compute', name));
const { takeInventory } = await part('inventory.js');
const { jsonlSource } = await part('jsonl-source.js');
const { pack, unpack } = await part('envelope.js');
const { decodeFigures } = await part('digest-codec.js');
const { epochOf, ownPricesOnly } = await part('price-sources.js');
const { RECORDS, MESSAGES } = await part('figures.js');

const buffer = Buffer.allocUnsafeSlow(512 * 1024);
const NEWLINE = 10;
/** As the service makes its batches. */
const BATCH_BYTES = 4 * 2 ** 20;
const BATCH_ITEMS = 256;

const { stores, catalogs, config } = takeInventory({
  stateDirectory,
  configPath: join(stateDirectory, 'openclaw.json'),
  place: null,
  config: null,
  accounting: '2026.5',
  stores: {},
});
const transcripts = stores.flatMap(({ agent, directories }) =>
  directories.flatMap(({ path, names }) =>
    names.map((name) => ({ agent, directory: path, name, size: statSync(join(path, name)).size })),
  ),
);
const pass = { read, newlines, fold: await folding() }[variant];
console.log(JSON.stringify({ passes: [pass(), pass()] }));

/** Reading alone: every byte into the buffer. */
function read() {
  const started = performance.now();
  let bytes = 0;
  for (const content of contents()) bytes += content.length;
  return { bytes, ms: performance.now() - started };
}

/** Reading and the search for newlines, and what of it the search alone took, over bytes that are in the cache by then. */
function newlines() {
  const started = performance.now();
  let bytes = 0;
  let lines = 0;
  let searchMs = 0;
  for (const content of contents()) {
    const found = performance.now();
    for (let at = content.indexOf(NEWLINE); at !== -1; at = content.indexOf(NEWLINE, at + 1)) lines++;
    searchMs += performance.now() - found;
    bytes += content.length;
  }
  return { bytes, ms: performance.now() - started, searchMs, lines };
}

/** The scan threads' own function, called here: open, read, scan, fold, encode. The digests are looked into afterwards. */
async function folding() {
  const { scan } = await part('scan.worker.js');
  return () => {
    const batches = batchesOf(transcripts);
    const cpu = process.cpuUsage();
    const started = performance.now();
    const results = batches.map((batch) => scan(batch));
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1000, ...totals(results) };
  };
}

function batchesOf(all) {
  const batches = [];
  let bytes = BATCH_BYTES;
  for (const { agent, directory, name, size } of all) {
    bytes += size;
    if (bytes > BATCH_BYTES || batches.at(-1).length >= BATCH_ITEMS) {
      batches.push([]);
      bytes = size;
    }
    const id = `${agent}/${name}`;
    const known = { resumes: false, lookFrom: null, predecessors: [] };
    batches.at(-1).push({ id, directory, name, size, era: '2026.5', ...known });
  }
  const catalog = catalogs[stores[0].catalog.key];
  const prices = { ...ownPricesOnly({}), catalog, configured: config.configured };
  const priceEpoch = epochOf(prices);
  const list = Buffer.from(JSON.stringify(prices));
  return batches.map((items) => pack({ priceEpoch, items }, [list]));
}

function totals(results) {
  const counts = {};
  let [bytes, records, messages] = [0, 0, 0];
  for (const result of results) {
    const { header, parts } = unpack(result);
    for (const { folded, size } of header.outcomes) {
      assert.ok(folded);
      bytes += size;
    }
    for (const [name, count] of Object.entries(header.counts)) counts[name] = (counts[name] ?? 0) + count;
    for (const digest of parts) {
      for (const { figures } of cellsOf(digest)) {
        records += figures[RECORDS];
        messages += figures[MESSAGES];
      }
    }
  }
  return { bytes, counts, records, messages };
}

function* cellsOf(digest) {
  for (const models of decodeFigures(digest).cells.values()) yield* models.values();
}

/** The content of every transcript, a buffer at a time. */
function* contents() {
  for (const { directory, name } of transcripts) {
    const reader = jsonlSource.open({ directory }, { name });
    const { size } = reader.state();
    for (let position = 0; position < size; ) {
      const length = reader.read(buffer, 0, Math.min(buffer.length, size - position), position);
      if (length === 0) break;
      yield buffer.subarray(0, length);
      position += length;
    }
    reader.close();
  }
}
