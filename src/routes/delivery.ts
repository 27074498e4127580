/**
 * Sends views. A view that is ready leaves as one `writeHead` with a ready header list and one `end`:
 * nothing is rendered, compressed or hashed for a request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sizeOf } from '../snapshot/joined-sections.ts';
import { type Bytes, KIB, MIB, type Milliseconds } from '../units.ts';
import { joinGzip, joinIdentity } from './joined-body.ts';
import { acceptsGzip, matchesEtag } from './negotiation.ts';
import { Remembered } from './remembered.ts';
import { securityHeaders } from './security.ts';
import type { RenderedView, SnapshotHead } from './service.ts';

/** How an answer came about, for Cache-Status (RFC 9211). */
export type Origin = 'hit' | 'asked' | 'outdated';

/** The forms in which a view is sent. */
type BodyForm = 'identity' | 'gzip';
type Form = BodyForm | 'unchanged';

interface Body {
  readonly bytes: Buffer;
  /** The bytes of a small body as a string, a character each: Node sends it with the headers as one piece. */
  readonly text: string | null;
}

/** Above it, copying the text costs more than sending two pieces. */
const MAX_TEXT_BYTES: Bytes = 8 * KIB;

/** How much of joined views is kept; a body that does not fit is joined again when it is asked for. */
const MAX_JOINED_BYTES: Bytes = 8 * MIB;
/** Heads and header lists cost about this much beside the bytes of a view. */
const ENTRY_OVERHEAD: Bytes = 4096;

const CACHE_STATUS: Readonly<Record<Origin, string>> = { hit: 'hit', asked: 'fwd=miss', outdated: 'fwd=stale' };

export class Delivery {
  readonly #common: readonly string[];
  /** Of what nobody may keep. */
  readonly #confidential: readonly string[];
  readonly #joined = new Remembered<RenderedView, JoinedView>(MAX_JOINED_BYTES / 2);

  constructor(refreshInterval: Milliseconds) {
    const maxAge = Math.ceil(refreshInterval / 1000);
    const listOf = (cacheControl: string) => [
      ...Object.entries(securityHeaders).flat(),
      'Content-Type',
      'application/json; charset=utf-8',
      'Cache-Control',
      cacheControl,
      'Vary',
      'Accept-Encoding',
    ];
    this.#common = listOf(`private, max-age=${maxAge}, stale-while-revalidate=60, stale-if-error=86400`);
    this.#confidential = listOf('no-store');
  }

  /** Answers a GET or HEAD with a view under a head. */
  send(
    request: IncomingMessage,
    response: ServerResponse,
    answer: { view: RenderedView; head: SnapshotHead; origin: Origin; now: Milliseconds; confidential?: boolean },
  ): void {
    const { headers, method } = request;
    const joined = this.#join(answer.view, answer.head, answer.confidential === true);
    const form: Form = matchesEtag(headers['if-none-match'], answer.view.etag)
      ? 'unchanged'
      : acceptsGzip(headers['accept-encoding'])
        ? 'gzip'
        : 'identity';
    const list = joined.headers(form, answer.origin, answer.now);
    response.writeHead(form === 'unchanged' ? 304 : 200, list);
    if (method === 'HEAD' || form === 'unchanged') response.end();
    else joined.end(response, form);
  }

  #join(view: RenderedView, head: SnapshotHead, confidential: boolean): JoinedView {
    const known = this.#joined.get(view);
    if (known?.head === head) return known;
    const joined = new JoinedView(view, head, confidential ? this.#confidential : this.#common);
    // The joined bodies, and the view itself, which they keep alive.
    const size = 2 * sizeOf(view) + ENTRY_OVERHEAD;
    this.#joined.set(view, joined, size);
    return joined;
  }
}

/** One view under one head: its bodies, made when first sent, and its header lists, made once a second. */
class JoinedView {
  readonly head: SnapshotHead;
  readonly #view: RenderedView;
  readonly #common: readonly string[];
  readonly #bodies = new Map<BodyForm, Body>();
  #age = Number.NaN;
  #ttl = Number.NaN;
  /** Of answers that were ready. */
  readonly #lists = new Map<Form, string[]>();

  constructor(view: RenderedView, head: SnapshotHead, common: readonly string[]) {
    this.#view = view;
    this.head = head;
    this.#common = common;
  }

  /** Sends the body after the headers. */
  end(response: ServerResponse, form: BodyForm): void {
    const body = this.#body(form);
    if (body.text === null) response.end(body.bytes);
    else response.end(body.text, 'latin1');
  }

  headers(form: Form, origin: Origin, now: Milliseconds): string[] {
    const age = Math.max(0, Math.floor((now - this.head.verifiedAt) / 1000));
    const ttl = Math.floor((this.head.staleAt - now) / 1000);
    if (age !== this.#age || ttl !== this.#ttl) {
      this.#lists.clear();
      this.#age = age;
      this.#ttl = ttl;
    }
    if (origin !== 'hit') return this.#headerList(form, origin);
    let list = this.#lists.get(form);
    if (list === undefined) {
      list = this.#headerList(form, origin);
      this.#lists.set(form, list);
    }
    return list;
  }

  #body(form: BodyForm): Body {
    let body = this.#bodies.get(form);
    if (body === undefined) {
      const bytes = form === 'gzip' ? joinGzip(this.head, this.#view) : joinIdentity(this.head, this.#view);
      body = { bytes, text: bytes.length <= MAX_TEXT_BYTES ? bytes.toString('latin1') : null };
      this.#bodies.set(form, body);
    }
    return body;
  }

  #headerList(form: Form, origin: Origin): string[] {
    const status = `clawgauge; ${CACHE_STATUS[origin]}; ttl=${this.#ttl}; detail=${this.head.state}`;
    const list = [...this.#common, 'ETag', this.#view.etag, 'Age', String(this.#age), 'Cache-Status', status];
    if (form !== 'unchanged') list.push('Content-Length', String(this.#body(form).bytes.length));
    if (form === 'gzip') list.push('Content-Encoding', 'gzip');
    return list;
  }
}
