/** Databases of an agent of 2026.9, written as its gateway does, with the few columns that are read. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AGENT_TABLES } from '../../bench/lib/agent-tables.mjs';
import { type Database, openOwn, type SqlValue } from '../../src/sqlite-driver.ts';

const TABLES = `PRAGMA journal_mode = WAL;
${AGENT_TABLES}`;

const COLD = `CREATE TABLE IF NOT EXISTS session_transcript_cold_archives (session_id TEXT NOT NULL PRIMARY KEY,
  archive_name TEXT NOT NULL UNIQUE, archive_sha256 TEXT NOT NULL, event_count INTEGER NOT NULL,
  storage TEXT NOT NULL, archive_blob BLOB) STRICT;`;

export class AgentDatabase {
  readonly file: string;
  readonly #database: Database;
  #clock = 1_795_000_000_000;

  /** @param directory the state directory */
  constructor(directory: string, agent: string) {
    this.file = join(directory, 'agents', agent, 'agent', 'openclaw-agent.sqlite');
    mkdirSync(dirname(this.file), { recursive: true });
    this.#database = openOwn(this.file);
    this.#database.exec(TABLES);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Puts a session into cold storage, with an event that is not on its branch; gives what its archive holds. The
   * gateway then deletes its rows.
   * @param pack compresses; @param storage where the archive is to lie, which for a file is left to the caller
   */
  freeze(sessionId: string, records: readonly object[], pack: (text: Buffer) => Buffer, storage: 'file' | 'sqlite') {
    const lines: object[] = [{ kind: 'header', version: 1, sessionId, generation: 'g' }];
    const abandoned = { message: { role: 'assistant', usage: { input: 99 } } };
    for (const [seq, record] of [...records, abandoned].entries()) {
      lines.push({ kind: 'event', row: { seq, event_json: JSON.stringify(record), created_at: 1 } });
    }
    for (const at of records.keys()) {
      lines.push({
        kind: 'active',
        row: { active_position: at, event_seq: at, message_position: at, context_eligible: 1 },
      });
    }
    const archive = pack(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
    const sha = createHash('sha256').update(archive).digest('hex');
    this.exec(COLD);
    const values = [
      sessionId,
      `${sha}.jsonl.zst`,
      sha,
      records.length + 1,
      storage,
      storage === 'file' ? null : archive,
    ];
    this.#database
      .prepare('INSERT INTO session_transcript_cold_archives VALUES (?, ?, ?, ?, ?, ?)')
      .run(...(values as SqlValue[]));
    for (const table of ['transcript_events', 'session_transcript_active_events', 'session_transcript_index_state']) {
      this.#database.prepare(`DELETE FROM ${table} WHERE session_id = ?`).run(sessionId);
    }
    return { name: `${sha}.jsonl.zst`, archive };
  }

  /** Makes a session's visible branch consist of these records; those of the same place and content keep their rows. */
  write(sessionId: string, key: string, records: readonly object[]): void {
    this.#clock += 1000;
    const put = (sql: string, ...values: (string | number | null)[]) => this.#database.prepare(sql).run(...values);
    this.exec('BEGIN');
    put(
      'INSERT OR REPLACE INTO session_nodes VALUES (?, ?, ?, ?)',
      key,
      sessionId,
      JSON.stringify({ sessionId }),
      this.#clock,
    );
    put('INSERT OR REPLACE INTO session_windows VALUES (?, ?, ?)', sessionId, key, this.#clock);
    put('DELETE FROM session_transcript_active_events WHERE session_id = ?', sessionId);
    for (const [at, record] of records.entries()) {
      const json = JSON.stringify(record);
      put(
        'INSERT OR REPLACE INTO transcript_events (session_id, seq, event_json) VALUES (?, ?, ?)',
        sessionId,
        at,
        json,
      );
      put('INSERT INTO session_transcript_active_events VALUES (?, ?, ?)', sessionId, at, at);
    }
    const { length } = records;
    const state = [sessionId, length - 1, String(length), 0, length, this.#clock];
    put('INSERT OR REPLACE INTO session_transcript_index_state VALUES (?, ?, ?, ?, ?, ?)', ...state);
    this.exec('COMMIT');
  }
}
