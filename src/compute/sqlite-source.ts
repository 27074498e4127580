/**
 * Stores of the SQLite style (format.md 1.4): each session of an agent's database is a transcript, listed as if the
 * database were a directory of files, and entries of the session index are rows.
 */
import path from 'node:path';
import type { SqlRow } from '../sqlite-driver.ts';
import { databaseOf, databaseStamp } from './agent-database.ts';
import type { Agent } from './agents.ts';
import type { Era } from './era.ts';
import { MISSING } from './file-stamp.ts';
import { pagedRows } from './paged-rows.ts';
import { readDatabase } from './quiet-database.ts';
import { sessionEntryOf } from './session-index.ts';
import { sessionIdsIn } from './session-states.ts';
import { detailOf } from './small-file.ts';
import type { DirectoryListing, Problem, SessionEntry } from './transcript.ts';
import { parseTranscriptName } from './transcript-name.ts';

/** What an agent's database says of its sessions. */
export interface DatabaseListing {
  readonly era: Era;
  readonly directory: DirectoryListing;
  /** Ids of the sessions that have a transcript. */
  readonly sessionIds: ReadonlySet<string>;
}

/** Where an agent's database is, and the stamp of it as a whole; null when there is none. Throws the file system's error. */
export function findDatabase(agent: Agent): { readonly file: string; readonly stamp: string } | null {
  const file = databaseOf(agent.directories[0]);
  const stamp = databaseStamp(file);
  return stamp === MISSING ? null : { file, stamp };
}

/** A listing without names: those known stay. */
export function unlisted(store: string, file: string, stamp: string | null): DirectoryListing {
  const prefix = path.relative(store, file) + path.sep;
  return { path: file, prefix, identity: null, stamp, names: null };
}

/**
 * Lists a database. Without a table of sessions it is one that does not hold them yet. Throws the driver's error.
 * @param add is told of each session entry: as objects, all of them together could be too many for a thread
 */
export function listDatabase(
  store: string,
  file: string,
  stamp: string,
  add: (entry: SessionEntry) => void,
): DatabaseListing {
  const directory = unlisted(store, file, stamp);
  return readDatabase(file, (database) => {
    if (!database.hasTable('session_nodes')) {
      return { era: '2026.5', directory: { ...directory, names: [] }, sessionIds: new Set() };
    }
    const ids = sessionIdsIn(database);
    const names = ids.map((id) => `${id}.jsonl`).filter((name, at) => parseTranscriptName(name)?.sessionId === ids[at]);
    for (const row of pagedRows(database, ENTRIES, ENTRY_KEY)) {
      const entry = entryOf(row);
      if (entry !== null) add(entry);
    }
    return { era: '2026.9', directory: { ...directory, names }, sessionIds: new Set(ids) };
  });
}

/** What kept an agent's database from being listed. */
export function databaseProblem(agent: Agent, error: unknown): Problem {
  const subject = databaseOf(agent.directories[0]).split(path.sep).slice(-4).join('/');
  return { code: 'store_unreadable', agent: agent.id, subject, detail: detailOf(error) };
}

/** Entries can be tens of kilobytes of prompts each: only what matters of them is taken out. */
const ENTRIES = `SELECT session_key, current_session_id, updated_at, json_extract(entry_json, '$.sessionId') AS id,
  json_extract(entry_json, '$.updatedAt') AS updated, json_extract(entry_json, '$.label') AS label,
  coalesce(json_extract(entry_json, '$.delivery.context.channel'), json_extract(entry_json, '$.channel')) AS channel,
  coalesce(json_extract(entry_json, '$.delivery.origin.provider'), json_extract(entry_json, '$.origin.provider')) AS origin,
  CASE WHEN json_extract(entry_json, '$.createdActor.type') IS NOT NULL THEN
    json_array(json_extract(entry_json, '$.createdActor'), json_extract(entry_json, '$.delivery.origin.accountId')) END AS creator,
  json_extract(entry_json, '$.usageFamilyKey') AS family, json_extract(entry_json, '$.usageFamilySessionIds') AS ids
  FROM session_nodes WHERE json_valid(entry_json)`;
const ENTRY_KEY = { column: 'session_key', name: 'session_key' };

function entryOf(row: SqlRow): SessionEntry | null {
  const ids: unknown = typeof row.ids === 'string' ? JSON.parse(row.ids) : [];
  return sessionEntryOf(String(row.session_key), {
    sessionId: row.id ?? row.current_session_id,
    updatedAt: row.updated ?? row.updated_at,
    label: row.label,
    channel: row.channel,
    originProvider: row.origin,
    creator: row.creator,
    usageFamilyKey: row.family,
    usageFamilySessionIds: Array.isArray(ids) ? ids : [],
  });
}
