// Generated stores, kept between runs of one day, and what is known of each: manifest and calibration.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './children.mjs';

const calibrationScript = fileURLToPath(new URL('../calibration.mjs', import.meta.url));

/** By the flags of the generator; 10g has 100,000 transcripts, and session indexes of about 75 MB. */
const SIZES = {
  '33m': { sessions: 20 },
  '304m': { sessions: 184 },
  '1g': { sessions: 600 },
  '10g': { agents: 7, sessions: 14_286, 'mean-kb': 100 },
};

export const sizeNames = Object.keys(SIZES);

/** The options of the generator for one of the sizes. */
export function optionsOfSize(size) {
  return SIZES[size];
}

/**
 * The store that the generator makes of these options (its flags), ending at the start of this UTC day: at the time of
 * the run, its last weeks are those that the ranges of the service show. Stores of other days are removed.
 */
export async function generatedStore(cacheDirectory, packageDirectory, options) {
  const now = `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
  const flags = Object.entries({ ...options, now }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const prefix = now.slice(0, 10);
  const hash = createHash('sha256').update(flags.join(' ')).digest('hex').slice(0, 12);
  mkdirSync(cacheDirectory, { recursive: true });
  for (const name of readdirSync(cacheDirectory)) {
    if (!name.startsWith(prefix)) rmSync(join(cacheDirectory, name), { recursive: true });
  }
  const home = join(cacheDirectory, `${prefix}-${hash}`);
  const directory = join(home, 'state');
  // Written last: whatever lacks it was never finished.
  if (!existsSync(join(home, 'calibration.json'))) {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    await run(process.execPath, [join(packageDirectory, 'dist/demo/generate.js'), directory, ...flags]);
    writeFileSync(join(home, 'calibration.json'), await calibrate(directory));
  }
  const calibration = JSON.parse(readFileSync(join(home, 'calibration.json'), 'utf8'));
  return describe(directory, flags.join(' '), calibration);
}

/** A store that somebody has; only ever read. */
export async function givenStore(directory) {
  return describe(directory, 'given', JSON.parse(await calibrate(directory)));
}

/** One line about a store: what generated stores are calibrated by. */
export function calibrationLine({ directory, options, calibration }) {
  const { transcripts, lines, bytes, meanLine, linesPerTranscript, roles } = calibration;
  const shares = Object.entries(roles).map(([role, { share }]) => `${role} ${(share * 100).toFixed(1)} %`);
  return (
    `${directory} (${options}): ${(bytes / 1e6).toFixed(0)} MB, ${transcripts} transcripts, ${lines} lines, ` +
    `mean line ${meanLine} B, ${linesPerTranscript} lines a transcript; bytes: ${shares.join(', ')}`
  );
}

function describe(directory, options, calibration) {
  const manifest = join(directory, 'clawgauge-demo.json');
  const figures = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).totals : null;
  return { directory, options, calibration, figures, bytes: figures?.bytes ?? calibration.bytes };
}

async function calibrate(directory) {
  const { stdout } = await run(process.execPath, [calibrationScript, directory]);
  return stdout;
}
