/** What a person at the console is told: plain sentences, and on a terminal how far the first reading has come. */
import type { Problem } from '../compute/transcript.ts';
import type { RefreshRecord } from '../snapshot/refresh-record.ts';
import type { Coverage } from '../snapshot/shapes.ts';
import type { ServiceEvents } from '../snapshot/usage-service.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[K';

/** Tells of the first refresh, and of the first after every failure. */
export class ConsoleReporter implements Pick<ServiceEvents, 'progress' | 'refreshed'> {
  readonly #out: Terminal;
  readonly #stateDirectory: string;
  readonly #startedAt: Milliseconds;
  readonly #monotonic: () => Milliseconds;
  #toldWell = false;
  #toldFailed = false;

  constructor(out: Terminal, stateDirectory: string, monotonic: () => Milliseconds) {
    this.#out = out;
    this.#stateDirectory = stateDirectory;
    this.#monotonic = monotonic;
    this.#startedAt = monotonic();
  }

  listening(url: string): void {
    this.#line(`Clawgauge listens on ${url}`);
    this.#line(`Reading ${this.#stateDirectory}`);
  }

  progress({ transcripts, pending }: Coverage, bytesRead: Bytes): void {
    if (this.#toldWell || this.#out.isTTY !== true) return;
    const done = transcripts - pending;
    const percent = transcripts === 0 ? 100 : Math.floor((done / transcripts) * 100);
    const rate = Math.round(bytesRead / MIB / (Math.max(1, this.#elapsed()) / 1000));
    this.#out.write(`${CLEAR_LINE}${percent} % (${done} of ${transcripts} transcripts, ${rate} MiB/s)`);
  }

  refreshed(record: RefreshRecord, problems: readonly Problem[]): void {
    if (record.ended === 'failed') {
      if (!this.#toldFailed) this.#line(`Cannot refresh: ${record.error?.detail}. Trying again.`);
      this.#toldFailed = true;
      return;
    }
    if (this.#toldWell && !this.#toldFailed) return;
    this.#toldFailed = false;
    this.#toldWell = true;
    if (record.sessions === 0) this.#nothingFound(problems);
    else this.#found(record);
    for (const { subject, detail } of problems.filter((it) => it.subject !== '.').slice(0, 5)) {
      this.#line(`  ${subject}: ${detail}`);
    }
  }

  #found({ sessions, stores, folded, failed, bytesRead }: RefreshRecord): void {
    const seconds = (this.#elapsed() / 1000).toFixed(1);
    const read = folded === 0 ? 'nothing new to read' : `${Math.round(bytesRead / MIB)} MiB read`;
    this.#line(`Found ${sessions} transcripts of ${stores} agents; figures are complete after ${seconds} s (${read}).`);
    if (failed > 0) this.#line(`${failed} transcripts could not be read; /v1/status says why.`);
  }

  #nothingFound(problems: readonly Problem[]): void {
    const missing = problems.some(({ code }) => code === 'state_dir_missing');
    this.#line(
      missing ? `There is no OpenClaw state directory at ${this.#stateDirectory}.` : 'No transcripts found yet.',
    );
    this.#line('If OpenClaw keeps its state elsewhere: clawgauge serve --state-dir DIR (or OPENCLAW_STATE_DIR).');
    this.#line('To see Clawgauge at work on made-up data: clawgauge demo. New transcripts show up by themselves.');
  }

  #elapsed(): Milliseconds {
    return this.#monotonic() - this.#startedAt;
  }

  #line(text: string): void {
    this.#out.write(`${this.#out.isTTY === true ? CLEAR_LINE : ''}${text}\n`);
  }
}
