/** What Clawgauge runs on: Node, SQLite, and the memory that there is. */
import { leastMemoryCap } from '../../cache/memory-budget.ts';
import { messageOf } from '../../errors.ts';
import { bytes } from '../../page/format.ts';
import { openOwn } from '../../sqlite-driver.ts';
import { type Bytes, MIB } from '../../units.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** What the kernel counts beside the memory cap: pages of files above all. */
const MARGIN = 1.5;

export interface Memory {
  readonly cap: Bytes;
  /** What the kernel lets this process have. */
  readonly limit: Bytes;
  /** What the machine has. */
  readonly total: Bytes;
}

/** @param version as in process.versions.node */
export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    return fail('node', `Node ${version} is too old.`, 'Use Node 20.19 or newer.');
  }
  try {
    const database = openOwn(':memory:');
    const sqlite = database.prepare('SELECT sqlite_version() AS version').get()?.version;
    database.close();
    return ok('node', `Node ${version} runs with SQLite ${sqlite}.`);
  } catch (error) {
    return fail(
      'node',
      `Node ${version} finds no SQLite: ${messageOf(error)}.`,
      'Install again, or use Node 22.15 or newer, which has its own.',
    );
  }
}

export function lookAtMemory({ cap, limit, total }: Memory): Finding {
  const shown = bytes(cap);
  if (limit < cap) {
    const fitting = Math.floor(limit / MARGIN / MIB);
    const advice =
      fitting >= leastMemoryCap() / MIB
        ? `Lower it: --memory-cap ${fitting}mb; or raise the limit.`
        : `Raise the limit to ${bytes(cap * MARGIN)}.`;
    return fail(
      'memory',
      `The process may have ${bytes(limit)}, less than the memory cap of ${shown}: the kernel would end it.`,
      advice,
    );
  }
  if (limit < cap * MARGIN && limit < total) {
    return warn(
      'memory',
      `The process may have ${bytes(limit)}, hardly more than the memory cap of ${shown}: the kernel counts pages of files too.`,
      `Raise the limit to ${bytes(cap * MARGIN)}, or lower the cap with --memory-cap.`,
    );
  }
  if (total < cap)
    return warn(
      'memory',
      `The machine has ${bytes(total)}, less than the memory cap of ${shown}.`,
      'Lower it with --memory-cap.',
    );
  return ok('memory', `The memory cap is ${shown}; there is more.`);
}
