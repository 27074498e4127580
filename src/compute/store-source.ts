/**
 * An agent's store, whatever its style: files, a database, or both while sessions move from one to the other. What the
 * database holds of a session is what counts; its files, archives among them, count for sessions that it does not hold.
 */
import { isDatabase } from './agent-database.ts';
import type { Agent } from './agents.ts';
import { jsonlSource } from './jsonl-source.ts';
import { SessionEntryWriter } from './session-entries.ts';
import { databaseProblem, findDatabase, listDatabase, unlisted } from './sqlite-source.ts';
import type { DirectoryListing, StoreListing } from './transcript.ts';
import { parseTranscriptName } from './transcript-name.ts';
import type { KnownStore } from './transcript-source.ts';

/** Lists the directories and the database of an agent as far as they changed. Never throws, as TranscriptSource.list. */
export function listStore(agent: Agent, known: KnownStore | null): StoreListing {
  const store = agent.directories[0];
  try {
    const found = findDatabase(agent);
    if (found === null) {
      const hadOne = known?.directories.some(({ path }) => isDatabase(path));
      return jsonlSource.list(agent, hadOne ? null : known);
    }
    const { file, stamp } = found;
    const before = known?.directories.find(({ path }) => path === file);
    if (known?.directory === store && before?.stamp === stamp) {
      const files = jsonlSource.list(agent, known);
      if (files.sessions === null && files.directories.every((directory) => isUnchanged(directory, known))) {
        return { ...files, era: known.era, directories: [...files.directories, unlisted(store, file, stamp)] };
      }
    }
    // Which files count depends on the database, and the other way round nothing does: all is told anew.
    const files = jsonlSource.list(agent, null);
    // Of one key, the entry of the database: it comes last.
    const entries = new SessionEntryWriter();
    for (const entry of files.sessions ?? []) entries.add(entry);
    const database = listDatabase(store, file, stamp, (entry) => entries.add(entry));
    return {
      ...files,
      era: database.era,
      directories: [...files.directories.map((it) => without(it, database.sessionIds)), database.directory],
      sessions: entries.finish(),
    };
  } catch (error) {
    return unreadable(agent, known, error);
  }
}

/** A directory that is not there has no names, each time. */
function isUnchanged({ path, identity, names }: DirectoryListing, known: KnownStore): boolean {
  if (names === null) return true;
  const before = known.directories.find((directory) => directory.path === path);
  return identity === null && names.length === 0 && before?.identity === null;
}

/** Everything stays as it is known, and will be listed in full next time. */
function unreadable(agent: Agent, known: KnownStore | null, error: unknown): StoreListing {
  return {
    agent: agent.id,
    directory: agent.directories[0],
    era: known?.era ?? '2026.9',
    directories: (known?.directories ?? []).map(({ path, prefix, identity }) => ({
      path,
      prefix,
      identity,
      stamp: null,
      names: null,
    })),
    indexStamp: known?.indexStamp ?? null,
    sessions: null,
    problems: [databaseProblem(agent, error)],
  };
}

function without(directory: DirectoryListing, sessionIds: ReadonlySet<string>): DirectoryListing {
  if (directory.names === null || sessionIds.size === 0) return directory;
  const counts = (name: string) => !sessionIds.has(parseTranscriptName(name)?.sessionId ?? '');
  return { ...directory, names: directory.names.filter(counts) };
}
