/** The pages that readers get, as text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Path from the root of the project to text, of every page in it and in docs/. */
export const pages: ReadonlyMap<string, string> = new Map(
  ['', 'docs']
    .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);

/** Throws for a page that is not there. */
export function page(path: string): string {
  const text = pages.get(path);
  if (text === undefined) throw new Error(`no page ${path}`);
  return text;
}

/** The lines of a page's shell examples. */
export function shellLines(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, lines = '']) => lines.trim().split('\n'));
}

/** First cells of the rows of a page's tables, without code marks. */
export function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell.replaceAll('`', ''));
}
