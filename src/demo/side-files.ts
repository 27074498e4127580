/** The files that lie beside transcripts and count nowhere (format.md 1.2); read by mistake, they would change totals. */
import { closeSync, copyFileSync, openSync, readSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, KIB, type Milliseconds } from '../units.ts';
import { proseText } from './corpus.ts';
import type { Random } from './random.ts';
import { archiveTime } from './session-plan.ts';

const CHECKPOINT_LIMIT: Bytes = 256 * KIB;

/** A compaction checkpoint, a trajectory and its pointer, sometimes a backup; returns how many files it wrote. */
export function writeSideFiles(directory: string, sessionId: string, at: Milliseconds, random: Random): number {
  const path = (suffix: string) => join(directory, `${sessionId}.${suffix}`);
  const transcript = path('jsonl');
  const checkpoint = path(`checkpoint.${random.uuid()}.jsonl`);
  const trajectory = path('trajectory.jsonl');
  const pointer = path('trajectory-path.json');
  const files = [checkpoint, trajectory, pointer];
  writeFileSync(checkpoint, startOf(transcript));
  writeFileSync(trajectory, trajectoryLines(sessionId, at, random));
  writeFileSync(
    pointer,
    JSON.stringify({
      traceSchema: 'openclaw-trajectory-pointer',
      schemaVersion: 1,
      sessionId,
      runtimeFile: trajectory,
    }),
  );
  if (random.chance(0.3)) {
    const backup = path(`jsonl.bak.${archiveTime(at)}`);
    copyFileSync(transcript, backup);
    files.push(backup);
  }
  for (const file of files) utimesSync(file, at / 1000, at / 1000);
  return files.length;
}

/** What the gateway itself leaves in the directory; returns how many files it wrote. */
export function writeGatewayFiles(directory: string, now: Milliseconds): number {
  writeFileSync(join(directory, `sessions.json.bak.${now}`), '{}');
  writeFileSync(join(directory, '.usage-cost-cache.json'), JSON.stringify({ version: 3, updatedAt: now, files: {} }));
  return 2;
}

function startOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHECKPOINT_LIMIT);
    return buffer.subarray(0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}

function trajectoryLines(sessionId: string, at: Milliseconds, random: Random): string {
  let lines = '';
  for (let seq = 1; seq <= 12; seq++) {
    const event = {
      traceSchema: 'openclaw-trajectory',
      schemaVersion: 1,
      traceId: sessionId,
      source: 'runtime',
      type: random.pick(['prompt.submitted', 'model.completed', 'tool.call']),
      ts: new Date(at).toISOString(),
      seq,
      sessionId,
      message: { role: 'assistant', usage: { input: 999_999, output: 999_999 } },
      data: { prompt: proseText(random, 600) },
    };
    lines += `${JSON.stringify(event)}\n`;
  }
  return lines;
}
