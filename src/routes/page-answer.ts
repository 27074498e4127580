/** What all pages for browsers are answered with. */
import { securityHeaders } from './security.ts';

/** A page runs its own files, asks its own service, sends its forms there, and is kept by nobody. */
export const pageHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // Without any referrer, a browser sends a form with the origin null.
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'Content-Type': 'text/html; charset=utf-8',
  Vary: 'Accept, Accept-Encoding, Cookie',
};

/** An address in two parts, the second empty or from its question mark on. */
export function splitAddress(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark)];
}
