/** What a person at the console is told: plain sentences, and on a terminal how far the first reading has come. */
import type { Problem } from '../compute/transcript.ts';
import type { RefreshRecord } from '../snapshot/refresh-record.ts';
import type { ServiceEvents } from '../snapshot/service-options.ts';
import type { Coverage } from '../snapshot/shapes.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';
import { ProgressLine } from './progress-line.ts';
import type { Screen } from './screen.ts';

/** A service goes on when whoever reads what it says is gone; other commands end then. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {});
}

/** Tells of the first refresh, and of the first after every failure. */
export class ConsoleReporter implements Pick<ServiceEvents, 'progress' | 'refreshed'> {
  readonly #out: Screen;
  readonly #stateDirectories: readonly string[];
  readonly #startedAt: Milliseconds;
  readonly #monotonic: () => Milliseconds;
  readonly #line: ProgressLine;
  #toldWell = false;
  #toldFailed = false;

  constructor(out: Screen, stateDirectories: readonly string[], monotonic: () => Milliseconds) {
    this.#out = out;
    this.#stateDirectories = stateDirectories;
    this.#monotonic = monotonic;
    this.#startedAt = monotonic();
    this.#line = new ProgressLine(out, monotonic);
  }

  listening(url: string): void {
    this.#say(`Clawgauge listens on ${url}`);
    for (const directory of this.#stateDirectories) this.#say(`Reading ${directory}`);
  }

  progress(coverage: Coverage, bytesRead: Bytes): void {
    if (!this.#toldWell) this.#line.show(coverage, bytesRead);
  }

  refreshed(record: RefreshRecord, problems: readonly Problem[]): void {
    if (record.ended === 'failed') {
      if (!this.#toldFailed) this.#say(`Cannot refresh: ${record.error?.detail}. Trying again.`);
      this.#toldFailed = true;
      return;
    }
    if (this.#toldWell && !this.#toldFailed) return;
    this.#toldFailed = false;
    this.#toldWell = true;
    if (record.sessions === 0) this.#nothingFound(problems);
    else this.#found(record);
    for (const { subject, detail } of problems.filter((it) => it.subject !== '.').slice(0, 5)) {
      this.#say(`  ${subject}: ${detail}`);
    }
  }

  #found({ sessions, stores, folded, failed, bytesRead }: RefreshRecord): void {
    const seconds = (this.#elapsed() / 1000).toFixed(1);
    const read = folded === 0 ? 'nothing new to read' : `${Math.round(bytesRead / MIB)} MiB read`;
    this.#say(`Found ${sessions} transcripts of ${stores} agents; figures are complete after ${seconds} s (${read}).`);
    if (failed > 0) this.#say(`${failed} transcripts could not be read; /v1/status says why.`);
  }

  #nothingFound(problems: readonly Problem[]): void {
    const missing = problems.some(({ code }) => code === 'state_dir_missing');
    const where = this.#stateDirectories.join(' or ');
    this.#say(missing ? `There is no OpenClaw state directory at ${where}.` : 'No transcripts found yet.');
    this.#say('If OpenClaw keeps its state elsewhere: clawgauge serve --state-dir DIR (or OPENCLAW_STATE_DIR).');
    this.#say('To see Clawgauge at work on made-up data: clawgauge demo. New transcripts show up by themselves.');
  }

  #elapsed(): Milliseconds {
    return this.#monotonic() - this.#startedAt;
  }

  #say(text: string): void {
    this.#line.clear();
    this.#out.write(`${text}\n`);
  }
}
