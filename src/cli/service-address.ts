/** The address of a service that is named with --url, rather than found by service.json. */
import { invalidOption, shown } from '../option-sources.ts';
import type { CommandFlag } from './plain-flags.ts';

export const URL_FLAG: CommandFlag = {
  flag: '--url <address>',
  meaning: 'Ask the service there, such as http://host:18790, with the token of --token or CLAWGAUGE_TOKEN.',
};

/** With the base path if there is one, and no slash at its end; null where none is named. Throws `invalid_option`. */
export function serviceAddress(value: unknown): string | null {
  if (value === undefined) return null;
  const text = String(value);
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (isPlain && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '');
  throw invalidOption(`url (flag --url): expected an address such as http://host:18790; got ${shown(value)}`);
}
