/** Where the user is: the address bar and what the history holds beside it as signals, and the links that change them. */
import { batch, computed, signal } from '@preact/signals';
import { type PageRoute, readRoute, writeRoute } from '../../src/page/route.ts';
import { facts } from './facts.ts';

const ZONE_COOKIE = 'clawgauge_zone';
const YEAR_IN_SECONDS = 31_536_000;

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const place = signal<PageRoute>(readRoute(location.search));

/** The zone of all days on the page. */
export const timeZone = computed(() => place.value.timeZone ?? facts.timeZone);

/** What a step of the history holds beside its address, for who comes back to it. */
interface Step {
  /** The query of the address that was left for it; null where that was no page of ours. */
  readonly before: string | null;
  /** How far down it was when it was left. */
  readonly scrolled: number;
  /** Of the pages of a list that were gone through, the present one last; the first one has none. */
  readonly cursors: readonly (string | null)[];
}

const NEW_STEP: Step = { before: null, scrolled: 0, cursors: [null] };

export const step = signal<Step>(presentStep());

addEventListener('popstate', arrive);

// `#token=` has done its work on the login page; here it is left over from a bookmark.
if (location.hash.startsWith('#token=')) {
  history.replaceState(history.state, '', location.pathname + location.search);
}

// From the next page on, its first figures are in the browser's zone.
const folder = location.pathname.replace(/[^/]*$/, '');
// biome-ignore lint/suspicious/noDocumentCookie: there is no cookie store where the page came by plain HTTP
document.cookie = `${ZONE_COOKIE}=${encodeURIComponent(browserZone)}; path=${folder}; max-age=${YEAR_IN_SECONDS}; samesite=strict`;

/** The address of the present place with some changes. */
export function hrefOf(changes: Partial<PageRoute>): string {
  return writeRoute({ ...place.value, ...changes });
}

/** Has the present step of the history hold something else. */
export function keep(changes: Partial<Step>): void {
  step.value = { ...step.peek(), ...changes };
  history.replaceState(step.value, '');
}

/** Goes there; `replace` leaves no step in the history. */
export function go(changes: Partial<PageRoute>, replace = false): void {
  const href = hrefOf(changes);
  if (replace) history.replaceState({ ...NEW_STEP, before: step.peek().before }, '', href);
  else leaveFor(href);
  arrive();
}

/** For links within the page: goes there without loading it anew, unless another tab or window was meant. */
export function follow(event: MouseEvent): void {
  if (isForElsewhere(event)) return;
  event.preventDefault();
  leaveFor(searchOf(event) === '' ? '?' : searchOf(event));
  arrive();
  scrollTo(0, 0);
}

/** For a link to where one may have come from: then goes back there, and finds it as it was. */
export function followBack(event: MouseEvent): void {
  if (searchOf(event) !== step.peek().before || isForElsewhere(event)) {
    follow(event);
    return;
  }
  event.preventDefault();
  history.back();
}

function leaveFor(href: string): void {
  keep({ scrolled: scrollY });
  history.pushState({ ...NEW_STEP, before: location.search }, '', href);
}

function arrive(): void {
  batch(() => {
    step.value = presentStep();
    place.value = readRoute(location.search);
  });
}

function presentStep(): Step {
  return { ...NEW_STEP, ...history.state };
}

function searchOf(event: MouseEvent): string {
  return (event.currentTarget as HTMLAnchorElement).search;
}

function isForElsewhere({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button !== 0 || metaKey || ctrlKey || shiftKey || altKey;
}
