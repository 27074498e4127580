#!/usr/bin/env node
/** The command line: `clawgauge serve`, `report` and the others. Exit codes: 0 done, 1 failed, 2 usage. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { plainFlags } from './cli/plain-flags.ts';
import { loadOptions, type ServiceOptions } from './config.ts';
import { ClawgaugeError } from './errors.ts';
import type { Flags } from './option-sources.ts';

const FAILED = 1;
const USAGE = 2;

/** Runs the command line; resolves when the command has begun, since both serve until a signal. */
async function main(argv: readonly string[]): Promise<void> {
  const [command, ...args] = argv.slice(2);
  const flags = command === 'serve' ? plainFlags(args) : null;
  if (flags !== null) {
    const { serve } = await import('./cli/serve.ts');
    await serve(optionsOf(flags), () => optionsOf(flags));
    return;
  }
  endWithReader();
  if (command === 'report') {
    const { plainReport } = await import('./cli/report/request.ts');
    const plain = plainReport(args);
    if (plain !== null) {
      const { report } = await import('./cli/report.ts');
      await report(plain.kind, plain.flags, optionsOf(plain.flags), { out: process.stdout, err: process.stderr });
      return;
    }
  }
  const { runProgram } = await import('./cli/program.ts');
  await runProgram(argv, optionsOf);
}

/** Whoever reads what a command prints may leave before its end, as `head` does. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`clawgauge: what was found cannot be written: ${error.message}\n`);
    process.exit(FAILED);
  });
}

function optionsOf(flags: Flags): ServiceOptions {
  return loadOptions({
    flags,
    env: process.env,
    homedir: homedir(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}

try {
  await main(process.argv);
} catch (error) {
  process.stderr.write(`clawgauge: ${error instanceof ClawgaugeError ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof ClawgaugeError && error.code === 'invalid_option' ? USAGE : FAILED;
}
