/** The figures of a running service. */
import type { SessionsQuery, UsageQuery } from '../snapshot/query.ts';
import type { SnapshotHead } from '../snapshot/shapes.ts';
import type { Milliseconds } from '../units.ts';
import type { Figures, Progress, SessionsAnswer, UsageAnswer } from './figures.ts';
import type { RunningService } from './running-service.ts';
import { addressOf } from './view-address.ts';

/** How long to wait where a service has no figures yet; it says the same in `Retry-After`. */
const ASK_AGAIN: Milliseconds = 1_000;

export class ServiceFigures implements Figures {
  readonly service: string;
  readonly #service: RunningService;
  readonly #progress: Progress;

  constructor(service: RunningService, progress: Progress) {
    this.service = service.url;
    this.#service = service;
    this.#progress = progress;
  }

  async usage(query: UsageQuery): Promise<UsageAnswer> {
    return (await this.#ask(query)) as UsageAnswer;
  }

  async sessions(query: SessionsQuery): Promise<SessionsAnswer> {
    return (await this.#ask(query)) as SessionsAnswer;
  }

  follow(shown: SnapshotHead, changed: () => void): Promise<never> {
    return this.#service.follow(shown, changed);
  }

  async close(): Promise<void> {}

  async #ask(query: UsageQuery | SessionsQuery): Promise<unknown> {
    for (;;) {
      const { status, body } = await this.#service.ask(addressOf(query), 'snapshot');
      if (status !== 202) return body;
      const { snapshot } = body as { snapshot: SnapshotHead | null };
      if (snapshot !== null) this.#progress(snapshot.coverage, null);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    }
  }
}
