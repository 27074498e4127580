/**
 * The streams of /v1/events: server-sent events about the published snapshot. The state is derived from the clock and the
 * last result, and nobody announces it: while anybody listens, the head is looked at again and again.
 */
import type { ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import { ClawgaugeError } from '../errors.ts';
import { type Bytes, KIB, type Milliseconds } from '../units.ts';
import { securityHeaders } from './security.ts';
import type { SnapshotHead, UsageService } from './service.ts';

const MAX_STREAMS = 64;
const LOOK_EVERY: Milliseconds = 200;
/** Often enough for proxies that drop what is silent, and for the age that clients show. */
const HEARTBEAT_EVERY: Milliseconds = 10_000;
/** A client that has not taken this much is gone, or too slow to be told anything. */
const MAX_BACKLOG: Bytes = 64 * KIB;
/** What clients wait before they come again. */
const RETRY: Milliseconds = 2_000;

const HEADERS = [
  ...Object.entries(securityHeaders).flat(),
  'Content-Type',
  'text/event-stream; charset=utf-8',
  'Cache-Control',
  'no-store',
  // nginx would collect events otherwise.
  'X-Accel-Buffering',
  'no',
];

/** `snapshot`: figures changed; `state`: only the state did; `verified`: neither, told from time to time. */
type EventName = 'snapshot' | 'state' | 'verified';

export class EventStreams {
  readonly #service: Pick<UsageService, 'head'>;
  readonly #clock: Clock;
  readonly #open = new Set<ServerResponse>();
  /** What everybody was told last. */
  #told: SnapshotHead | null = null;
  #toldAt: Milliseconds = 0;
  #cancelLook: () => void = () => {};
  #closed = false;

  constructor(service: Pick<UsageService, 'head'>, clock: Clock = systemClock) {
    this.#service = service;
    this.#clock = clock;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Answers with a stream that begins with the head as it is. Throws `too_many_requests`.
   * @param lastEventId of the last event that the client saw before it lost the stream
   */
  open(response: ServerResponse, lastEventId: string | undefined): void {
    if (this.#open.size >= MAX_STREAMS) {
      throw new ClawgaugeError('too_many_requests', `At most ${MAX_STREAMS} clients may listen to events.`);
    }
    response.writeHead(200, HEADERS);
    if (this.#closed) {
      response.end();
      return;
    }
    if (this.#open.size === 0) this.#begin();
    this.#open.add(response);
    response.once('close', () => this.#drop(response));
    response.write(`retry: ${RETRY}\n\n`);
    const head = this.#told;
    if (head !== null) response.write(eventOf(idOf(head) === lastEventId ? 'verified' : 'snapshot', head));
  }

  /** Ends all streams, and every one that is opened later at once. */
  close(): void {
    this.#closed = true;
    this.#cancelLook();
    for (const response of this.#open) response.end();
    this.#open.clear();
  }

  #begin(): void {
    this.#told = this.#service.head();
    this.#toldAt = this.#clock.monotonic();
    this.#schedule();
  }

  #schedule(): void {
    this.#cancelLook = this.#clock.after(LOOK_EVERY, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const head = this.#service.head();
    const name = head === null ? null : changeOf(this.#told, head);
    const due = this.#clock.monotonic() - this.#toldAt >= HEARTBEAT_EVERY;
    if (name === null && !due && !isNews(this.#told, head, this.#clock.now())) return;
    this.#told = head;
    this.#toldAt = this.#clock.monotonic();
    const text = head === null ? ': nothing yet\n\n' : eventOf(name ?? 'verified', head);
    for (const response of this.#open) {
      if (response.writableLength > MAX_BACKLOG) response.destroy();
      else response.write(text);
    }
  }

  #drop(response: ServerResponse): void {
    this.#open.delete(response);
    if (this.#open.size === 0) this.#cancelLook();
  }
}

function changeOf(told: SnapshotHead | null, head: SnapshotHead): EventName | null {
  if (told?.id !== head.id) return 'snapshot';
  return told.state === head.state ? null : 'state';
}

/** Whether figures were verified again, and who knows only of the last time will soon take them for stale. */
function isNews(told: SnapshotHead | null, head: SnapshotHead | null, now: Milliseconds): boolean {
  if (told === null || head === null || head.verifiedAt === told.verifiedAt) return false;
  return now > (told.verifiedAt + told.staleAt) / 2;
}

function eventOf(name: EventName, head: SnapshotHead): string {
  return `id: ${idOf(head)}\nevent: ${name}\ndata: ${JSON.stringify(head)}\n\n`;
}

function idOf({ id, state }: SnapshotHead): string {
  return `${id}/${state}`;
}
