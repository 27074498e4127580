/**
 * The import graph of TypeScript sources, read from their text. Works on the form that the formatter leaves: one import
 * begins a line, and its path stands in single quotes. What types alone import is erased, and so is apart.
 */
import { posix } from 'node:path';

export interface Import {
  readonly path: string;
  /** `import type`, `export type` and types such as `import('x').Name`: nothing of it is left to run. */
  readonly erased: boolean;
  /** `import()`. */
  readonly dynamic: boolean;
}

/** Gives the text of a module; throws where there is none. */
export type ReadModule = (module: string) => string;

const STATIC = /^(?:import|export)\s+(type\s(?!from\b))?(?:[\w\s{},*$]+?\sfrom\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\('([^']+)'\)(\.[A-Z])?/g;

/** The imports in a module's text, in no particular order. */
export function importsOf(text: string): Import[] {
  const found = [...text.matchAll(STATIC)].map(([, type, path]) => {
    return { path: path as string, erased: type !== undefined, dynamic: false };
  });
  const dynamic = [...text.matchAll(DYNAMIC)].map(([, path, member]) => {
    return { path: path as string, erased: member !== undefined, dynamic: true };
  });
  return [...found, ...dynamic];
}

/**
 * What runs when one of the entries runs: each module reached (paths as `read` takes them), with the packages and
 * built-in modules that it imports itself. Follows `import()` too, unless only what runs at `once` is asked for; a
 * worker's entry is named by no import.
 */
export function runGraph(
  entries: readonly string[],
  read: ReadModule,
  { once = false }: { once?: boolean } = {},
): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  const open = [...entries];
  for (let module = open.pop(); module !== undefined; module = open.pop()) {
    if (graph.has(module)) continue;
    const imported = importsOf(read(module)).filter(({ erased, dynamic }) => !erased && !(once && dynamic));
    graph.set(
      module,
      imported.filter(({ path }) => !path.startsWith('.')).map(({ path }) => path),
    );
    const directory = posix.dirname(module);
    for (const { path } of imported) if (path.startsWith('.')) open.push(posix.join(directory, path));
  }
  return graph;
}
