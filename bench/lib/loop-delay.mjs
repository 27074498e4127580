// Preloaded into a service (`node --import`): records how long its main thread was kept from its event loop, without a
// change of its code. Every 50 ms the longest delay goes into a slot with its time; the parent asks for the slots.
// A delay is the time between two runs of a 1 ms timer, so an idle loop shows about 1.1 ms. A delay longer than a slot
// makes the slot end late: right after it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const SLOT = 50;
/** Slots beyond this are not recorded: an hour. */
const MAX_SLOTS = 72_000;

if (isMainThread) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const slots = [];
  histogram.enable();
  const timer = setInterval(() => {
    if (slots.length < MAX_SLOTS) slots.push({ at: Date.now(), max: histogram.max / 1e6 });
    histogram.reset();
  }, SLOT);
  timer.unref();
  process.on('message', () => process.send(slots));
  // Neither the timer nor the channel keeps the service from ending by itself.
  process.channel.unref();
}
