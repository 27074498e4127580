/** How far a reading has come, in one line of a terminal that is written over and over; elsewhere nothing. */
import type { Coverage } from '../snapshot/shapes.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';
import type { Screen } from './screen.ts';

const CLEAR_LINE = '\r\u001b[K';

export class ProgressLine {
  readonly #out: Screen;
  readonly #monotonic: () => Milliseconds;
  readonly #startedAt: Milliseconds;
  #isShown = false;

  constructor(out: Screen, monotonic: () => Milliseconds) {
    this.#out = out;
    this.#monotonic = monotonic;
    this.#startedAt = monotonic();
  }

  /** @param bytesRead null where it is not known */
  show({ transcripts, pending }: Coverage, bytesRead: Bytes | null): void {
    if (this.#out.isTTY !== true) return;
    const done = transcripts - pending;
    const percent = transcripts === 0 ? 100 : Math.floor((done / transcripts) * 100);
    const seconds = Math.max(1, this.#monotonic() - this.#startedAt) / 1000;
    const rate = bytesRead === null ? '' : `, ${Math.round(bytesRead / MIB / seconds)} MiB/s`;
    this.#out.write(`${CLEAR_LINE}${percent} % (${done} of ${transcripts} transcripts${rate})`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#out.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
