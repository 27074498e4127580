/**
 * The shortest way through the service: from an address that was answered before to its view's ready bytes.
 * It runs inside Fastify's routes, and before Fastify where the server is our own; it only ever says yes
 * where every check says yes, and leaves all other requests to the routes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Delivery } from './delivery.ts';
import { Remembered } from './remembered.ts';
import type { Gate } from './security.ts';
import type { UsageService } from './service.ts';

const MAX_REMEMBERED_ADDRESS = 2048;
/** Of each generation; an entry counts for its text and this much more. */
const MAX_REMEMBERED_CHARACTERS = 256 * 1024;
const ENTRY_OVERHEAD = 256;

export class ReadyLane {
  /** Answers before any other check, with a body and without. */
  answered = 0;
  unchanged = 0;
  readonly #service: UsageService;
  readonly #delivery: Delivery;
  readonly #gate: Gate;
  /** From an address as it came to the key of its view; only addresses whose parameters were checked. */
  readonly #keys = new Remembered<string, string>(MAX_REMEMBERED_CHARACTERS);

  constructor(service: UsageService, delivery: Delivery, gate: Gate) {
    this.#service = service;
    this.#delivery = delivery;
    this.#gate = gate;
  }

  /** Takes note of the view that an address names; the address is not looked at again. */
  remember(address: string, viewKey: string): void {
    if (address.length > MAX_REMEMBERED_ADDRESS) return;
    this.#keys.set(address, viewKey, address.length + viewKey.length + ENTRY_OVERHEAD);
  }

  /**
   * Answers a request of any kind, if it may be and can be at once; for use before any other check.
   * Never throws: the routes meet the same fault again, and report it.
   */
  answerUnchecked(request: IncomingMessage, response: ServerResponse): boolean {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return false;
    const key = this.#keys.get(request.url ?? '');
    if (key === undefined) return false;
    try {
      if (this.#gate.hostRefusal(request) !== null || this.#gate.tokenRefusal(request) !== null) return false;
      if (!this.#send(key, request, response)) return false;
      if (response.statusCode === 304) this.unchanged++;
      else this.answered++;
      return true;
    } catch {
      return response.headersSent;
    }
  }

  /** Answers a GET or HEAD that passed the gate, if its view is ready; `viewKey` where it is known already. */
  answer(request: IncomingMessage, response: ServerResponse, viewKey?: string): boolean {
    const key = viewKey ?? this.#keys.get(request.url ?? '');
    return key !== undefined && this.#send(key, request, response);
  }

  #send(viewKey: string, request: IncomingMessage, response: ServerResponse): boolean {
    const view = this.#service.ready(viewKey);
    const head = this.#service.head();
    if (view === undefined || head === null) return false;
    this.#delivery.send(request, response, { view, head, origin: 'hit', now: this.#service.now() });
    return true;
  }
}
