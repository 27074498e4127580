/** A state directory of OpenClaw: whether it is there, what is in it, and by whose rules it counts. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import json5 from 'json5';
import { memberOf } from '../../compute/config-file.ts';
import { type Inventory, type StatePlace, takeInventory } from '../../compute/inventory.ts';
import { readSmallFile } from '../../compute/small-file.ts';
import type { Problem } from '../../compute/transcript.ts';
import type { ServiceOptions } from '../../config.ts';
import { type Bytes, MIB, type Milliseconds } from '../../units.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const MOST_CONFIG: Bytes = 4 * MIB;

/** What the other checks need of the state directory. */
export interface LookedInto {
  readonly findings: readonly Finding[];
  /** That a service would watch. */
  readonly directories: readonly string[];
  /** When a transcript was last written; null without any. */
  readonly lastWrite: Milliseconds | null;
}

/** Looks through a state directory as a refresh does, and reads no transcript. */
export function lookIntoState(
  { stateDirectory, configPath }: Omit<StatePlace, 'place'>,
  accounting: ServiceOptions['accounting'],
): LookedInto {
  const inventory = takeInventory({
    stateDirectory,
    configPath,
    // Agents are not told apart here: each directory is named in full.
    place: null,
    config: null,
    accounting: accounting === 'auto' ? null : accounting,
    stores: {},
  });
  const directories = inventory.directories.map(({ path }) => path);
  const problems = [
    ...inventory.problems,
    ...(inventory.config?.problems ?? []),
    ...inventory.stores.flatMap((store) => store.problems),
  ];
  const findings = problems.map((problem) => findingOf(problem, stateDirectory));
  if (!inventory.blind) findings.push(contents(inventory, stateDirectory), ...openclaw(configPath));
  return { findings, directories, lastWrite: lastWriteOf(inventory) };
}

function contents({ stores }: Inventory, directory: string): Finding {
  const transcripts = stores.reduce(
    (sum, store) => sum + store.directories.reduce((its, { names }) => its + (names?.length ?? 0), 0),
    0,
  );
  if (transcripts === 0) {
    return warn(
      'state',
      `${directory} holds no transcript yet.`,
      'Talk to an agent once; if OpenClaw keeps its state elsewhere, name that with --state-dir or --profile.',
    );
  }
  const eras = [...new Set(stores.map(({ era }) => era))].sort();
  return ok(
    'state',
    `${directory} holds ${transcripts} transcripts of ${stores.length} agents, by the rules of ${eras.join(' and ')}.`,
  );
}

function findingOf({ code, subject, detail }: Problem, directory: string): Finding {
  const subjectPath = subject === '.' ? directory : join(directory, subject);
  const says = `${subjectPath}: ${detail}.`;
  switch (code) {
    case 'state_dir_missing':
      return fail('state', `There is no OpenClaw state directory at ${directory}.`, elsewhere(directory));
    case 'config_unreadable':
      return warn('openclaw', says, 'Correct the file; agents and prices that stand only there are missing.');
    case 'index_unreadable':
      return warn('state', says, 'Check this session index; its sessions lack label, channel and kind.');
    default:
      return fail('state', says, 'Let the user that runs Clawgauge read it.');
  }
}

/** Other state directories that lie beside where one was expected. */
function elsewhere(directory: string): string {
  const advice = 'Start OpenClaw once, or name its state directory with --state-dir or --profile';
  try {
    const names = readdirSync(dirname(directory)).filter(
      (name) => /^\.openclaw(-|$)/.test(name) && name !== basename(directory),
    );
    return names.length === 0 ? `${advice}.` : `${advice}; beside it there is ${names.join(', ')}.`;
  } catch {
    return `${advice}.`;
  }
}

/** The version that OpenClaw notes in its configuration whenever it writes that. */
function openclaw(configPath: string): Finding[] {
  const file = readSmallFile(configPath, MOST_CONFIG);
  if (file.kind !== 'text') return [];
  try {
    const version = memberOf(memberOf(json5.parse(file.text), 'meta'), 'lastTouchedVersion');
    return typeof version === 'string' ? [ok('openclaw', `OpenClaw ${version} wrote ${configPath} last.`)] : [];
  } catch {
    // The inventory has told it.
    return [];
  }
}

function lastWriteOf({ stores }: Inventory): Milliseconds | null {
  let last: Milliseconds | null = null;
  const note = (path: string) => {
    const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (last === null || time > last) last = time;
  };
  for (const { directories } of stores) {
    for (const { path, names } of directories) {
      try {
        if (statSync(path).isFile()) note(path);
        else for (const name of names ?? []) note(join(path, name));
      } catch {
        // Gone or closed to us meanwhile; the inventory tells what is so for long.
      }
    }
  }
  return last;
}
