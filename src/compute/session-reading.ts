/** Answers what somebody asks about the transcripts of one session: reads them, and renders the answer (session-read.ts). */
import { ClawgaugeError } from '../errors.ts';
import { renderText } from '../rendering.ts';
import { Accounting } from './accounting.ts';
import { pack, unpack } from './envelope.ts';
import { RULES } from './eras.ts';
import { LogEntries } from './log-entry.ts';
import { type LogPlace, readLatest, readPage } from './logs.ts';
import { PriceBook, type PriceBookData } from './price-book.ts';
import { DatabaseChanged } from './quiet-database.ts';
import { stampOfTranscript } from './readable-transcript.ts';
import { ReadingStopped, ReadingWatch } from './reading-watch.ts';
import type { ScanKernel } from './scan-kernel.ts';
import type { PointSum } from './series-points.ts';
import { SessionMoved } from './session-moved.ts';
import type { ReadAnswer, ReadRequest, ReadTask } from './session-read.ts';
import { detailOf } from './small-file.ts';
import { readTimeseries } from './timeseries.ts';

/** How often a session is read that is written to meanwhile. */
const TRIES = 5;

/** An envelope with a ReadAnswer. Never throws. */
export function answerRead({ request, known, within, stop }: ReadTask, kernel: ScanKernel): Uint8Array<ArrayBuffer> {
  try {
    const { header, parts } = unpack<ReadRequest>(request);
    const watch = new ReadingWatch(stop, within);
    watch.isOver();
    if (known !== null && isKnown(header, known)) return packed({ kind: 'unchanged' });
    const prices = JSON.parse(Buffer.from(parts[0] as Uint8Array).toString('utf8')) as PriceBookData;
    return untroubled(() => new SessionReading(header, new PriceBook(prices), kernel, watch).answer());
  } catch (error) {
    if (error instanceof ReadingStopped) return packed({ kind: 'stopped' });
    if (error instanceof ClawgaugeError) return packed({ kind: 'error', code: error.code, detail: error.message });
    return packed({ kind: 'error', code: 'transcript_unreadable', detail: detailOf(error) });
  }
}

/** What is read, again if something was written in the middle of it. */
function untroubled<Result>(read: () => Result): Result {
  for (let left = TRIES - 1; ; left--) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SessionMoved || error instanceof DatabaseChanged) || left === 0) throw error;
    }
  }
}

function packed(answer: ReadAnswer, parts: readonly Uint8Array[] = []): Uint8Array<ArrayBuffer> {
  return pack(answer, parts);
}

function isKnown({ items }: ReadRequest, known: readonly string[]): boolean {
  if (known.length !== items.length) return false;
  return items.every(({ directory, name }, at) => stampOfTranscript(directory, name) === known[at]);
}

class SessionReading {
  readonly #request: ReadRequest;
  readonly #prices: PriceBook;
  readonly #kernel: ScanKernel;
  readonly #watch: ReadingWatch;

  constructor(request: ReadRequest, prices: PriceBook, kernel: ScanKernel, watch: ReadingWatch) {
    this.#request = request;
    this.#prices = prices;
    this.#kernel = kernel;
    this.#watch = watch;
  }

  answer(): Uint8Array<ArrayBuffer> {
    const { ask } = this.#request;
    if (ask.view === 'timeseries')
      return ask.form === 'v1' ? this.#series(ask.points) : this.#gatewaySeries(ask.points);
    return ask.form === 'v1' ? this.#page(ask.limit, ask.cursor) : this.#gatewayLogs(ask.limit);
  }

