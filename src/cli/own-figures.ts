/**
 * Figures without a running service: the service itself for one question, in this process, with the same digest store.
 * Where another process holds the data directory, nothing there is touched (held-data.ts).
 */
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError, type ErrorCode } from '../errors.ts';
import { suitReading } from '../runtime-flags.ts';
import { type SessionsQuery, type UsageQuery, viewKey } from '../snapshot/query.ts';
import type { RefreshRecord } from '../snapshot/refresh-record.ts';
import type { Rendering } from '../snapshot/renderer.ts';
import type { SnapshotHead } from '../snapshot/shapes.ts';
import { SnapshotService } from '../snapshot/usage-service.ts';
import type { Milliseconds } from '../units.ts';
import { version } from '../version.ts';
import type { Figures, Progress, SessionsAnswer, UsageAnswer } from './figures.ts';
import { borrowData, type HeldData, holdData } from './held-data.ts';
import type { SavedAnswers } from './saved-answers.ts';

/** Nobody else waits for the keeper: a view may take as long as it takes. */
const VIEW_DEADLINE: Milliseconds = 60_000;
const A_WHILE: Milliseconds = 3_600_000;

export class OwnFigures implements Figures {
  readonly service = null;
  readonly #service: SnapshotService;
  readonly #data: HeldData;
  readonly #saved: SavedAnswers | null;
  #refreshed: (record: RefreshRecord) => void = () => {};
  /** No timer of the service keeps a process alive. */
  #alive: NodeJS.Timeout | undefined;

  private constructor(options: ServiceOptions, data: HeldData, progress: Progress, saved: SavedAnswers | null) {
    this.#data = data;
    this.#saved = saved;
    const { directories, unguarded } = data;
    this.#service = new SnapshotService(
      {
        ...options,
        ...directories,
        viewDeadline: VIEW_DEADLINE,
        version,
        unguarded,
        budgets: [],
        notices: [],
        onlyAsked: true,
      },
      { progress, refreshed: (record) => this.#refreshed(record) },
      systemClock,
      null,
    );
  }

  /**
   * Reads what changed since the last time, and resolves when all is known. Throws what kept it from that.
   * @param saved where answers are saved for the next time
   */
  static async read(options: ServiceOptions, progress: Progress, saved: SavedAnswers): Promise<OwnFigures> {
    const data = await holdData(options);
    const isKept = !data.isCopy && data.unguarded === null;
    return OwnFigures.#begun(new OwnFigures(options, data, progress, isKept ? saved : null));
  }

  /** The same with a copy of the data directory, so that a service can begin meanwhile. */
  static async readBeside(options: ServiceOptions, progress: Progress): Promise<OwnFigures> {
    return OwnFigures.#begun(new OwnFigures(options, await borrowData(options), progress, null));
  }

  static async #begun(figures: OwnFigures): Promise<OwnFigures> {
    suitReading();
    try {
      await figures.#saved?.begin();
      await figures.#firstRefresh();
      return figures;
    } catch (error) {
      await figures.close();
      throw error;
    }
  }

  async usage(query: UsageQuery): Promise<UsageAnswer> {
    return (await this.#ask(query)) as UsageAnswer;
  }

  async sessions(query: SessionsQuery): Promise<SessionsAnswer> {
    return (await this.#ask(query)) as SessionsAnswer;
  }

  /** Never rejects: this process goes on looking. */
  follow(_shown: SnapshotHead, changed: () => void): Promise<never> {
    this.#refreshed = ({ added, changed: altered, removed, folded }) => {
      if (added + altered + removed + folded > 0) changed();
    };
    this.#alive = setInterval(() => {}, A_WHILE);
    return new Promise(() => {});
  }

  async close(): Promise<void> {
    clearInterval(this.#alive);
    await this.#service.close();
    await this.#saved?.save();
    await this.#data.release();
  }

  async #firstRefresh(): Promise<void> {
    const { ended, error } = await new Promise<RefreshRecord>((resolve) => {
      this.#refreshed = resolve;
      this.#service.start();
    });
    if (ended === 'failed') {
      throw new ClawgaugeError((error?.code ?? 'internal') as ErrorCode, error?.detail ?? 'the refresh failed');
    }
    const { problems, snapshot, stateDirectory } = this.#service.status();
    const { transcripts = 0, retained = 0 } = snapshot?.coverage ?? {};
    if (problems.some(({ code }) => code === 'state_dir_missing') && transcripts + retained === 0) {
      throw new ClawgaugeError('state_dir_missing', `there is no OpenClaw state directory at ${stateDirectory}`);
    }
  }

  async #ask(query: UsageQuery | SessionsQuery): Promise<unknown> {
    const now = this.#service.now();
    const { rest } = this.#service.ready(viewKey(query)) ?? (await this.#build(query));
    const snapshot = this.#service.head();
    const until = this.#service.steadyUntil();
    if (snapshot !== null && until !== null) this.#saved?.add(query, { snapshot, rest }, until, now);
    return { snapshot, ...(JSON.parse(`{${Buffer.from(rest).toString('utf8')}`) as object) };
  }

  async #build(query: UsageQuery | SessionsQuery): Promise<Rendering> {
    const answer = await this.#service.ask(query);
    if (answer.kind === 'error') throw answer.error;
    if (answer.kind === 'pending') {
      throw new ClawgaugeError('not_ready', `expected the figures within ${VIEW_DEADLINE / 1000} s; none came`);
    }
    return answer.view;
  }
}
