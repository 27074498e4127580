/** Which module may import which. Each list is exact, so that a new import is a decision and not an accident. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, runGraph } from './support/import-graph.ts';

const SOURCES = join(import.meta.dirname, '../src');

const read = (module: string) => readFileSync(join(SOURCES, module), 'utf8');

/** They look into ledger and stores themselves, each in a process of its own that serves nobody. */
const COMMANDS = ['cli/ledger.ts', 'cli/doctor.ts', 'cli/store-mark.ts', 'cli/data-copy.ts'];

/** Those of `src/` that run on the main thread, whatever it was started by. */
const mainThread = runGraph(['cli.ts', 'server.ts', 'index.ts'], (module) =>
  COMMANDS.includes(module) ? '' : read(module),
);
const modules = [...mainThread.keys()].sort();

/** The modules of the main thread that import one of some packages themselves. */
function importersOf(...packages: string[]): string[] {
  return modules.filter((module) => mainThread.get(module)?.some((name) => packages.includes(name)));
}

describe('the main thread', () => {
  it('holds no scanner, no digest and no parser of transcripts: of compute/ it runs two modules', () => {
    expect(modules.filter((module) => module.startsWith('compute/'))).toEqual([
      'compute/envelope.ts',
      'compute/state-directory.ts',
    ]);
  });

  it('holds no database: of cache/ it runs the sums of the memory budget', () => {
    expect(modules.filter((module) => module.startsWith('cache/'))).toEqual(['cache/memory-budget.ts']);
  });

  it('makes up no stores: of demo/ it runs nothing', () => {
    expect(modules.filter((module) => module.startsWith('demo/'))).toEqual([]);
  });

  it('loads these packages and no others', () => {
    const packages = [...mainThread.values()].flat().filter((name) => !name.startsWith('node:'));
    expect([...new Set(packages)].sort()).toEqual([
      '@fastify/swagger',
      'close-with-grace',
      'commander',
      'fastify',
      'fastify-plugin',
      'lru-cache',
      'piscina',
      'ws',
    ]);
  });

  it('touches the file system only for configuration, hints of changes, the last snapshot and calls, the lock and service.json, the built dashboard, and commands of processes of their own', () => {
    expect(importersOf('node:fs', 'node:fs/promises')).toEqual([
      'cli.ts',
      'cli/demo.ts',
      'cli/held-data.ts',
      'cli/unit.ts',
      'compute/state-directory.ts',
      'library-options.ts',
      'lock/directory-lock.ts',
      'lock/lease-marks.ts',
      'lock/marks.ts',
      'lock/service-file.ts',
      'lock/socket-marks.ts',
      'routes/dashboard-files.ts',
      'snapshot/checked-file.ts',
      'snapshot/directory-watchers.ts',
    ]);
  });

  it('requires behind the back of its imports parts of Fastify, the parser of the config file and the version in package.json', () => {
    expect(importersOf('node:module')).toEqual(['loading.ts', 'option-sources.ts', 'version.ts']);
    const required = importersOf('node:module').flatMap((module) => [
      ...read(module).matchAll(/createRequire\(import\.meta\.url\)\('([^']+)'\)/g),
    ]);
    expect(required.map(([, path]) => path)).toEqual(['json5', '../package.json']);
  });

  it('asks nobody on the network; a command asks the service that runs on its data directory, or one that is named', () => {
    expect(modules.filter((module) => /import \{[^}]*\bget\b[^}]*\} from 'node:http'/.test(read(module)))).toEqual([
      'cli/running-service.ts',
    ]);
    expect(importersOf('node:https')).toEqual(['cli/running-service.ts']);
    expect(importersOf('node:http2', 'node:dns', 'node:tls', 'node:dgram')).toEqual([]);
    expect(modules.filter((module) => /\bfetch\(|\brequest\(/.test(read(module)))).toEqual([]);
  });
});

describe('what stands between the spawn and the first answer', () => {
  const boot = runGraph(['cli.ts', 'cli/serve.ts'], read, { once: true });

  it('is these modules: not the service, not the routes, no package at all', () => {
    expect([...boot.keys()].sort()).toEqual([
      'budget-options.ts',
      'byte-size.ts',
      'cache/memory-budget.ts',
      'cli.ts',
      'cli/console.ts',
      'cli/plain-flags.ts',
      'cli/progress-line.ts',
      'cli/serve.ts',
      'clock.ts',
      'compute/envelope.ts',
      'compute/state-directory.ts',
      'config.ts',
      'duration.ts',
      'errors.ts',
      'lock/directory-lock.ts',
      'lock/marks.ts',
      'lock/service-file.ts',
      'lock/socket-marks.ts',
      'nearest.ts',
      'notice-options.ts',
      'option-kinds.ts',
      'option-sources.ts',
      'options.ts',
      'own-directories.ts',
      'routes/boot-listener.ts',
      'routes/delivery.ts',
      'routes/followed-service.ts',
      'routes/joined-body.ts',
      'routes/json-answer.ts',
      'routes/login-cookie.ts',
      'routes/negotiation.ts',
      'routes/parameter-check.ts',
      'routes/parameters.ts',
      'routes/pending.ts',
      'routes/problem.ts',
      'routes/remembered.ts',
      'routes/security.ts',
      'routes/server-limits.ts',
      'routes/trusted-proxies.ts',
      'routes/upgrade.ts',
      'routes/view-address.ts',
      'server.ts',
      'snapshot/checked-file.ts',
      'snapshot/export/export-query.ts',
      'snapshot/head.ts',
      'snapshot/joined-sections.ts',
      'snapshot/query.ts',
      'snapshot/restored-views.ts',
      'snapshot/snapshot-file.ts',
      'snapshot/window.ts',
      'snapshot/zone.ts',
      'state-names.ts',
      'units.ts',
      'version.ts',
    ]);
  });

  it('needs only what the runtime itself brings', () => {
    expect([...new Set([...boot.values()].flat())].sort()).toEqual([
      'node:crypto',
      'node:events',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:module',
      'node:net',
      'node:os',
      'node:path',
      'node:querystring',
      'node:zlib',
    ]);
  });
});

