/** Figures without a running service: those of an earlier report while nothing has changed since, else a reading of our own. */
import type { Clock } from '../clock.ts';
import { headOf } from '../snapshot/head.ts';
import type { SessionsQuery, UsageQuery } from '../snapshot/query.ts';
import type { SnapshotHead } from '../snapshot/shapes.ts';
import type { Milliseconds } from '../units.ts';
import type { Figures, SessionsAnswer, UsageAnswer } from './figures.ts';
import type { SavedAnswer, SavedAnswers } from './saved-answers.ts';

export class SavedFigures implements Figures {
  readonly service = null;
  readonly #saved: SavedAnswers;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #refreshInterval: Milliseconds;
  readonly #read: () => Promise<Figures>;
  /** Once there is a reading all questions go to it: pages of sessions are of one moment. */
  #reading: Promise<Figures> | null = null;

  /** @param read begins a reading */
  constructor(
    saved: SavedAnswers,
    {
      clock,
      refreshInterval,
      read,
    }: { clock: Pick<Clock, 'now'>; refreshInterval: Milliseconds; read: () => Promise<Figures> },
  ) {
    this.#saved = saved;
    this.#clock = clock;
    this.#refreshInterval = refreshInterval;
    this.#read = read;
  }

  async usage(query: UsageQuery): Promise<UsageAnswer> {
    return (this.#find(query) as UsageAnswer | null) ?? (await this.#own()).usage(query);
  }

  async sessions(query: SessionsQuery): Promise<SessionsAnswer> {
    return (this.#find(query) as SessionsAnswer | null) ?? (await this.#own()).sessions(query);
  }

  async follow(shown: SnapshotHead, changed: () => void): Promise<never> {
    return (await this.#own()).follow(shown, changed);
  }

  async close(): Promise<void> {
    // Why it failed was told to whoever asked.
    await (await this.#reading?.catch(() => null))?.close();
  }

  #own(): Promise<Figures> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  #find(query: UsageQuery | SessionsQuery): unknown {
    const found = this.#reading === null ? this.#saved.find(query, this.#clock.now()) : null;
    return found === null ? null : this.#answer(found);
  }

  /** The marks were compared just now, so the figures are verified. */
  #answer({ snapshot, rest }: SavedAnswer): unknown {
    const now = this.#clock.now();
    const refreshInterval = this.#refreshInterval;
    const facts = { snapshot, verifiedAt: now, refreshInterval, refreshing: false, failed: false, shedding: false };
    return { snapshot: headOf(facts, now), ...(JSON.parse(`{${Buffer.from(rest).toString('utf8')}`) as object) };
  }
}
