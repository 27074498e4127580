import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainFlags } from '../../src/cli/plain-flags.ts';
import { programOf } from '../../src/cli/program.ts';
import type { Flags } from '../../src/option-sources.ts';
import { flagOf, optionNames } from '../../src/options.ts';

const flags = [...optionNames.map(flagOf).filter((flag) => flag !== null), '--config'];

/** What the parser makes of the arguments of `serve`; null where it refuses them. */
function parsed(args: readonly string[]): Flags | null {
  const program = programOf(() => {
    throw new Error('nothing is to be started here');
  });
  const serve = program.commands.find((command) => command.name() === 'serve')!;
  let found: Flags | null = null;
  for (const command of [program, serve]) command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  serve.action((options: object) => {
    found = { ...options };
  });
  try {
    program.parse(['node', 'clawgauge', 'serve', ...args]);
  } catch {
    return null;
  }
  return found;
}

describe('plain flags', () => {
  it('are what the parser makes of them, or left to the parser', () => {
    const word = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...flags) },
      { weight: 4, arbitrary: fc.constantFrom('x', '8080', '127.0.0.1', '', 'a=b', '~/x') },
      fc.constantFrom('-', '--', '-h', '--help', '--port=1', '--no-redact', '--por', '-x', '--unknown', 'help'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (args) => {
        const plain = plainFlags(args);
        if (plain !== null) expect(plain).toEqual(parsed(args));
      }),
      { numRuns: 1000 },
    );
  });

  it('are those of every ordinary command line', () => {
    for (const args of [
      [],
      ['--port', '8080', '--redact', '--config', '~/clawgauge.json'],
      ['--allowed-host', 'a', '--host', '::1', '--allowed-host', 'b,c'],
      flags.flatMap((flag) => (['--transcripts', '--redact'].includes(flag) ? [flag] : [flag, 'x'])),
    ]) {
      expect(plainFlags(args)).toEqual(parsed(args));
      expect(plainFlags(args)).not.toBeNull();
    }
  });

  it('are not what needs a parser', () => {
    for (const args of [
      ['--help'],
      ['--port'],
      ['--port', '--redact'],
      ['--port', '1', '--port', '2'],
      ['x'],
      ['--'],
    ]) {
      expect(plainFlags(args)).toBeNull();
    }
  });
});
