/** Which agents there are: those that OpenClaw's configuration names and those that left sessions on disk. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { normalizeAgentId } from '../agent-id.ts';
import { databaseOf } from './agent-database.ts';
import { errorCode, isMissing } from './small-file.ts';
import type { Problem } from './transcript.ts';

export interface Agent {
  /** Normalised as the gateway does it. */
  readonly id: string;
  /**
   * Absolute sessions directories, at least one; the first is the one that the gateway uses, `<id>/sessions`, unless
   * only others exist. There are several when names differ only in what normalising removes (`Ops` and `ops`):
   * together they are the store of one agent.
   */
  readonly directories: readonly [string, ...string[]];
  readonly configured: boolean;
  readonly onDisk: boolean;
}

/**
 * The agents, sorted by id.
 * @param configured ids as the configuration has them
 * @param agentsDirectory `<state>/agents`; may be missing
 */
export function listAgents(
  configured: readonly string[],
  agentsDirectory: string,
): { readonly agents: readonly Agent[]; readonly problems: readonly Problem[] } {
  const { names, problems } = listNames(agentsDirectory);
  const configuredIds = new Set(configured.map(normalizeAgentId));
  const isId = (name: string) => name === normalizeAgentId(name);
  const found = new Map<string, Map<string, string>>();
  for (const id of configuredIds) found.set(id, new Map());
  for (const name of [...configuredIds, ...names.filter(isId), ...names.filter((name) => !isId(name))]) {
    const directory = path.join(agentsDirectory, name, 'sessions');
    // An agent of 2026.9 need not have files.
    const identity = identityOf(directory) ?? (existsSync(databaseOf(directory)) ? directory : null);
    if (identity === null) continue;
    const id = normalizeAgentId(name);
    const directories = found.get(id) ?? new Map<string, string>();
    if (!directories.has(identity)) directories.set(identity, directory);
    found.set(id, directories);
  }
  const agents = [...found].map(([id, directories]): Agent => {
    const [first, ...rest] = directories.values();
    const usual = path.join(agentsDirectory, id, 'sessions');
    return {
      id,
      directories: [first ?? usual, ...rest],
      configured: configuredIds.has(id),
      onDisk: first !== undefined,
    };
  });
  return { agents: agents.sort((a, b) => (a.id < b.id ? -1 : 1)), problems };
}

/** A sessions directory as problems call it, inside the state directory: `agents/<name>/sessions`. */
export function storeSubject(directory: string): string {
  return directory.split(path.sep).slice(-3).join('/');
}

/** Names of the directories, sorted, so that the order of the file system decides nothing. */
function listNames(directory: string): { names: string[]; problems: Problem[] } {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return { names: names.sort(), problems: [] };
  } catch (error) {
    if (isMissing(error)) return { names: [], problems: [] };
    const detail = `expected a directory of agents: ${errorCode(error)}`;
    return { names: [], problems: [{ code: 'store_unreadable', agent: null, subject: 'agents', detail }] };
  }
}

/**
 * What tells two sessions directories apart (on some file systems `Ops` and `ops` are one); null when there is none.
 * One that cannot be looked at is taken for a directory: listing it reports why.
 */
function identityOf(directory: string): string | null {
  try {
    const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
    return stats?.isDirectory() ? `${stats.dev}:${stats.ino}` : null;
  } catch (error) {
    return errorCode(error) === 'ENOTDIR' ? null : directory;
  }
}
