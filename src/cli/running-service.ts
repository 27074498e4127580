/**
 * A service that is asked over HTTP: the one at an address, or the one that holds a data directory, found by service.json.
 * The file is believed only while the process that wrote it holds the directory: what listens at the address of a dead
 * one does not get the pass.
 */
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError, type ErrorCode, errorCatalogue, messageOf } from '../errors.ts';
import { directoryHolder } from '../lock/directory-lock.ts';
import { readServiceFile } from '../lock/service-file.ts';
import type { SnapshotHead } from '../snapshot/shapes.ts';
import type { Milliseconds } from '../units.ts';

/** A service answers in milliseconds, unless it stands still. */
const ANSWER_WITHIN: Milliseconds = 5_000;

/** Who holds a data directory: nobody, a process that answers nothing, or a service that can be asked. */
export type Found =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'silent'; readonly pid: number | null }
  | { readonly kind: 'service'; readonly service: RunningService };

export interface JsonAnswer {
  readonly status: number;
  /** Parsed; null where there is none. */
  readonly body: unknown;
}

/** Looks for the service on the data directory of these options. @param url of another one, which gets their token */
export async function findService(
  { dataDir, token }: Pick<ServiceOptions, 'dataDir' | 'token'>,
  url: string | null = null,
): Promise<Found> {
  if (url !== null) return { kind: 'service', service: new RunningService(url, token) };
  const holder = await directoryHolder(dataDir);
  if (holder === null) return { kind: 'nobody' };
  const facts = readServiceFile(dataDir);
  if (facts === null || facts.pid !== holder.pid || facts.startedAt !== holder.since) {
    return { kind: 'silent', pid: holder.pid };
  }
  return { kind: 'service', service: new RunningService(facts.url, facts.pass) };
}

export class RunningService {
  /** With the base path; ends in no slash. */
  readonly url: string;
  readonly #token: string | null;

  /** @param token the service's own, or the pass of its service.json; null where it needs none */
  constructor(url: string, token: string | null) {
    this.url = url;
    this.#token = token;
  }

  /** Whether it answers at all. */
  async answers(): Promise<boolean> {
    return this.#answer('/health').then(
      () => true,
      () => false,
    );
  }

  /**
   * One answer. Throws `service_silent`, or the error that the service answered with.
   * @param member what the answer has, if it is one of Clawgauge
   */
  async ask(path: string, member: string): Promise<JsonAnswer> {
    const { status, body } = await this.#answer(path);
    if (typeof body === 'object' && body !== null && Object.hasOwn(body, member)) return { status, body };
    throw this.#silent(new Error(`status ${status} of something else than Clawgauge`));
  }

  /** Calls back with each snapshot other than that of `shown`, until the stream ends, which rejects with `service_silent`. */
  async follow({ id, state }: SnapshotHead, published: () => void): Promise<never> {
    const response = await this.#get('/v1/events', { 'last-event-id': `${id}/${state}` });
    if (response.statusCode !== 200) throw this.#errorOf(response, parsed(await this.#text(response)));
    try {
      let rest = '';
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        if (lines.includes('event: snapshot')) published();
      }
    } catch (error) {
      throw this.#silent(error);
    }
    throw this.#silent(new Error('it ended the connection'));
  }

  async #answer(path: string): Promise<JsonAnswer> {
    const response = await this.#get(path, {}, AbortSignal.timeout(ANSWER_WITHIN));
    const body = parsed(await this.#text(response));
    const status = response.statusCode ?? 0;
    if (status < 200 || status >= 300) throw this.#errorOf(response, body);
    return { status, body };
  }

  async #get(path: string, headers: OutgoingHttpHeaders, signal?: AbortSignal): Promise<IncomingMessage> {
    const token = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    const begin = this.url.startsWith('https:') ? (await import('node:https')).get : get;
    return new Promise((resolve, reject) => {
      const request = begin(this.url + path, { headers: { ...headers, ...token }, agent: false, signal }, resolve);
      request.once('error', (error) => reject(this.#silent(error)));
    });
  }

  async #text(response: IncomingMessage): Promise<string> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      throw this.#silent(error);
    }
  }

  #silent(cause: unknown): ClawgaugeError {
    const { name, code } = cause as { name?: unknown; code?: unknown };
    // Where a name has several addresses, the error of all of them has no message.
    const came = name === 'AbortError' ? 'none in 5 s' : messageOf(cause) || String(code);
    return new ClawgaugeError('service_silent', `${this.url}: expected an answer; got ${came}`, { cause });
  }

  /** The error of a problem document, or of what is none. */
  #errorOf({ statusCode = 0, headers: { location } }: IncomingMessage, body: unknown): ClawgaugeError {
    const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
    const isKnown = typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
    if (!isKnown || typeof detail !== 'string') {
      return this.#silent(
        new Error(`status ${statusCode}${location === undefined ? '' : `, which leads to ${location}`}`),
      );
    }
    const advice = code === 'unauthorized' ? ' Give it with --token or CLAWGAUGE_TOKEN.' : '';
    return new ClawgaugeError(code as ErrorCode, `${this.url}: ${detail}${advice}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
