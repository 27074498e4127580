// What a measurement ran on; stands above every table, since figures mean nothing without it.
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { round } from './statistics.mjs';

export function machine() {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: round(totalmem() / 2 ** 30, 1),
    system: `${type()} ${release()}`,
    node: process.version,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    load: load(),
  };
}

/** The load average of the last minute; other work on the machine spoils a measurement. */
export function load() {
  return round(loadavg()[0], 2);
}
