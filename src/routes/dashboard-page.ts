/**
 * The page of the dashboard with its first figures in it: the ready markup and the ready view of what its address shows,
 * put between the parts of the built page. Nothing of it is rendered or compressed for a request.
 */
import { firstAddress, type PageFacts, readRoute } from '../page/route.ts';
import { firstPageKey, firstPageQuery } from '../snapshot/first-page.ts';
import { viewKey } from '../snapshot/query.ts';
import { zoneOf } from '../snapshot/zone.ts';
import type { DashboardFiles } from './dashboard-files.ts';
import { gzipOf, headPrefix, type Piece, pieceOf } from './joined-body.ts';
import type { UsageService } from './service.ts';
import { viewKeyOf } from './view-address.ts';

export interface PageAsked {
  /** Of the page's address, with its question mark if it has any. */
  readonly query: string;
  /** The zone that the browser said once. */
  readonly cookieZone: string | null;
  readonly serviceTimeZone: string;
  readonly version: string;
  readonly login: boolean;
  readonly transcripts: boolean;
  readonly budgets: boolean;
}

/** The parts of the page in their order. */
export function pageOf(files: DashboardFiles, service: UsageService, asked: PageAsked): Piece[] {
  const { query, cookieZone, serviceTimeZone, version, login, transcripts, budgets } = asked;
  const route = readRoute(query);
  const timeZone = knownZone(route.timeZone) ?? knownZone(cookieZone) ?? serviceTimeZone;
  service.noteZone(timeZone);
  const address = firstAddress(route, timeZone);
  const key = address === null ? null : viewKeyOf(`/${address}`, '', serviceTimeZone);
  const head = service.head();
  const view = key === null || head === null ? undefined : service.ready(key);
  const markup =
    view !== undefined && key === viewKey(firstPageQuery(timeZone)) ? service.ready(firstPageKey(timeZone)) : undefined;
  const embedded = view === undefined ? null : address;
  const facts: PageFacts = { version, timeZone, serviceTimeZone, embedded, login, transcripts, budgets };
  const [before, beforeFacts, beforeFigures, behind] = files.page;
  return [
    before,
    ...(markup === undefined ? [] : [pieceOf(markup)]),
    beforeFacts,
    textPiece(JSON.stringify(facts).replaceAll('<', '\\u003c')),
    beforeFigures,
    ...(view === undefined || head === null
      ? [textPiece('null')]
      : [{ plain: headPrefix(head), deflated: null }, pieceOf(view)]),
    behind,
  ];
}

/** The bytes of a page in the form that the client takes. */
export function pageBytes(pieces: readonly Piece[], gzip: boolean): Buffer {
  return gzip ? gzipOf(pieces) : Buffer.concat(pieces.map(({ plain }) => plain));
}

/** The zone's own spelling of its name; null for what is no zone. */
function knownZone(name: string | null): string | null {
  if (name === null || name.length > 64) return null;
  try {
    return zoneOf(name).name;
  } catch {
    return null;
  }
}

function textPiece(text: string): Piece {
  return { plain: Buffer.from(text), deflated: null };
}
