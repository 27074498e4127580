/** The memory of the service: who holds how much, and what the service does without while that nears the cap. */
import type { MemoryBudget } from '../cache/memory-budget.ts';
import type { Clock } from '../clock.ts';
import { collectGarbage } from '../collect-garbage.ts';
import { ownMemory } from '../memory-meter.ts';
import type { Bytes, Milliseconds } from '../units.ts';
import type { AskedViews } from './asked-views.ts';
import { Governor, type Shedding, type ShedLevel } from './governor.ts';
import { sizeOf } from './joined-sections.ts';
import type { KeeperMemory } from './keeper-calls.ts';
import { type MemoryOwner, memoryOwners } from './memory-owners.ts';
import type { PublishedSnapshot } from './published.ts';
import type { SessionReads } from './session-reads.ts';
import { limitsAt } from './shedding.ts';
import type { CacheAnswer } from './status.ts';
import type { Threads } from './threads.ts';
import { Tidying } from './tidying.ts';

/** Those who hold it, and who is told. */
export interface MemoryParts {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly threads: Threads;
  readonly asked: AskedViews;
  readonly reads: SessionReads;
  readonly snapshot: () => PublishedSnapshot | null;
  /** A step was taken, or taken back. */
  readonly shed: (shedding: Shedding, owners: readonly MemoryOwner[]) => void;
}

export class ServiceMemory {
  readonly #parts: MemoryParts;
  readonly #governor: Governor;

  constructor(parts: MemoryParts) {
    const { clock, budget, threads } = parts;
    this.#parts = parts;
    const tidying = new Tidying({
      clock,
      share: budget.mainHeap,
      held: () => ownMemory().heap,
      collect: collectGarbage,
      collectKeeper: () => void threads.ask('limit', threads.limits).catch(() => {}),
    });
    this.#governor = new Governor({
      clock,
      cap: budget.cap,
      tidy: (rss, pressed) => tidying.tidy(rss, pressed),
      rss: () => process.memoryUsage.rss(),
      apply: (level) => this.#shed(level),
    });
  }

  get cap(): Bytes {
    return this.#parts.budget.cap;
  }

  /** Whether anything is shed. */
  get isShort(): boolean {
    return this.#governor.level > 0;
  }

  get shedding(): Shedding {
    return this.#governor.shedding;
  }

  /** Begins to look every second. */
  start(): void {
    this.#governor.start();
  }

  stop(): void {
    this.#governor.stop();
  }

  /** Looks now. */
  look(): void {
    this.#governor.sample();
  }

  /** @param keeper what the keeper last said that it holds, if anything */
  owners(keeper: KeeperMemory | null): MemoryOwner[] {
    const { budget, threads, asked, reads } = this.#parts;
    return memoryOwners(budget, {
      rss: process.memoryUsage.rss(),
      main: ownMemory(),
      ...threads.memory(),
      digestCache: keeper?.digests.bytes ?? 0,
      rollup: keeper?.rollup.bytes ?? 0,
      renderedViews: this.#precomputedBytes() + asked.bytes + reads.bytes,
    });
  }

  /** What /v1/cache says. @param within how long the keeper has to say its part */
  async answer(within: Milliseconds): Promise<CacheAnswer> {
    const { threads, asked, reads, snapshot } = this.#parts;
    const keeper = await this.keeper(within);
    const counts = threads.counts();
    const owners = this.owners(keeper);
    return {
      digests: keeper?.digests ?? null,
      digestStore: keeper?.store ?? null,
      rollup: keeper?.rollup ?? null,
      views: {
        precomputed: { entries: snapshot()?.views.size ?? 0, bytes: this.#precomputedBytes() },
        asked: { entries: asked.entries, bytes: asked.bytes, cap: threads.limits.askedViews },
        read: { entries: reads.entries, bytes: reads.bytes, cap: threads.limits.readSessions },
      },
      memory: { cap: this.cap, rss: owners.reduce((sum, { used }) => sum + used, 0), owners },
      threads: { scan: counts.scan, keeper: counts.keeper, oldestTaskMs: counts.oldestTask },
    };
  }

  /** What the keeper holds; null when it does not answer in time. */
  keeper(within: Milliseconds): Promise<KeeperMemory | null> {
    const { clock, threads } = this.#parts;
    return new Promise((resolve) => {
      const cancel = clock.after(within, () => resolve(null));
      threads
        .ask('memory', {})
        .then(resolve, () => resolve(null))
        .finally(cancel);
    });
  }

  /** Does what a step of the governor asks for, and tells of it. */
  #shed(level: ShedLevel): void {
    const { budget, threads, asked, reads, shed } = this.#parts;
    const limits = limitsAt(level, budget);
    const { digestCache } = threads.limits;
    threads.limits = limits;
    asked.resize(limits.askedViews);
    reads.resize(limits.readSessions);
    if (limits.digestCache !== digestCache) void threads.ask('limit', limits).catch(() => {});
    if (level >= 4) void threads.endIdleScans();
    if (level >= 5) void threads.restartKeeper();
    shed(this.#governor.shedding, this.owners(null));
  }

  #precomputedBytes(): Bytes {
    let bytes = 0;
    for (const view of this.#parts.snapshot()?.views.values() ?? []) bytes += sizeOf(view);
    return bytes;
  }
}
