/**
 * Who may ask: the Host, Origin and token checks of every request, and the headers of every answer.
 * Free of Fastify, so that whoever answers before the routes are loaded checks in the same way.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import { ClawgaugeError } from '../errors.ts';
import { LoginCookie } from './login-cookie.ts';
import { Remembered } from './remembered.ts';
import { TrustedProxies } from './trusted-proxies.ts';

/**
 * The values that helmet would set for answers that are no pages; constants, because a prebuilt answer
 * never passes through a plugin. No HSTS: the service speaks plain HTTP, TLS is its proxy's.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export interface SecurityOptions {
  /** Null: no token is asked for. */
  readonly token: string | null;
  /** Good in its place while this process lives: what commands of the same user read in service.json. */
  readonly pass?: string | null;
  /** Host names beside the loopback ones, each with a port or good for every port. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies that are believed; none by default. */
  readonly trustedProxies?: readonly string[];
}

interface Authority {
  readonly name: string;
  readonly port: number | null;
}

const MAX_AUTHORITY_LENGTH = 270;

export class Gate {
  /** Null where no token is asked for. */
  readonly login: LoginCookie | null;
  readonly proxies: TrustedProxies;
  /** Of the token, and of the pass if there is one; empty where no token is asked for. */
  readonly #digests: readonly Buffer[];
  /** The ports allowed for each name; null for every port. */
  readonly #allowed = new Map<string, Set<number> | null>();
  /** Good combinations of port, Host, Origin and the host that a proxy was asked for; every other one is judged anew. */
  readonly #known = new Remembered<string, true>(32);
  /** The parts of the last good combination: most requests are like the one before. */
  #lastPort: number | undefined;
  #lastHost: string | undefined;
  #lastOrigin: string | undefined;
  #lastForwarded: string | null = null;

  /** Throws `invalid_option` for a host or a token that can never match. */
  constructor(options: SecurityOptions, clock: Pick<Clock, 'now'> = systemClock) {
    this.login = options.token === null ? null : new LoginCookie(options.token, clock);
    this.proxies = new TrustedProxies(options.trustedProxies);
    const tokens = options.token === null ? [] : [checkedToken(options.token), ...(options.pass ? [options.pass] : [])];
    this.#digests = tokens.map(digestOf);
    for (const entry of options.allowedHosts) this.#allow(entry);
  }

  /** `host_not_allowed` or `origin_not_allowed` for a request that must not be answered, else null. */
  hostRefusal(request: IncomingMessage): ClawgaugeError | null {
    const { host = '', origin } = request.headers;
    const { localPort } = request.socket;
    const forwarded = this.proxies.hostOf(request);
    if (
      host === this.#lastHost &&
      origin === this.#lastOrigin &&
      localPort === this.#lastPort &&
      forwarded === this.#lastForwarded
    ) {
      return null;
    }
    const key = `${localPort} ${host} ${origin} ${forwarded}`;
    if (!this.#known.get(key)) {
      const refusal = this.#judge(host, forwarded, origin, localPort);
      if (refusal !== null) return refusal;
      this.#known.set(key, true);
    }
    [this.#lastPort, this.#lastHost, this.#lastOrigin, this.#lastForwarded] = [localPort, host, origin, forwarded];
    return null;
  }

  /** Whether a token is asked for. */
  get asksForToken(): boolean {
    return this.#digests.length > 0;
  }

  /** Whether a text is the token, or the pass; false where none is asked for. Takes as long for any text. */
  isToken(text: string): boolean {
    const digest = digestOf(text);
    return this.#digests.filter((known) => timingSafeEqual(digest, known)).length > 0;
  }

  /** `unauthorized` for a request with neither the token nor a login, where one is asked for, else null. */
  tokenRefusal(request: IncomingMessage): ClawgaugeError | null {
    if (!this.asksForToken) return null;
    const { authorization, cookie } = request.headers;
    if (authorization === undefined) {
      if (this.login?.admits(cookie, request.socket.localPort)) return null;
      return new ClawgaugeError('unauthorized', 'An "Authorization: Bearer …" header was expected; none came.');
    }
    const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) {
      return new ClawgaugeError('unauthorized', 'An "Authorization: Bearer …" header was expected; another form came.');
    }
    if (this.isToken(token)) return null;
    return new ClawgaugeError('unauthorized', 'The token is not the one that this service was started with.');
  }

