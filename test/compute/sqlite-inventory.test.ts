/** Databases of tens of thousands of sessions: a scan thread has a heap of a few tens of megabytes. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { AgentDatabase } from '../support/agent-database.ts';
import { temporaryStateDir } from '../support/stores.ts';

const AGENTS = ['main', 'ops', 'home', 'work'];
const SESSIONS = 25_000;

it('an inventory of large databases is taken with a heap of 22 MB', { timeout: 120_000 }, () => {
  const state = temporaryStateDir();
  for (const agent of AGENTS) {
    const database = new AgentDatabase(state, agent);
    database.exec(`BEGIN;
      CREATE TEMP TABLE one AS WITH RECURSIVE turn (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM turn WHERE at < ${SESSIONS})
        SELECT '${agent}-' || at AS id, 'agent:${agent}:direct:' || at AS key, 1795000000000 + at AS time FROM turn;
      INSERT INTO session_nodes SELECT key, id, json_object('sessionId', id, 'label', 'label of ' || id), time FROM one;
      INSERT INTO session_windows SELECT id, key, time FROM one;
      INSERT INTO session_transcript_index_state SELECT id, 0, '1', 0, 1, time FROM one;
      COMMIT`);
    database.close();
  }
  const child = path.join(import.meta.dirname, 'inventory.child.ts');
  const args = ['--max-old-space-size=22', '--import', 'tsx', child, state];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const all = AGENTS.length * SESSIONS;
  expect(JSON.parse(stdout)).toEqual({ names: all, found: all, entries: all, problems: [] });
});
