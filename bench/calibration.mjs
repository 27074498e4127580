#!/usr/bin/env node
// The shape of a state directory, in the figures that generated stores are calibrated by: mean line, lines and bytes
// per transcript, share of bytes by role. Reads whole transcripts with JSON.parse, one at a time: plain, not fast.
//
//   node bench/calibration.mjs DIR
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transcriptsOf } from './lib/transcripts.mjs';

const [directory, ...rest] = process.argv.slice(2);
if (directory === undefined || rest.length > 0 || !existsSync(join(directory, 'agents'))) {
  console.error('usage: node bench/calibration.mjs DIR   (DIR is a state directory, with a folder "agents")');
  process.exit(2);
}

const roles = {};
let transcripts = 0;
let lines = 0;
let bytes = 0;
for (const file of transcriptsOf(directory)) {
  transcripts++;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line.trim() === '') continue;
    const size = Buffer.byteLength(line) + 1;
    const role = roleOf(line);
    roles[role] ??= { lines: 0, bytes: 0 };
    roles[role].lines++;
    roles[role].bytes += size;
    lines++;
    bytes += size;
  }
}

console.log(
  JSON.stringify(
    {
      transcripts,
      lines,
      bytes,
      meanLine: ratio(bytes, lines, 0),
      meanTranscript: ratio(bytes, transcripts, 0),
      linesPerTranscript: ratio(lines, transcripts, 2),
      roles: Object.fromEntries(
        Object.entries(roles)
          .sort(([, a], [, b]) => b.bytes - a.bytes)
          .map(([role, of]) => [
            role,
            { lines: of.lines, share: ratio(of.bytes, bytes, 4), meanLine: ratio(of.bytes, of.lines, 0) },
          ]),
      ),
    },
    null,
    2,
  ),
);

/** A message's role, `other` for any other record, `malformed` for what is not a JSON object. */
function roleOf(line) {
  try {
    const record = JSON.parse(line);
    if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'malformed';
    return record.message?.role ?? 'other';
  } catch {
    return 'malformed';
  }
}

function ratio(part, whole, digits) {
  return whole === 0 ? 0 : Number((part / whole).toFixed(digits));
}
