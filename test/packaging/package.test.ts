/** The package as npm packs it: what is in it, and, in CI, that it runs once npm has installed it with what it asks for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { unpackedPackage } from '../e2e/package.ts';
import { Service } from '../e2e/service.ts';
import { importsOf } from '../support/import-graph.ts';
import { temporaryStateDir } from '../support/stores.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('the packed package', () => {
  it('has what package.json names', async () => {
    const directory = await unpackedPackage();
    const { bin, main, types, man } = packageJson;
    for (const path of [bin.clawgauge, main, types, man]) expect(existsSync(join(directory, path)), path).toBe(true);
  });

  it('has the licence of every library that the pages are built with', async () => {
    const sources = readdirSync(join(ROOT, 'web'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => /\.tsx?$/.test(path) && path !== 'vite.config.ts',
    );
    const imported = sources.flatMap((path) => importsOf(readFileSync(join(ROOT, 'web', path), 'utf8')));
    const names = imported.flatMap(({ path }) => /^(?![.])((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
    const licences = readFileSync(join(await unpackedPackage(), 'dist/web/licenses.md'), 'utf8');
    expect(names).toContain('preact');
    for (const name of new Set(names)) {
      const [, licence = ''] = licences.split(`\n## ${name} - `);
      expect(licence.split('\n## ')[0], name).toContain('Copyright');
    }
  });

  it.each(['compute/scan.worker.js', 'snapshot/keeper.worker.js'])(
    'has in %s all that its thread loads',
    async (path) => {
      const text = readFileSync(join(await unpackedPackage(), 'dist', path), 'utf8');
      const loaded = [...text.matchAll(/^import .*from "(.+)";$/gm)].map(([, module]) => module);
      expect(loaded).toContain('node:worker_threads');
      expect(loaded.filter((module) => module?.startsWith('.'))).toEqual([]);
    },
  );

  it('has no sources, tests or pictures', async () => {
    const files = readdirSync(await unpackedPackage(), { recursive: true, encoding: 'utf8' });
    const strange = files.filter(
      (path) => !path.startsWith('node_modules') && /(?<!\.d)\.tsx?$|\.test\.|\.png$/.test(path),
    );
    expect(strange).toEqual([]);
  });
});

/** It needs a registry. */
describe.skipIf(process.env.CI === undefined)('the package that npm has installed', () => {
  const directory = temporaryStateDir();
  const run = (program: string, args: readonly string[]) =>
    execFileSync(program, args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  let installed: ReturnType<typeof spawnSync>;

  beforeAll(() => {
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    run('npm', ['pack', '--ignore-scripts', ROOT]);
    const tarball = `./clawgauge-${packageJson.version}.tgz`;
    installed = spawnSync('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', tarball], {
      cwd: directory,
      encoding: 'utf8',
    });
  }, 180_000);

  it('is installed without a script, and asks for no other Node than it says', () => {
    expect(installed.status, String(installed.stderr)).toBe(0);
    expect(installed.stderr).not.toMatch(/EBADENGINE|deprecated/);
  });

  it('runs as a command', () => {
    const command = join(directory, 'node_modules/.bin/clawgauge');
    expect(run(process.execPath, [command, '--version']).trim()).toBe(packageJson.version);
  });

  it('shows its demonstration, and ends it when asked', async () => {
    const service = await Service.start(['demo', '--sessions', '2', '--port', '0'], {
      packageDirectory: join(directory, 'node_modules/clawgauge'),
    });
    await service.ready();
    expect((await service.usage()).totals.records).toBeGreaterThan(0);
    expect((await service.stop()).code).toBe(0);
  });

  it('is a library', () => {
    const script =
      "import clawgauge, { createUsageService } from 'clawgauge'; console.log(typeof clawgauge, typeof createUsageService)";
    expect(run(process.execPath, ['--input-type=module', '--eval', script]).trim()).toBe('function function');
  });
});
