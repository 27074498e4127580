/** A gateway in a process of its own has its database open while we read: what is left of that afterwards. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentDatabase } from '../support/agent-database.ts';
import { KeptStore } from '../support/kept-store.ts';
import { temporaryStateDir } from '../support/stores.ts';

const WRITER = fileURLToPath(new URL('../support/database-writer.mjs', import.meta.url));
const FILES = ['openclaw-agent.sqlite', 'openclaw-agent.sqlite-shm', 'openclaw-agent.sqlite-wal'];
const TALK = Array.from({ length: 3_000 }, (_, at) => ({
  message: { role: 'assistant', timestamp: 1_790_000_000_000 + at, content: 'x'.repeat(1000), usage: { input: 1 } },
}));

let kept: KeptStore;
let file: string;
let gateway: ReturnType<typeof spawn>;

beforeEach(() => {
  const directory = temporaryStateDir();
  const database = new AgentDatabase(directory, 'main');
  for (const id of ['a', 'b', 'c']) database.write(id, `agent:main:direct:${id}`, TALK);
  database.close();
  file = database.file;
  kept = new KeptStore(directory);
  gateway = spawn(process.execPath, [WRITER, file], { stdio: ['pipe', 'pipe', 'inherit'] });
});
afterEach(() => gateway.kill());

async function tell(sql: string): Promise<void> {
  const answered = once(gateway.stdout as NodeJS.ReadableStream, 'data');
  gateway.stdin?.write(`${sql}\n`);
  await answered;
}

const append = () =>
  tell("UPDATE session_windows SET transcript_updated_at = transcript_updated_at + 1 WHERE session_id = 'a'");
const files = () => readdirSync(dirname(file)).sort();

/** Not read in this process: closing any descriptor of a file drops the locks that the process has on it. */
function contentOf(path: string): string {
  const hash =
    "console.log(require('crypto').createHash('sha256').update(require('fs').readFileSync(process.argv[1])).digest('hex'))";
  const { mtimeNs, size } = statSync(path, { bigint: true });
  return `${spawnSync(process.execPath, ['-e', hash, path], { encoding: 'utf8' }).stdout}${mtimeNs}:${size}`;
}

describe('reading beside a gateway', () => {
  test('writes neither to the database nor to its log', async () => {
    await append();
    const before = FILES.filter((name) => !name.endsWith('-shm')).map((name) => contentOf(`${dirname(file)}/${name}`));
    expect(kept.refresh()).toMatchObject({ folded: 3, failed: 0, problems: [] });
    expect(files()).toEqual(FILES);
    expect(FILES.filter((name) => !name.endsWith('-shm')).map((name) => contentOf(`${dirname(file)}/${name}`))).toEqual(
      before,
    );
  });

  test('holds nothing between refreshes: the gateway can change what needs the database for itself', async () => {
    await append();
    kept.refresh();
    await turn();
    await tell('PRAGMA wal_checkpoint(TRUNCATE)');
    await tell('PRAGMA journal_mode = DELETE');
    expect(files()).toEqual(['openclaw-agent.sqlite']);
  });

  test('leaves no file when both have ended, whoever ends first', async () => {
    await append();
    kept.refresh();
    await turn();
    await tell('');
    expect(files()).toEqual(['openclaw-agent.sqlite']);
    kept.refresh();
    expect(files()).toEqual(['openclaw-agent.sqlite']);
  });

  test('sees what the gateway wrote last, and nothing of what it has not committed', async () => {
    await append();
    kept.refresh();
    await tell('BEGIN IMMEDIATE');
    await tell("DELETE FROM session_windows WHERE session_id = 'a'");
    expect(kept.refresh()).toMatchObject({ removed: 0, problems: [] });
    await tell('COMMIT');
    expect(kept.refresh()).toMatchObject({ removed: 1, problems: [] });
  });

  test('reports a database whose log was left behind, and creates nothing beside it', async () => {
    await append();
    kept.refresh();
    gateway.kill('SIGKILL');
    await once(gateway, 'exit');
    spawnSync('rm', [`${file}-shm`]);
    const log = statSync(`${file}-wal`).size;
    const { problems } = new KeptStore(kept.directory).refresh();
    expect(problems).toMatchObject([{ code: 'store_unreadable', detail: expect.stringContaining('left behind') }]);
    expect(files()).toEqual(['openclaw-agent.sqlite', 'openclaw-agent.sqlite-wal']);
    expect(statSync(`${file}-wal`).size).toBe(log);
  });
});