  /** A host that a proxy was asked for has to be good beside the Host header, not in its place: a client can make it up. */
  #judge(
    host: string,
    forwarded: string | null,
    origin: string | undefined,
    localPort: number | undefined,
  ): ClawgaugeError | null {
    const targets: Authority[] = [];
    for (const named of forwarded === null ? [host] : [host, forwarded]) {
      const target = authorityOf(named);
      // Without a port of our own (a Unix socket) every port of a loopback name is ours.
      if (target === null || !(this.#isAllowed(target) || isOurs(target, localPort ?? target.port ?? 80))) {
        const expected = "A loopback name with this service's port, or an allowed host, was expected";
        return new ClawgaugeError(
          'host_not_allowed',
          `${expected}; got ${quoted(named)}. To allow it: --allowed-host.`,
        );
      }
      targets.push(target);
    }
    if (origin === undefined) return null;
    const source = originAuthority(origin);
    const related =
      source !== null &&
      (targets.some((target) => isSame(source, target)) ||
        this.#isAllowed(source) ||
        (localPort !== undefined && isOurs(source, localPort)));
    if (related) return null;
    return new ClawgaugeError(
      'origin_not_allowed',
      `The origin of this service or of an allowed host was expected; got ${quoted(origin)}.`,
    );
  }

  #isAllowed({ name, port }: Authority): boolean {
    const ports = this.#allowed.get(name);
    if (ports === undefined) return false;
    if (ports === null) return true;
    // Without a port it is that of http or https; behind a proxy nothing tells which.
    return port === null ? ports.has(80) || ports.has(443) : ports.has(port);
  }

  #allow(entry: string): void {
    const authority = authorityOf(entry);
    if (authority === null) {
      throw new ClawgaugeError(
        'invalid_option',
        `An allowed host must be a name or name:port, IPv6 in brackets; got ${quoted(entry)}.`,
      );
    }
    const { name, port } = authority;
    const ports = this.#allowed.get(name);
    if (port === null || ports === null) this.#allowed.set(name, null);
    else this.#allowed.set(name, new Set(ports).add(port));
  }
}

/** A Host header's name (lower case) and port; null for anything else. */
function authorityOf(text: string): Authority | null {
  if (text.length > MAX_AUTHORITY_LENGTH) return null;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return null;
  return { name: match[1]!.toLowerCase(), port: match[2] === undefined ? null : Number(match[2]) };
}

/** An Origin header's name and port, the scheme's one filled in; null for `null` and other schemes. */
function originAuthority(origin: string): { name: string; port: number } | null {
  const match = /^(https?):\/\/(.*)$/i.exec(origin);
  const authority = match === null ? null : authorityOf(match[2]!);
  if (authority === null) return null;
  return { name: authority.name, port: authority.port ?? (match![1]!.toLowerCase() === 'https' ? 443 : 80) };
}

function isSame(source: { name: string; port: number }, target: Authority): boolean {
  if (source.name !== target.name) return false;
  return target.port === null ? source.port === 80 || source.port === 443 : source.port === target.port;
}

function isOurs({ name, port }: Authority, ourPort: number): boolean {
  return isLoopback(name) && (port ?? 80) === ourPort;
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

function checkedToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ClawgaugeError('invalid_option', 'A token must be printable ASCII without spaces; got another one.');
}

/** Equal lengths for `timingSafeEqual`, whatever is sent. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
