/**
 * Generates a demonstration store from the command line and prints its manifest:
 *   node dist/demo/generate.js DIR [--sessions 20] [--agents 9] [--mean-kb 200] ... ; --help lists every option.
 */
import { parseArgs } from 'node:util';
import { ClawgaugeError, messageOf } from '../errors.ts';
import { type StoreOptions, storeDefaults } from './options.ts';
import { generateStore } from './store-generator.ts';

const USAGE = `usage: generate DIR [options]
  --agents N       agents (${storeDefaults.agents})
  --sessions N     counted transcripts of each agent (${storeDefaults.sessions})
  --mean-kb N      mean size of a transcript (${storeDefaults.meanKb})
  --max-kb N       size at which a transcript ends (${storeDefaults.maxKb})
  --days N         days that the store reaches back (${storeDefaults.days})
  --now TIME       the moment it ends at, such as 2026-11-22T12:00:00Z (the current time)
  --seed N         same options and seed, same store (${storeDefaults.seed})
  --malformed N    share of transcripts with damaged lines, 0 to 1 (${storeDefaults.malformed})`;

const text = { type: 'string' } as const;
const FLAGS = {
  agents: text,
  sessions: text,
  'mean-kb': text,
  'max-kb': text,
  days: text,
  now: text,
  seed: text,
  malformed: text,
  help: { type: 'boolean' },
} as const;

try {
  const { values, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
  } else {
    const [directory, ...extra] = positionals;
    if (directory === undefined || extra.length > 0) {
      throw new ClawgaugeError('invalid_option', `expected one directory, got ${positionals.length}`);
    }
    const { now, help: _, ...numbers } = values;
    console.log(JSON.stringify(generateStore(directory, { ...numbersOf(numbers), now: momentOf(now) }), null, 2));
  }
} catch (error) {
  const isUsage =
    (error instanceof ClawgaugeError && error.code === 'invalid_option') ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  console.error(isUsage ? `${messageOf(error)}\n${USAGE}` : error);
  process.exitCode = isUsage ? 2 : 1;
}

/** The options under their names in StoreOptions; what is no number is refused by its flag. */
function numbersOf(flags: Record<string, string | undefined>): Partial<StoreOptions> {
  return Object.fromEntries(
    Object.entries(flags).map(([flag, value = '']) => {
      const number = value.trim() === '' ? Number.NaN : Number(value);
      if (Number.isNaN(number))
        throw new ClawgaugeError('invalid_option', `--${flag}: expected a number, got "${value}"`);
      return [flag.replace(/-./, (dash) => dash.charAt(1).toUpperCase()), number];
    }),
  );
}

function momentOf(now: string | undefined): number {
  if (now === undefined) return Date.now();
  const moment = Date.parse(now);
  if (Number.isNaN(moment)) throw new ClawgaugeError('invalid_option', `--now: expected a time, got "${now}"`);
  return moment;
}
