/** Where the user is: the address bar as a signal, and the links that change it. */
import { computed, signal } from '@preact/signals';
import { type PageRoute, readRoute, writeRoute } from '../../src/page/route.ts';
import { facts } from './facts.ts';

const ZONE_COOKIE = 'clawgauge_zone';
const YEAR_IN_SECONDS = 31_536_000;

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const place = signal<PageRoute>(readRoute(location.search));

/** The zone of all days on the page. */
export const timeZone = computed(() => place.value.timeZone ?? facts.timeZone);

addEventListener('popstate', () => {
  place.value = readRoute(location.search);
});

// `#token=` has done its work on the login page; here it is left over from a bookmark.
if (location.hash.startsWith('#token=')) history.replaceState(null, '', location.pathname + location.search);

// From the next page on, its first figures are in the browser's zone.
const folder = location.pathname.replace(/[^/]*$/, '');
// biome-ignore lint/suspicious/noDocumentCookie: there is no cookie store where the page came by plain HTTP
document.cookie = `${ZONE_COOKIE}=${encodeURIComponent(browserZone)}; path=${folder}; max-age=${YEAR_IN_SECONDS}; samesite=strict`;

/** The address of the present place with some changes. */
export function hrefOf(changes: Partial<PageRoute>): string {
  return writeRoute({ ...place.value, ...changes });
}

/** Goes there; `replace` leaves no step in the history. */
export function go(changes: Partial<PageRoute>, replace = false): void {
  const href = hrefOf(changes);
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  place.value = readRoute(location.search);
}

/** For links within the page: goes there without loading it anew, unless another tab or window was meant. */
export function follow(event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { search } = event.currentTarget as HTMLAnchorElement;
  history.pushState(null, '', search === '' ? '?' : search);
  place.value = readRoute(location.search);
  scrollTo(0, 0);
}
