// What the kernel knows of a process: memory and CPU time, from /proc. The benches run on Linux only.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The unit of times in /proc, the same on every Linux that Node runs on. */
const TICK_MS = 10;

/** The largest resident memory so far, in bytes; null when the process is gone. */
export function peakMemory(pid) {
  return statusField(pid, 'VmHWM');
}

/** Lets the largest resident memory so far be what it is now. */
export function forgetPeakMemory(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Resident memory now, in bytes; null when the process is gone. */
export function residentMemory(pid) {
  return statusField(pid, 'VmRSS');
}

/** CPU time of all threads, ended ones too, user and system, in milliseconds; a multiple of 10. */
export function cpuTime(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; utime and stime are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** How many files, sockets and the like a process has open. */
export function openDescriptors(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function statusField(pid, name) {
  let status;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return null;
  }
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}
