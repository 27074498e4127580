/**
 * `clawgauge ledger backup` and `clawgauge ledger purge`: a copy of the ledger, and forgetting what it retains. A process
 * of its own, which opens the ledger itself; a copy is made beside a running service, a purge only where none runs.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../cache/database.ts';
import { LEDGER_FILE, Ledger, type RetainedTranscript } from '../cache/ledger.ts';
import { copyDatabase } from '../cache/ledger-schema.ts';
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError, messageOf } from '../errors.ts';
import { lockDirectory } from '../lock/directory-lock.ts';
import type { Milliseconds, NanoDollars } from '../units.ts';

const NANOS = 1e9;
/** Retained transcripts that are read at a time. */
const PAGE = 500;

/** Which retained transcripts to forget. */
export interface Purge {
  /** Of this agent only. */
  readonly agent: string | null;
  /** Only those whose last activity is before this. */
  readonly before: Milliseconds | null;
  /** Whether to do it, rather than to say what would be done. */
  readonly confirmed: boolean;
}

type Say = (line: string) => void;

/** Copies the ledger to a file that is not there yet. Throws `ledger_unavailable`. */
export function backUpLedger({ dataDir }: Pick<ServiceOptions, 'dataDir'>, target: string, say: Say): void {
  if (existsSync(target)) throw unavailable(`${target}: expected a file that is not there yet; it exists`);
  const database = openDatabase(existing(dataDir));
  try {
    copyDatabase(database, target);
  } catch (error) {
    rmSync(target, { force: true });
    throw unavailable(`${target}: ${messageOf(error)}`);
  } finally {
    database.close();
  }
  say(`The ledger is copied to ${target}.`);
}

/**
 * Says how much is retained of what was chosen, and forgets it if that is confirmed; true when nothing is left to do.
 * Throws `ledger_unavailable`, and `data_directory_in_use` while a service uses the ledger.
 */
export async function purgeLedger(
  { dataDir }: Pick<ServiceOptions, 'dataDir'>,
  purge: Purge,
  say: Say,
): Promise<boolean> {
  existing(dataDir);
  const lock = await lockDirectory(dataDir);
  try {
    const ledger = new Ledger(dataDir, systemClock);
    try {
      return purged(ledger, purge, say);
    } finally {
      ledger.close();
    }
  } finally {
    await lock.release();
  }
}

function purged(ledger: Ledger, { agent, before, confirmed }: Purge, say: Say): boolean {
  if (!ledger.state().available) throw unavailable(ledger.state().problem ?? 'it cannot be opened');
  const sum = { transcripts: 0, records: 0, cost: 0 as NanoDollars };
  for (const { id, records, cost } of chosen(ledger, agent, before)) {
    sum.transcripts++;
    sum.records += records;
    sum.cost += cost;
    if (confirmed) ledger.remove(id);
  }
  const what = `${sum.transcripts} deleted transcripts with ${sum.records} usage records that cost $${(sum.cost / NANOS).toFixed(2)}`;
  if (sum.transcripts === 0) {
    say('Nothing is retained that this would forget.');
    return true;
  }
  if (!confirmed) {
    say(`This would forget ${what}. They cannot be had again. Add --yes to do it.`);
    return false;
  }
  if (!ledger.flush()) throw unavailable(ledger.state().problem ?? 'it cannot be written');
  say(`Forgot ${what}.`);
  return true;
}

function* chosen(ledger: Ledger, agent: string | null, before: Milliseconds | null): Generator<RetainedTranscript> {
  for (let page = ledger.page('', PAGE); page.length > 0; page = ledger.page(page.at(-1)?.id ?? '', PAGE)) {
    for (const retained of page) {
      if (agent !== null && retained.agent !== agent) continue;
      if (before !== null && retained.lastActivity >= before) continue;
      yield retained;
    }
  }
}

/** The path of the ledger, whether or not there is one. */
export function ledgerOf(dataDir: string): string {
  return join(dataDir, LEDGER_FILE);
}

/** The same, if there is one. */
function existing(dataDir: string): string {
  const path = ledgerOf(dataDir);
  if (existsSync(path)) return path;
  throw unavailable(
    `${path}: expected a ledger; found nothing. Nothing was retained yet, or --data-dir is another one`,
  );
}

function unavailable(detail: string): ClawgaugeError {
  return new ClawgaugeError('ledger_unavailable', detail);
}