  #series(most: number): Uint8Array<ArrayBuffer> {
    const { points, undated, read, there, share, stamps } = this.#readSeries(most);
    const { retained } = this.#request.session;
    const figures = {
      session: this.#session(),
      points: cumulated(points),
      undated: undated === null ? null : figuresOf(undated),
      partial: read < there,
      reading: { transcripts: there, read, share, retained },
    };
    return rendered(figures, stamps, read < there);
  }

  #page(limit: number, cursor: string | null): Uint8Array<ArrayBuffer> {
    const means = this.#logMeans();
    const { entries, next, partial, stamps } = readPage(this.#request.items, limit, placeOf(cursor), means);
    const figures = {
      session: this.#session(),
      entries: entries.map(({ sessionId, role, time, text, cut, provider, model, tokens, cost }) => ({
        sessionId,
        time,
        role: role === 'toolResult' ? 'tool' : role,
        text,
        cut,
        provider,
        model,
        tokens,
        cost,
      })),
      next: next === null ? null : cursorOf(next),
      partial,
    };
    return rendered(figures, stamps, partial);
  }

  /** As the gateway answers `sessions.usage.timeseries`. */
  #gatewaySeries(most: number): Uint8Array<ArrayBuffer> {
    const { points, read, there, stamps } = this.#readSeries(most);
    const payload = {
      sessionId: this.#request.items[0]?.sessionId,
      points: cumulated(points).map(({ end, input, output, cacheRead, cacheWrite, totalTokens, cost, ...more }) => ({
        timestamp: end,
        input,
        output,
        cacheRead,
        cacheWrite,
        totalTokens,
        cost,
        cumulativeTokens: more.cumulativeTokens,
        cumulativeCost: more.cumulativeCost,
      })),
    };
    return this.#payload(payload, stamps, read < there);
  }

  /** As the gateway answers `sessions.usage.logs`. */
  #gatewayLogs(limit: number): Uint8Array<ArrayBuffer> {
    const [item] = this.#request.items;
    const means = this.#logMeans();
    const { entries, stamps } = item === undefined ? { entries: [], stamps: [] } : readLatest(item, limit, means);
    const logs = entries.map(({ time, role, text, tokens, cost }) => ({
      timestamp: time ?? 0,
      role,
      content: text,
      ...(tokens === null ? {} : { tokens }),
      ...(cost === null ? {} : { cost }),
    }));
    return this.#payload({ logs }, stamps, false);
  }

  #readSeries(most: number): ReturnType<typeof readTimeseries> {
    return readTimeseries(this.#request.items, most, this.#accounting(), this.#kernel, this.#watch);
  }

  #logMeans(): Parameters<typeof readLatest>[2] {
    const entries = new LogEntries(this.#request.ask.form, this.#accounting());
    return { entries, buffer: this.#kernel.buffer, watch: this.#watch };
  }

  #accounting(): Accounting {
    const { ask, era } = this.#request;
    return new Accounting(this.#prices, RULES[ask.form === 'v1' ? era : ask.form]);
  }

  #session(): object {
    const { session, items } = this.#request;
    const { agent, key, family } = session;
    return { agent, key, family, sessionIds: [...new Set(items.map(({ sessionId }) => sessionId))] };
  }

  #payload(payload: object, stamps: readonly string[], partial: boolean): Uint8Array<ArrayBuffer> {
    return packed({ kind: 'read', etag: '', stamps, partial }, [Buffer.from(JSON.stringify(payload))]);
  }
}

function rendered(figures: object, stamps: readonly string[], partial: boolean): Uint8Array<ArrayBuffer> {
  const { etag, rest, restDeflated } = renderText(JSON.stringify(figures));
  return packed({ kind: 'read', etag, stamps, partial }, [rest, restDeflated]);
}

type PointFigures = Omit<PointSum, 'start' | 'end'>;

/** With dollars instead of nano-dollars. */
function figuresOf({ start: _start, end: _end, cost, ...sums }: PointSum): PointFigures {
  return { ...sums, cost: cost / 1e9 };
}

/** Each point with the sum of all up to it. */
function cumulated(points: readonly PointSum[]) {
  let [tokens, nano] = [0, 0];
  return points.map((point) => {
    tokens += point.totalTokens;
    nano += point.cost;
    const { start, end } = point;
    return { start, end, ...figuresOf(point), cumulativeTokens: tokens, cumulativeCost: nano / 1e9 };
  });
}

function cursorOf({ name, position }: LogPlace): string {
  return Buffer.from(JSON.stringify([name, position])).toString('base64url');
}

function placeOf(cursor: string | null): LogPlace | null {
  if (cursor === null) return null;
  let value: unknown = null;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Not one of ours.
  }
  const [name, position] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof name === 'string' && Number.isSafeInteger(position) && (position as number) >= 0) {
    return { name, position: position as number };
  }
  throw new ClawgaugeError('invalid_cursor', 'cursor: expected the `next` of an earlier page; got something else');
}
