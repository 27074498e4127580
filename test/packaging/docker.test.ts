/**
 * The container, where no engine runs: the Dockerfile is read, its steps are done in plain directories, and what it
 * says of the service is tried with a real one. Only the installation of packages is left out; they are linked.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { loadOptions } from '../../src/config.ts';
import { optionNames, variableOf } from '../../src/options.ts';
import { serve } from '../e2e/service.ts';
import { temporaryStateDir } from '../support/stores.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCKER = join(ROOT, 'packaging/docker');

interface Step {
  readonly instruction: string;
  readonly rest: string;
}

const dockerfile = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8');
const steps: readonly Step[] = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ instruction: line.split(' ', 1)[0] as string, rest: line.slice(line.indexOf(' ') + 1) }));

const lastStage = steps.slice(steps.findLastIndex(({ instruction }) => instruction === 'FROM'));
const last = (instruction: string) => lastStage.find((step) => step.instruction === instruction)?.rest ?? '';
const environment = Object.fromEntries(
  last('ENV')
    .split(' ')
    .map((pair) => pair.split('=', 2)),
);
const healthCheck = JSON.parse(last('HEALTHCHECK').replace(/^.*CMD /, '')) as string[];
const compose = readFileSync(join(DOCKER, 'compose.yaml'), 'utf8');

/** What of the project reaches the build. */
const context = readFileSync(join(DOCKER, 'Dockerfile.dockerignore'), 'utf8')
  .split('\n')
  .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));

describe('packaging/docker/Dockerfile', () => {
  it("has nothing that Docker's own linter complains of", () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(validate(dockerfile.replace('ENTRYPOINT', 'ENTRYPONT'))).toHaveLength(1);
  });

  it('begins each stage with a Node that is supported', () => {
    const images = steps.filter(({ instruction }) => instruction === 'FROM').map(({ rest }) => rest);
    for (const image of images) expect(image).toMatch(/^node:(20|22|24)-[\w-]+-slim( AS build)?$/);
  });

  it('runs what package.json runs, as nobody in particular', () => {
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['node', `/app/${packageJson.bin.clawgauge}`]);
    expect(JSON.parse(last('CMD'))).toEqual(['serve']);
    expect(last('USER')).toBe('node');
  });

  it('builds from what it is given, and takes along all that is packed to run', () => {
    const build = temporaryStateDir();
    const image = temporaryStateDir();
    for (const name of context) cpSync(join(ROOT, name), join(build, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(build, 'node_modules'));
    for (const { rest } of steps.filter(
      ({ instruction, rest }) => instruction === 'RUN' && rest.startsWith('npm run'),
    )) {
      execFileSync('sh', ['-c', rest], { cwd: build, stdio: 'pipe' });
    }
    for (const { rest } of lastStage.filter(({ instruction }) => instruction === 'COPY')) {
      const [target = '', ...sources] = rest.replace('--from=build ', '').split(' ').reverse();
      expect(target).toMatch(/^\.\//);
      for (const source of sources) {
        const from = join(build, source.replace(/^\/build\//, ''));
        const to = target === './' ? join(image, basename(source)) : join(image, target);
        if (source.endsWith('node_modules')) symlinkSync(from, to);
        else cpSync(from, to, { recursive: true });
      }
    }
    for (const name of packageJson.files) {
      if (!/^(docs|examples)|\.md$/.test(name)) expect(existsSync(join(image, name)), name).toBe(true);
    }
    const command = [packageJson.bin.clawgauge, '--version'];
    expect(execFileSync(process.execPath, command, { cwd: image, encoding: 'utf8' }).trim()).toBe(packageJson.version);
  }, 120_000);

  it('sets options that there are, and asks for a token', () => {
    const homedir = temporaryStateDir();
    const readFile = (path: string) => readFileSync(path, 'utf8');
    for (const name of Object.keys(environment)) {
      if (name.startsWith('CLAWGAUGE_')) expect(optionNames.map(variableOf)).toContain(name);
    }
    expect(() => loadOptions({ flags: {}, env: environment, homedir, readFile })).toThrow(/expected a token/);
    const env = { ...environment, CLAWGAUGE_TOKEN: 'a-token-for-this-test' };
    expect(loadOptions({ flags: {}, env, homedir, readFile })).toMatchObject({ dataDir: last('VOLUME') });
  });

  it('calls a service healthy while it answers', async () => {
    const check = async (port: string, path: string) => {
      const [program = '', ...args] = healthCheck;
      expect(program).toBe('node');
      const env = { ...environment, CLAWGAUGE_PORT: port, ...(path === '' ? {} : { CLAWGAUGE_BASE_PATH: path }) };
      const [code] = await once(spawn(process.execPath, args, { env, stdio: 'ignore' }), 'exit');
      return code as number;
    };
    for (const path of ['', '/usage']) {
      const base = path === '' ? {} : { '--base-path': path };
      const service = await serve(temporaryStateDir(), { '--token': 'a-token-for-this-test', ...base });
      const { port } = new URL(service.url);
      expect(await check(port, path)).toBe(0);
      await service.stop();
      expect(await check(port, path)).toBe(1);
    }
  });
});

describe('packaging/docker/compose.yaml', () => {
  it('sets options that there are', () => {
    const variables = [...compose.matchAll(/^ {6}(CLAWGAUGE_\w+):/gm)].map(([, name]) => name);
    expect(variables.length).toBeGreaterThan(0);
    for (const name of variables) expect(optionNames.map(variableOf)).toContain(name);
  });

  it('only reads the state of OpenClaw, writes to the volume alone, and publishes the port of the image to this machine', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: compose fills it in
    expect(compose).toContain('- ${HOME}/.openclaw:${HOME}/.openclaw:ro\n');
    expect(compose).toContain(`- data:${environment.CLAWGAUGE_DATA_DIR}\n`);
    expect(compose).toContain('read_only: true\n');
    expect(compose).toContain(`- '127.0.0.1:${environment.CLAWGAUGE_PORT}:${last('EXPOSE')}'\n`);
  });
});
