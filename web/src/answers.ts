/**
 * Answers of /v1 by their address, each a signal that keeps its last figures: while newer ones are on their way, while
 * the service makes them, and while it cannot be reached.
 */
import { effect, type Signal, signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { embeddedFigures, facts, type Headed } from './facts.ts';
import { noteHead, noteOffline, published } from './live.ts';

/** Answers that nobody looks at any more, for the way back. */
const MAX_KEPT = 24;
const ASK_AGAIN_AFTER = 1_000;
const NEVER = -1;

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

export interface Loaded<Answer> {
  /** Null before the first figures came. */
  readonly answer: Answer | null;
  /** What the last question was refused with. */
  readonly problem: Problem | null;
}

interface Entry {
  readonly state: Signal<Loaded<Headed>>;
  loading: boolean;
  /** The publication that its figures are of; NEVER for none. */
  of: number;
}

const entries = new Map<string, Entry>();
if (facts.embedded !== null && embeddedFigures !== null) {
  entries.set(facts.embedded, newEntry(embeddedFigures, 0));
}

/**
 * The answer at an address, asked for again whenever figures changed, unless it is not `live`. While another one is on its
 * way, the last one that this component had is given, and `outdated` is true.
 */
export function useAnswer<Answer extends Headed>(address: string, live = true): Loaded<Answer> & { outdated: boolean } {
  const entry = useMemo(() => entryOf(address), [address]);
  const last = useRef<Headed | null>(null);
  useEffect(
    () =>
      effect(() => {
        const isNew = live ? published.value !== entry.of : entry.of === NEVER;
        if (isNew) void load(address, entry);
      }),
    [address, entry, live],
  );
  const { answer, problem } = entry.state.value;
  if (answer !== null) last.current = answer;
  return {
    answer: (answer ?? last.current) as Answer | null,
    problem,
    outdated: answer === null && last.current !== null,
  };
}

async function load(address: string, entry: Entry): Promise<void> {
  if (entry.loading) return;
  entry.loading = true;
  const wanted = published.peek();
  try {
    const response = await fetch(address, { cache: 'no-cache' });
    if (response.status === 401) location.reload();
    const body = (await response.json()) as Headed & Problem;
    if (response.status === 200) {
      noteHead(body.snapshot);
      entry.of = wanted;
      entry.state.value = { answer: body, problem: null };
    } else if (response.status === 202) {
      noteHead(body.snapshot);
      setTimeout(() => void load(address, entry), ASK_AGAIN_AFTER);
    } else {
      entry.of = wanted;
      entry.state.value = { answer: null, problem: { ...body, status: response.status } };
    }
  } catch {
    // The first sign of the service brings another publication.
    noteOffline();
  } finally {
    entry.loading = false;
  }
  // Only what did come is outdated by what was published meanwhile; all else is asked for again when there is a sign of it.
  if (entry.of === wanted && wanted !== published.peek()) void load(address, entry);
}

function entryOf(address: string): Entry {
  const known = entries.get(address);
  const entry = known ?? newEntry(null, NEVER);
  entries.delete(address);
  entries.set(address, entry);
  if (entries.size > MAX_KEPT) entries.delete(entries.keys().next().value as string);
  return entry;
}

function newEntry(answer: Headed | null, of: number): Entry {
  return { state: signal<Loaded<Headed>>({ answer, problem: null }), loading: false, of };
}
