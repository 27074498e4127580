/** The options of a service inside somebody's program: checked as those of the command line are, with the same errors. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { loadOptions, type ServiceOptions } from './config.ts';
import type { OPTIONS, OptionName } from './options.ts';

/** As code writes them; what each means stands in docs/configuration.md. */
export type ClawgaugeOptions = {
  readonly [Name in OptionName]?: NonNullable<(typeof OPTIONS)[Name]['kind']['written']> | undefined;
} & {
  /** A config file in place of the usual one. */
  readonly config?: string | undefined;
};

/** What code leaves open is filled from the environment and the config file. Throws `invalid_option`. */
export function libraryOptions({ config, ...code }: ClawgaugeOptions): ServiceOptions {
  return loadOptions({
    flags: { config },
    code,
    env: process.env,
    homedir: homedir(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}
