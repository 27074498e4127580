/**
 * Views that nobody precomputed: asked of the keeper, coalesced by key, answered within the view deadline or with an
 * earlier rendering. Renderings are kept under a bound in bytes.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { unpack } from '../compute/envelope.ts';
import { ClawgaugeError } from '../errors.ts';
import { type Bytes, type Milliseconds, type QuarterHour, quarterOf } from '../units.ts';
import type { ViewAnswer } from './keeper-calls.ts';
import type { Rendering } from './renderer.ts';
import type { SnapshotHead } from './shapes.ts';

const ENTRY_OVERHEAD: Bytes = 512;
/** The generation of what no keeper knows any more; restored snapshots have it too, but are of no present quarter hour. */
const GONE = '';

interface Kept {
  readonly rendering: Rendering;
  /** The head of the moment that it shows, and the state behind it. */
  readonly head: SnapshotHead;
  readonly generation: string;
  /** Windows move with the time, at the earliest with the next quarter hour. */
  readonly quarter: QuarterHour;
}

export type AskedAnswer =
  | { readonly kind: 'ready'; readonly view: Rendering; readonly outdated: boolean; readonly head: SnapshotHead }
  | { readonly kind: 'pending' }
  | { readonly kind: 'error'; readonly error: ClawgaugeError };

export class AskedViews {
  readonly #clock: Clock;
  readonly #deadline: Milliseconds;
  #kept: LRUCache<string, Kept>;
  readonly #pending = new Map<string, Promise<ViewAnswer>>();

  constructor(clock: Clock, deadline: Milliseconds, cap: Bytes) {
    this.#clock = clock;
    this.#deadline = deadline;
    this.#kept = keptUnder(cap);
  }

  /** Bounds what is kept anew, and lets go of all that is; 0 keeps nothing. */
  resize(cap: Bytes): void {
    this.#kept = keptUnder(cap);
  }

  get entries(): number {
    return this.#kept.size;
  }

  get bytes(): Bytes {
    return this.#kept.calculatedSize;
  }

  /** The rendering of a view, if it was asked of this very state. */
  ready(key: string, generation: string): Rendering | undefined {
    const kept = this.#kept.get(key);
    const current = kept?.generation === generation && kept.quarter === quarterOf(this.#clock.now());
    return current ? kept.rendering : undefined;
  }

  /** What is kept, that used last first. */
  *latest(): Generator<Pick<Kept, 'head' | 'rendering'> & { readonly key: string }, undefined> {
    for (const [key, { head, rendering }] of this.#kept.entries()) yield { key, head, rendering };
  }

  /** Keeps an earlier rendering, of a state that nobody can be asked of any more. */
  remember(key: string, head: SnapshotHead, rendering: Rendering): void {
    this.#kept.set(key, { rendering, head, generation: GONE, quarter: 0 });
  }

  /**
   * Asks for a view of a state, which `head` describes. Never rejects.
   * @param patience how long it waits where there is no earlier rendering
   */
  async ask(
    key: string,
    generation: string,
    head: SnapshotHead,
    question: () => Promise<ViewAnswer>,
    patience = this.#deadline,
  ): Promise<AskedAnswer> {
    const flight = `${generation} ${key}`;
    let pending = this.#pending.get(flight);
    if (pending === undefined) {
      pending = this.#fly(flight, key, { head, generation }, question);
      this.#pending.set(flight, pending);
    }
    const answer = await this.#within(pending, this.#kept.has(key) ? this.#deadline : patience);
    if (answer?.kind === 'rendering') {
      const rendering = this.ready(key, generation) ?? renderingOf(answer.rendering);
      return { kind: 'ready', view: rendering, outdated: false, head };
    }
    if (answer?.kind === 'error') return { kind: 'error', error: new ClawgaugeError(answer.code, answer.detail) };
    const earlier = this.#kept.get(key);
    return earlier === undefined
      ? { kind: 'pending' }
      : { kind: 'ready', view: earlier.rendering, outdated: true, head: earlier.head };
  }

  /** The answer is kept also when it comes too late for who asked. */
  async #fly(
    flight: string,
    key: string,
    of: Pick<Kept, 'head' | 'generation'>,
    question: () => Promise<ViewAnswer>,
  ): Promise<ViewAnswer> {
    const quarter = quarterOf(this.#clock.now());
    try {
      const answer = await question();
      if (answer.kind === 'rendering') {
        this.#kept.set(key, { ...of, rendering: renderingOf(answer.rendering), quarter });
      }
      return answer;
    } catch {
      // The keeper was ended in the middle of it; the refresh that finds out reports it.
      return { kind: 'unavailable' };
    } finally {
      this.#pending.delete(flight);
    }
  }

  /** Undefined when the deadline came first. */
  #within(pending: Promise<ViewAnswer>, deadline: Milliseconds): Promise<ViewAnswer | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(deadline, () => resolve(undefined));
      void pending.then((answer) => {
        cancel();
        resolve(answer);
      });
    });
  }
}

function keptUnder(cap: Bytes): LRUCache<string, Kept> {
  return new LRUCache({
    // The list itself takes no 0; nothing is as small as 1.
    maxSize: Math.max(1, cap),
    sizeCalculation: ({ rendering }, key) =>
      rendering.rest.byteLength + rendering.restDeflated.byteLength + key.length * 2 + ENTRY_OVERHEAD,
  });
}

function renderingOf(packed: Uint8Array): Rendering {
  const { header: etag, parts } = unpack<string>(packed);
  return { etag, rest: parts[0] as Uint8Array, restDeflated: parts[1] as Uint8Array };
}
