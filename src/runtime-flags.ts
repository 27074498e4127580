/** Suits V8 to this process. Each flag holds for all threads, also those that run (docs/performance.md). */
import { setFlagsFromString } from 'node:v8';
import { keepTickShape } from './tick-shape.ts';

/** How long functions run before V8 optimises them, in bytes of bytecode; Node 20 has the second one by itself. */
const START_BUDGET = 400_000;
const USUAL_BUDGET = 67_584;

/**
 * For the time until the first refresh has ended.
 * - The young generation of this thread stays at the size that it has: it would grow to 16 MiB while the application
 *   loads, and what a request leaves behind is collected as well from 1 MiB.
 * - Heaps grow in smaller steps, those of the threads too, which begin after this. Code is slower by it: an append took half
 *   as much CPU again.
 * - Functions run six times as long before V8 optimises them: a cold start is over before most of that would pay.
 */
export function suitStart(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--optimize-for-size');
  setInterruptBudget(START_BUDGET);
  void keepTickShape();
}

/**
 * From the end of the first refresh on: what runs now runs for long.
 * @param isTight whether memory is scarcer than time: then heaps go on growing in smaller steps
 */
export function suitService(isTight: boolean): void {
  if (!isTight) setFlagsFromString('--no-optimize-for-size');
  setInterruptBudget(USUAL_BUDGET);
}

/**
 * For a process that reads once and ends. What it runs is over before V8 has optimised it, and sharing the collection of
 * a few hundred kilobytes out to other threads takes longer than that.
 */
export function suitReading(): void {
  setInterruptBudget(START_BUDGET);
  setFlagsFromString('--no-parallel-scavenge');
}

/** From Node 22 on V8 counts calls instead, and waits longer by itself. */
function setInterruptBudget(budget: number): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString(`--interrupt-budget=${budget}`);
}
