/**
 * The built dashboard: its two pages in parts, and the files that they load, all in memory in the codings that they were
 * compressed to when it was built. Read when the dashboard is first asked for.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync } from 'node:zlib';
import type { Piece } from './joined-body.ts';

export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer | null;
  readonly brotli: Buffer | null;
}

export interface DashboardFiles {
  /** What stands before, between and behind the parts that are filled in: markup, facts, figures. */
  readonly page: readonly [Piece, Piece, Piece, Piece];
  /** The page that asks for the token, before and behind what it says of the last try. */
  readonly login: readonly [string, string];
  /** By file name. Their names change with their content. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What each part of the page is put in place of. */
const MARKS = ['<!--markup-->', '<!--facts-->', '<!--figures-->'] as const;
const LOGIN_MARK = '<!--refused-->';

/** Beside the built routes; the tests run the sources, beside a fresh build. */
const DIRECTORY = fileURLToPath(new URL('../web/', import.meta.url.replace(/\/src\/(?=routes\/[^/]+\.ts$)/, '/dist/')));

/** Null where the package was built without a dashboard. Rejects with any other error of the file system. */
export async function readDashboard(directory = DIRECTORY): Promise<DashboardFiles | null> {
  let names: string[];
  try {
    names = await readdir(join(directory, 'assets'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const read = (name: string) => readFile(join(directory, name));
  const compressed = (name: string, ending: string) =>
    names.includes(`${name}${ending}`) ? read(`assets/${name}${ending}`) : null;
  const plain = names.filter((name) => extname(name) in TYPES);
  const assets = await Promise.all(
    plain.map(async (name): Promise<[string, Asset]> => {
      const [bytes, gzip, brotli] = await Promise.all([
        read(`assets/${name}`),
        compressed(name, '.gz'),
        compressed(name, '.br'),
      ]);
      return [name, { type: TYPES[extname(name)] as string, plain: bytes, gzip, brotli }];
    }),
  );
  const [page, login] = await Promise.all([read('index.html'), read('login.html')]);
  const [before = '', beforeFacts = '', beforeFigures = '', behind = ''] = splitAt(page.toString(), MARKS);
  const [loginBefore = '', loginBehind = ''] = splitAt(login.toString(), [LOGIN_MARK]);
  return {
    page: [pieceOfText(before), pieceOfText(beforeFacts), pieceOfText(beforeFigures), pieceOfText(behind)],
    login: [loginBefore, loginBehind],
    assets: new Map(assets),
  };
}

/** Reads the dashboard when it is first asked for, and again if that failed. */
export function dashboardOnce(): () => Promise<DashboardFiles | null> {
  let reading: Promise<DashboardFiles | null> | null = null;
  return () => {
    reading ??= readDashboard().catch((error: unknown) => {
      reading = null;
      throw error;
    });
    return reading;
  };
}

/** The parts of a text around marks that each stand in it once, in this order. */
function splitAt(text: string, marks: readonly string[]): string[] {
  const parts: string[] = [];
  let rest = text;
  for (const mark of marks) {
    const at = rest.indexOf(mark);
    if (at === -1) throw new Error(`the dashboard was built without ${mark}`);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at + mark.length);
  }
  return [...parts, rest];
}

function pieceOfText(text: string): Piece {
  const plain = Buffer.from(text);
  return { plain, deflated: deflateRawSync(plain, { level: 9, finishFlush: constants.Z_SYNC_FLUSH }) };
}
