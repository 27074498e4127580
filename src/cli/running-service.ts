/**
 * The service that holds a data directory, found by service.json and asked over HTTP. The file is believed only while
 * the process that wrote it holds the directory: what listens at the address of a dead one does not get the pass.
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

/** Looks for the service on the data directory of these options. */
export async function findService({ dataDir }: Pick<ServiceOptions, 'dataDir'>): Promise<Found> {
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
  readonly #pass: string | null;

  constructor(url: string, pass: string | null) {
    this.url = url;
    this.#pass = pass;
  }

  /** Whether it answers at all. */
  async answers(): Promise<boolean> {
    return this.ask('/health').then(
      () => true,
      () => false,
    );
  }

  /** One answer. Throws `service_silent`, or the error that the service answered with. */
  async ask(path: string): Promise<JsonAnswer> {
    const response = await this.#get(path, {}, AbortSignal.timeout(ANSWER_WITHIN));
    const body = parsed(await this.#text(response));
    const status = response.statusCode ?? 0;
    if (status >= 400) throw errorOf(status, body);
    return { status, body };
  }

  /** Calls back with each snapshot other than that of `shown`, until the stream ends, which rejects with `service_silent`. */
  async follow({ id, state }: SnapshotHead, published: () => void): Promise<never> {
    const response = await this.#get('/v1/events', { 'last-event-id': `${id}/${state}` });
    if (response.statusCode !== 200) throw errorOf(response.statusCode ?? 0, parsed(await this.#text(response)));
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

  #get(path: string, headers: OutgoingHttpHeaders, signal?: AbortSignal): Promise<IncomingMessage> {
    const token = this.#pass === null ? {} : { authorization: `Bearer ${this.#pass}` };
    return new Promise((resolve, reject) => {
      const request = get(this.url + path, { headers: { ...headers, ...token }, agent: false, signal }, resolve);
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
    const came = (cause as { name?: unknown }).name === 'AbortError' ? 'none in 5 s' : messageOf(cause);
    return new ClawgaugeError('service_silent', `${this.url}: expected an answer; got ${came}`, { cause });
  }
}

/** The error of a problem document. */
function errorOf(status: number, body: unknown): ClawgaugeError {
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  const isKnown = typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
  return new ClawgaugeError(
    isKnown ? (code as ErrorCode) : 'internal',
    typeof detail === 'string' ? detail : `expected an answer of the service; got status ${status}`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
