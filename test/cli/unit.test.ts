/** Units: those of packaging/ and those filled in, judged by systemd's own tools and by a parser of property lists, where there are. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unitFor } from '../../src/cli/unit.ts';
import { loadOptions } from '../../src/config.ts';
import type { Flags } from '../../src/option-sources.ts';
import { runCommand } from '../e2e/service.ts';
import { temporaryStateDir } from '../support/stores.ts';

const PACKAGING = join(import.meta.dirname, '../../packaging');

const HOME = '/home/me';

function unit(manager: 'systemd' | 'launchd', flags: Flags = {}, env: Record<string, string> = {}): string {
  const readFile = () => {
    throw Object.assign(new Error('there is none'), { code: 'ENOENT' });
  };
  const options = loadOptions({ flags, env, homedir: HOME, readFile });
  return unitFor(manager, flags, options, { program: [process.execPath, '/opt/a b/clawgauge'], env, homedir: HOME });
}

/** The values of a unit's settings, in their order. */
function settings(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

const strange: Flags = {
  memoryCap: '301mb',
  dataDir: '/srv/a "b" 100% $HOME',
  allowedHost: ['a.example', 'b.example:81'],
};

describe('clawgauge unit systemd', () => {
  it('is the unit of packaging/ with the program of this machine', () => {
    const plain = readFileSync(join(PACKAGING, 'systemd/clawgauge.service'), 'utf8');
    const differing = (text: string) => text.replaceAll(/^(ExecStart=|ReadWritePaths=|# {3}mkdir ).*$/gm, '$1');
    expect(differing(unit('systemd'))).toBe(differing(plain));
    expect(settings(unit('systemd'), 'ExecStart')).toEqual([`${process.execPath} "/opt/a b/clawgauge" serve`]);
    expect(settings(unit('systemd'), 'ReadWritePaths')).toEqual([
      '/home/me/.local/state/clawgauge /home/me/.cache/clawgauge',
    ]);
  });

  it('repeats the flags that it was given, and gives the memory that they ask for', () => {
    const text = unit('systemd', strange);
    expect(settings(text, 'ExecStart')[0]).toMatch(
      / serve --data-dir "\/srv\/a \\"b\\" 100%% \$\$HOME" --memory-cap 301mb --allowed-host a\.example --allowed-host b\.example:81$/,
    );
    expect(settings(text, 'ReadWritePaths')).toEqual(['"/srv/a \\"b\\" 100%% $HOME"']);
    expect(settings(text, 'MemoryMax')).toEqual(['452M']);
  });

  it('keeps the variables that say where things lie and what is wanted, and no secret', () => {
    const token = 'a-token-that-nobody-sees';
    const text = unit(
      'systemd',
      { token },
      {
        XDG_STATE_HOME: '/state of me',
        OPENCLAW_STATE_DIR: '/srv/claw',
        OPENCLAW_GATEWAY_TOKEN: token,
        CLAWGAUGE_TOKEN: token,
        CLAWGAUGE_LOG_LEVEL: 'warn',
        PATH: '/bin',
      },
    );
    expect(settings(text, 'Environment')).toEqual([
      '"XDG_STATE_HOME=/state of me"',
      'OPENCLAW_STATE_DIR=/srv/claw',
      'CLAWGAUGE_LOG_LEVEL=warn',
    ]);
    expect(settings(text, 'ReadWritePaths')).toEqual(['"/state of me/clawgauge" /home/me/.cache/clawgauge']);
    expect(text).not.toContain(token);
  });

  it('keeps addresses out unless others are to reach it', () => {
    expect(settings(unit('systemd'), 'IPAddressDeny')).toEqual(['any']);
    const open = unit('systemd', { host: '0.0.0.0' }, { CLAWGAUGE_TOKEN: 'a-token-that-nobody-sees' });
    expect(open).not.toContain('\nIPAddress');
  });

  const analyze = (...args: string[]) =>
    spawnSync('systemd-analyze', args, {
      env: { PATH: process.env.PATH, XDG_RUNTIME_DIR: temporaryStateDir() },
      encoding: 'utf8',
    });
  const judged = analyze('--version').status === 0;

  it.skipIf(!judged).each([
    ['that of packaging/', () => readFileSync(join(PACKAGING, 'systemd/clawgauge.service'), 'utf8')],
    ['one with strange paths', () => unit('systemd', strange, { XDG_CACHE_HOME: '/a 100% "b"' })],
  ])('%s is right and exposes little, as systemd judges', (_, text) => {
    const path = join(temporaryStateDir(), 'clawgauge.service');
    writeFileSync(path, text());
    expect(analyze('verify', '--user', '--man=no', path)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    // Of 100; a unit that says nothing has 96.
    expect(analyze('security', '--offline=yes', '--threshold=25', path)).toMatchObject({ status: 0 });
  });
});

describe('clawgauge unit launchd', () => {
  const parse = (text: string) => {
    const script = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    return JSON.parse(spawnSync('python3', ['-c', script], { input: text, encoding: 'utf8' }).stdout) as object;
  };
  const parsed = spawnSync('python3', ['-c', 'import plistlib']).status === 0;

  it.skipIf(!parsed)('is the list of packaging/ with the program, flags and variables of this machine', () => {
    const plain = parse(readFileSync(join(PACKAGING, 'launchd/clawgauge.plist'), 'utf8'));
    expect(parse(unit('launchd', strange, { OPENCLAW_HOME: '/a & <b>' }))).toEqual({
      ...plain,
      ProgramArguments: [
        process.execPath,
        '/opt/a b/clawgauge',
        'serve',
        '--data-dir',
        strange.dataDir,
        '--memory-cap',
        '301mb',
        '--allowed-host',
        'a.example',
        '--allowed-host',
        'b.example:81',
      ],
      EnvironmentVariables: { OPENCLAW_HOME: '/a & <b>' },
      StandardOutPath: '/home/me/Library/Logs/clawgauge.log',
      StandardErrorPath: '/home/me/Library/Logs/clawgauge.log',
    });
  });
});

it('the packed command prints its own path', async () => {
  const { code, stdout } = await runCommand(['unit', 'systemd', '--redact']);
  expect(code).toBe(0);
  expect(settings(stdout, 'ExecStart')[0]).toMatch(/\/dist\/cli\.js serve --redact$/);
});

it('options are checked before anything is printed', async () => {
  const { code, stdout, stderr } = await runCommand(['unit', 'systemd', '--port', 'none']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('port (flag --port)');
});
