/**
 * What the service publishes, as it publishes it: the latest head, and a tick when figures changed. A tab in the
 * background listens to nothing; one that lost the service tries again at growing intervals.
 */
import { computed, signal } from '@preact/signals';
import type { SnapshotHead } from '../../src/snapshot/shapes.ts';
import { embeddedFigures } from './facts.ts';

/** Figures on the screen change at most this often. */
const REPAINT_EVERY = 1_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;

export const head = signal<SnapshotHead | null>(embeddedFigures?.snapshot ?? null);

/** Since when the service cannot be reached; null while it can. */
export const offlineSince = signal<number | null>(null);

/** Counts up when what is shown should be asked for again. */
export const published = signal(0);

/** The time, by the second, for everything that shows an age. */
export const now = signal(Date.now());

/** The state of what is shown; null before the first snapshot. The service says `stale` too, when it is asked again. */
export const shownState = computed(() => {
  if (offlineSince.value !== null) return 'offline';
  const latest = head.value;
  return latest?.state === 'fresh' && now.value > latest.staleAt ? 'stale' : (latest?.state ?? null);
});

let source: EventSource | null = null;
let failures = 0;
let retryTimer = 0;
let lastTick = 0;
let tickTimer = 0;

/** Begins to listen. */
export function listen(): void {
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : connect()));
  addEventListener('online', () => connect());
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1_000);
  if (!document.hidden) connect();
}

/** Takes note of a head that came with an answer or an event. */
export function noteHead(latest: SnapshotHead | null): void {
  noteOnline();
  if (latest !== null) head.value = latest;
}

/** Takes note of a question that reached nobody. */
export function noteOffline(): void {
  offlineSince.value ??= Date.now();
}

/** What could not be asked meanwhile is asked now. */
function noteOnline(): void {
  if (offlineSince.value === null) return;
  offlineSince.value = null;
  scheduleTick();
}

function connect(): void {
  stop();
  now.value = Date.now();
  source = new EventSource('v1/events');
  source.onopen = () => {
    failures = 0;
    noteOnline();
  };
  source.onerror = () => {
    // The browser's own tries end for good at the first answer that is none of a stream.
    stop();
    noteOffline();
    const wait = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** failures);
    failures += 1;
    retryTimer = window.setTimeout(connect, wait * (0.75 + Math.random() / 2));
  };
  for (const name of ['snapshot', 'state', 'verified']) source.addEventListener(name, take);
}

function stop(): void {
  clearTimeout(retryTimer);
  source?.close();
  source = null;
}

function take(event: MessageEvent<string>): void {
  const latest = JSON.parse(event.data) as SnapshotHead;
  const changed = latest.id !== head.value?.id;
  noteHead(latest);
  if (changed) scheduleTick();
}

function scheduleTick(): void {
  clearTimeout(tickTimer);
  const tick = () => {
    lastTick = Date.now();
    published.value += 1;
  };
  tickTimer = window.setTimeout(tick, Math.max(0, lastTick + REPAINT_EVERY - Date.now()));
}
