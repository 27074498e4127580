/** One thing that `clawgauge doctor` looked at: how it is, and where it is not well the one thing to do. */

export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at; stable, for programs. */
  readonly check: Check;
  readonly level: Level;
  /** One sentence. */
  readonly says: string;
  /** What to do; null where there is nothing to do. */
  readonly advice: string | null;
}

export type Check =
  | 'state'
  | 'openclaw'
  | 'data'
  | 'ledger'
  | 'cache'
  | 'config'
  | 'node'
  | 'memory'
  | 'watching'
  | 'clock'
  | 'service';

export function ok(check: Check, says: string): Finding {
  return { check, level: 'ok', says, advice: null };
}

export function warn(check: Check, says: string, advice: string): Finding {
  return { check, level: 'warn', says, advice };
}

export function fail(check: Check, says: string, advice: string): Finding {
  return { check, level: 'fail', says, advice };
}