describe('the rooms', () => {
  const room = (name: string) =>
    readdirSync(join(SOURCES, name), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
      file.endsWith('.ts') ? posix.join(name, file.replaceAll('\\', '/')) : [],
    );
  /** The rooms that a room's modules import from, types included. */
  const uses = (name: string) => {
    const paths = room(name).flatMap((module) =>
      importsOf(read(module)).flatMap(({ path }) =>
        path.startsWith('.') ? posix.join(posix.dirname(module), path) : [],
      ),
    );
    const rooms = paths.flatMap((path) => /^([\w-]+)\//.exec(path)?.[1] ?? []);
    return [...new Set(rooms)].filter((used) => used !== name).sort();
  };

  it.each([
    ['compute', []],
    ['cache', []],
    ['snapshot', ['cache', 'compute', 'notices', 'page']],
    ['routes', ['page', 'snapshot']],
    ['page', ['snapshot']],
    ['demo', ['compute']],
    ['lock', []],
    ['notices', ['cache', 'snapshot']],
    ['cli', ['cache', 'compute', 'demo', 'lock', 'page', 'snapshot']],
  ])('%s imports from %j only', (name, rooms) => {
    expect(uses(name)).toEqual(rooms);
  });

  it('are these, so that no other has been forgotten here', () => {
    const rooms = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => name).sort()).toEqual([
      'cache',
      'cli',
      'compute',
      'demo',
      'lock',
      'notices',
      'page',
      'routes',
      'snapshot',
    ]);
  });
});

describe('the walk that finds this out', () => {
  const sources: Record<string, string> = {
    'main.ts': "import { a } from './room/a.ts';\nimport type { B } from './room/b.ts';\n",
    'room/a.ts': "export { c } from './c.ts';\nconst later = () => import('../later.ts');\n",
    'room/b.ts': "import 'node:fs';\n",
    'room/c.ts':
      "import type { D } from './d.ts';\nimport {\n  type E,\n  f,\n} from '../f.ts';\ntype G = import('./g.ts').G;\n",
    'later.ts': "import 'some-package';\nimport main from '../src/main.ts';\n",
    'f.ts': "export * from 'node:sqlite';\nimport type from './type.ts';\nexport type { H } from './h.ts';\n",
    'type.ts': '',
    '../src/main.ts': '',
  };
  const readMadeUp = (module: string) => {
    const text = sources[module];
    if (text === undefined) throw new Error(`nothing imports ${module} when it runs`);
    return text;
  };

  it('follows what runs, also later, and leaves out what types alone import', () => {
    const graph = runGraph(['main.ts'], readMadeUp);
    expect([...graph.keys()].sort()).toEqual(
      ['main.ts', 'room/a.ts', 'room/c.ts', 'later.ts', 'f.ts', 'type.ts', '../src/main.ts'].sort(),
    );
    expect(graph.get('f.ts')).toEqual(['node:sqlite']);
    expect(graph.get('later.ts')).toEqual(['some-package']);
  });

  it('leaves out what runs later, where it is told to', () => {
    const graph = runGraph(['main.ts'], readMadeUp, { once: true });
    expect([...graph.keys()].sort()).toEqual(['main.ts', 'room/a.ts', 'room/c.ts', 'f.ts', 'type.ts'].sort());
  });

  it('finds a database wherever it is brought in', () => {
    for (const line of [
      "import { DatabaseSync } from 'node:sqlite';",
      "import 'node:sqlite';",
      "export { DatabaseSync } from 'node:sqlite';",
      "import {\n  DatabaseSync,\n  type Statement,\n} from 'node:sqlite';",
      "import * as sqlite from 'node:sqlite';",
      "const { DatabaseSync } = await import('node:sqlite');",
    ]) {
      const graph = runGraph(['a.ts'], (module) => (module === 'a.ts' ? `/** b. */\nimport './b.ts';\n` : `${line}\n`));
      expect(graph.get('b.ts'), line).toEqual(['node:sqlite']);
    }
  });
});
