/** Completions, asked of the shells themselves. A shell that is not installed here is skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { allCommands, outlineOf } from '../../src/cli/outline.ts';
import { programOf } from '../../src/cli/program.ts';
import { runCommand } from '../e2e/service.ts';
import { temporaryStateDir } from '../support/stores.ts';

const outline = outlineOf(programOf(() => expect.fail('nothing is run here')));
const commands = allCommands(outline);

/** What a shell offers behind each of some lines, by the script at a path: one offer a line, `==` behind those of each. */
const SHELLS: Readonly<Record<string, (script: string, lines: readonly string[]) => string>> = {
  bash: (script, lines) => run('bash', ['--noprofile', '--norc', beside('complete.bash'), script, ...lines]),
  zsh: (script, lines) => run('zsh', ['-f', beside('complete.zsh'), script, ...lines]),
  fish: (script, lines) => {
    const asked = 'source $argv[1]; for line in $argv[2..-1]; complete -C $line; echo ==; end';
    return run('fish', ['--no-config', '-c', asked, script, ...lines]);
  },
};

const beside = (name: string) => join(import.meta.dirname, name);

const home = temporaryStateDir();

mkdirSync(join(home, 'folder', 'one'), { recursive: true });
mkdirSync(join(home, 'folder', 'two'));
writeFileSync(join(home, 'folder', 'file'), '');

function run(shell: string, args: readonly string[]): string {
  const env = { PATH: process.env.PATH, HOME: home, TERM: 'xterm' };
  return execFileSync(shell, args, { cwd: home, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe.each(Object.entries(SHELLS))('clawgauge completions %s', (shell, complete) => {
  const installed = spawnSync(shell, ['-c', 'true']).status === 0;
  const script = join(home, shell);
  /** Behind each line, without descriptions. */
  const offers = (...lines: string[]) =>
    complete(script, lines)
      .split(/^==\n/m)
      .slice(0, -1)
      .map((text) => text.split('\n').slice(0, -1))
      .map((offers) => offers.map((offer) => offer.split('\t')[0] as string).sort());

  beforeAll(async () => {
    const { code, stdout } = await runCommand(['completions', shell]);
    expect(code).toBe(0);
    writeFileSync(script, stdout);
  });

  it.skipIf(!installed)('offers the commands', () => {
    const groups = commands.filter((command) => command.commands.length > 0);
    const names = groups.map((group) => group.commands.map(({ name }) => name).sort());
    expect(offers(...groups.map(({ path }) => lineOf(path, '')))).toEqual(names);
  });

  it.skipIf(!installed)('offers all flags of each', () => {
    const names = commands.map(({ flags }) => flags.map(({ long }) => long).sort());
    expect(offers(...commands.map(({ path }) => lineOf(path, '--')))).toEqual(names);
  });

  it.skipIf(!installed)('offers a flag again that can be repeated, and that alone', () => {
    const [repeated, once] = offers('clawgauge report --agent main --age', 'clawgauge report --since 2026-01-01 --sin');
    expect(repeated).toEqual(['--agent']);
    if (shell === 'zsh') expect(once).toEqual([]);
  });

  it.skipIf(!installed)('offers the words that an option or an argument takes', () => {
    expect(offers('clawgauge serve --redact --log-level ', 'clawgauge completions ')).toEqual([
      ['debug', 'error', 'info', 'silent', 'warn'],
      ['bash', 'fish', 'zsh'],
    ]);
  });

  it.skipIf(!installed)('offers directories where one is taken, and files where one is', () => {
    const found = offers('clawgauge serve --state-dir folder/', 'clawgauge ledger backup folder/');
    const bare = found.map((paths) => new Set(paths.map((path) => path.replace(/^folder\//, '').replace(/\/$/, ''))));
    expect(bare).toEqual([new Set(['one', 'two']), new Set(['file', 'one', 'two'])]);
  });

  it.skipIf(!installed)('offers nothing for a value that it cannot know', () => {
    expect(offers('clawgauge serve --port ')).toEqual([[]]);
  });
});

it('bash offers the words of --flag=value too', () => {
  expect(SHELLS.bash!(join(home, 'bash'), ['clawgauge serve --log-level=d'])).toBe('debug\n==\n');
});

it('an unknown shell is wrong usage', async () => {
  const { code, stderr } = await runCommand(['completions', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});

function lineOf(path: string, word: string): string {
  return ['clawgauge', ...(path === '' ? [] : [path]), word].join(' ');
}
