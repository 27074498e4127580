/**
 * The cookie by which a browser that knew the token once is known again: when it was given, signed with the token.
 * Nothing is kept for it; another token makes all cookies void.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Milliseconds } from '../units.ts';
import { Remembered } from './remembered.ts';

const VALID_FOR: Milliseconds = 30 * 86_400_000;

export class LoginCookie {
  readonly #token: string;
  readonly #clock: Pick<Clock, 'now'>;
  /** Until when signatures that were checked are good. */
  readonly #checked = new Remembered<string, Milliseconds>(16);

  constructor(token: string, clock: Pick<Clock, 'now'>) {
    this.#token = token;
    this.#clock = clock;
  }

  /** The value of a `Set-Cookie` header that lets a browser in; `secure` where it came by https. */
  issue(port: number | undefined, path: string, secure: boolean): string {
    const issuedAt = String(this.#clock.now());
    const attributes = `Path=${path}; Max-Age=${VALID_FOR / 1000}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    return `${cookieName(port)}=${issuedAt}.${this.#signature(issuedAt).toString('base64url')}; ${attributes}`;
  }

  /** Whether a `Cookie` header lets its sender in. */
  admits(header: string | undefined, port: number | undefined): boolean {
    const value = cookieOf(header, cookieName(port));
    if (value === null) return false;
    const until = this.#checked.get(value) ?? this.#check(value);
    return until !== null && this.#clock.now() < until;
  }

  /** Until when a value is good; null for one that was never given. */
  #check(value: string): Milliseconds | null {
    const [, issuedAt, signature] = /^(\d{1,15})\.([\w-]{43})$/.exec(value) ?? [];
    if (issuedAt === undefined || signature === undefined) return null;
    if (!timingSafeEqual(Buffer.from(signature, 'base64url'), this.#signature(issuedAt))) return null;
    const until = Number(issuedAt) + VALID_FOR;
    this.#checked.set(value, until);
    return until;
  }

  #signature(issuedAt: string): Buffer {
    return createHmac('sha256', this.#token).update(`clawgauge login ${issuedAt}`).digest();
  }
}

/** The value of a `Set-Cookie` header that makes a browser forget its login. */
export function forgetLogin(port: number | undefined, path: string): string {
  return `${cookieName(port)}=; Path=${path}; Max-Age=0; HttpOnly; SameSite=Strict`;
}

/** The value of a cookie in a `Cookie` header; null where there is none of that name. */
export function cookieOf(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const mark = pair.indexOf('=');
    if (mark !== -1 && pair.slice(0, mark).trim() === name) return pair.slice(mark + 1).trim();
  }
  return null;
}

/** Browsers send cookies to every port of a host: each service has a name of its own. */
function cookieName(port: number | undefined): string {
  return `clawgauge_login_${port ?? 0}`;
}
