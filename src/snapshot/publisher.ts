/**
 * Builds the next snapshot from the keeper's state, in short steps so that a question can come in between,
 * and packs what differs from the last one for the main thread.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { pack } from '../compute/envelope.ts';
import { type Milliseconds, quarterOf } from '../units.ts';
import { DigestUnavailable } from './counted-digests.ts';
import { firstPageMarkup } from './first-page.ts';
import type { Keeper } from './keeper.ts';
import { firstQueries, keysOf, precomputedQueries, usedZoneQueries } from './precomputed.ts';
import type { ViewQuery } from './query.ts';
import { SectionWriter, type WrittenView } from './section-writer.ts';
import { type Section, sectionsOf } from './sections.ts';
import type { Coverage, UsageFigures } from './shapes.ts';
import { LiveSources } from './view-sources.ts';
import type { Views } from './views.ts';

/** How long a question may have to wait for a step, but for what its last view takes. */
const STEP_TIME: Milliseconds = 4;

/** Header of a packed snapshot; the parts are the bytes of each changed section of each changed view in turn, plain and deflated. */
export interface SnapshotHeader {
  /** Names the figures: the same id exactly when no figure changed. */
  readonly id: string;
  /** Names the state behind it, which can change without any figure of a ready view. */
  readonly generation: string;
  readonly coverage: Coverage;
  /** The views that changed, each against what was last handed over of it. */
  readonly views: readonly ({ readonly key: string } & Pick<WrittenView, 'etag' | 'kept'>)[];
  /** All that are to be ready from now on; null where they are those of before. */
  readonly keys: readonly string[] | null;
  /** Views that could not be built this time; their earlier rendering stays. */
  readonly unavailable: number;
}

interface Changed {
  readonly key: string;
  readonly written: WrittenView;
  /** Its figures changed; or else they are the same as ever, in a zone that was not ready before. */
  readonly isNews: boolean;
}

interface Job {
  /** The state that its first view was built from; if that changed since, the next job builds all views again. */
  readonly from: string;
  readonly queries: readonly ViewQuery[];
  /** Whether it builds every view, and not just the first ones. */
  readonly whole: boolean;
  readonly changed: Changed[];
  next: number;
  unavailable: number;
}

export class Publisher {
  readonly #keeper: Keeper;
  readonly #views: Views;
  readonly #incarnation: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Of the zones that are always ready. */
  readonly #always: readonly ViewQuery[];
  #queries: readonly ViewQuery[];
  #usedZones: readonly string[] = [];
  #usedKeys: ReadonlySet<string> = new Set();
  readonly #firstQueries: readonly ViewQuery[];
  /** Kept up to date with every publication; what nobody asked for since the last one is dropped. */
  readonly sources: LiveSources;
  /** How each view was last written. */
  readonly #writers = new Map<string, SectionWriter>();
  /** What the views were last built from: they change only with the state and with the quarter hour. */
  #builtFrom = '';
  #sequence = 0;
  /** A snapshot with every view was handed over: all that follow have them, or their views would be of two moments. */
  #wasWhole = false;
  #job: Job | null = null;
  /** Rendered by a job that was given up, and not yet handed over. */
  #undelivered: Changed[] = [];

  constructor(
    keeper: Keeper,
    views: Views,
    incarnation: string,
    timeZones: readonly string[],
    clock: Pick<Clock, 'monotonic'>,
    more: readonly ViewQuery[] = [],
  ) {
    this.#keeper = keeper;
    this.#views = views;
    this.#incarnation = incarnation;
    this.#clock = clock;
    this.#always = [...precomputedQueries(timeZones), ...more];
    this.#queries = this.#always;
    this.#firstQueries = firstQueries(timeZones);
    this.sources = new LiveSources(keeper);
  }

  /**
   * Begins a refresh: gives up what an earlier one left unfinished, whose views may be of two moments.
   * @param usedZones of which the first pages are to be ready too
   */
  restart(usedZones: readonly string[] = []): void {
    this.#undelivered = this.#job?.changed ?? this.#undelivered;
    this.#job = null;
    if (isDeepStrictEqual(usedZones, this.#usedZones)) return;
    this.#usedZones = usedZones;
    const queries = usedZoneQueries(usedZones);
    this.#queries = [...this.#always, ...queries];
    this.#usedKeys = new Set(queries.flatMap(keysOf));
    const keys = new Set(this.#queries.flatMap(keysOf));
    for (const key of this.#writers.keys()) if (!keys.has(key)) this.#writers.delete(key);
    this.#builtFrom = '';
  }

  /** Whether the views that were last handed over are those of the state and the time now. */
  isCurrent(now: Milliseconds): boolean {
    return this.#builtFrom === this.#source(now);
  }

  /**
   * Builds views for as long as a step may take, at least one; gives the packed snapshot when all are built, null before.
   * @param whole false asks for the first views only, and counts until a whole snapshot was handed over
   */
  step(now: Milliseconds, whole = true): Uint8Array<ArrayBuffer> | null {
    const from = this.#source(now);
    const all = whole || this.#wasWhole;
    this.#job ??= {
      from,
      queries: this.#builtFrom === from ? [] : all ? this.#queries : this.#firstQueries,
      whole: all,
      changed: this.#undelivered.splice(0),
      next: 0,
      unavailable: 0,
    };
    const job = this.#job;
    const end = this.#clock.monotonic() + STEP_TIME;
    for (const query of job.queries.slice(job.next)) {
      job.next++;
      this.#build(job, query, now);
      if (this.#clock.monotonic() >= end) return null;
    }
    this.#job = null;
    if (job.queries.length > 0) this.sources.sweep();
    this.#wasWhole ||= job.whole;
    // A view that could not be built is tried again next time.
    this.#builtFrom = job.unavailable > 0 || !job.whole ? '' : job.from;
    return this.#packed(job);
  }

  #source(now: Milliseconds): string {
    return `${this.#keeper.version} ${quarterOf(now)}`;
  }

  #build(job: Job, query: ViewQuery, now: Milliseconds): void {
    const [key = '', markupKey] = keysOf(query);
    try {
      const figures = this.#views.build(query, now, this.sources);
      this.#take(job, key, sectionsOf(figures));
      if (markupKey === undefined) return;
      this.#take(job, markupKey, [{ rows: null, text: () => firstPageMarkup(figures as UsageFigures) }]);
    } catch (error) {
      if (!(error instanceof DigestUnavailable)) throw error;
      job.unavailable++;
    }
  }

  /** Writes a view, and adds it to what changed unless it is as it was handed over last. */
  #take(job: Job, key: string, sections: readonly Section[]): void {
    const known = this.#writers.get(key);
    const writer = known ?? new SectionWriter();
    const written = writer.write(sections);
    if (written === null) return;
    this.#writers.set(key, writer);
    job.changed.push({ key, written, isNews: known !== undefined || !this.#usedKeys.has(key) });
  }

  #packed({ changed, unavailable, queries, whole }: Job): Uint8Array<ArrayBuffer> {
    if (changed.some(({ isNews }) => isNews)) this.#sequence++;
    const header: SnapshotHeader = {
      id: `${this.#incarnation}.${this.#sequence}`,
      generation: `${this.#incarnation}.${this.#keeper.version}`,
      coverage: this.#keeper.coverage(),
      views: changed.map(({ key, written: { etag, kept } }) => ({ key, etag, kept })),
      keys: whole && queries.length > 0 ? queries.flatMap(keysOf) : null,
      unavailable,
    };
    return pack(
      header,
      changed.flatMap(({ written }) => written.changed.flatMap(({ plain, deflated }) => [plain, deflated])),
    );
  }
}
