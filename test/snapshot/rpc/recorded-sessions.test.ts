/** What real gateways said of sessions that there are not, or that cannot be, recorded in fixtures/rpc: said of an empty store. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadOptions } from '../../../src/config.ts';
import type { Dialect, RpcAnswer } from '../../../src/snapshot/rpc/answer.ts';
import { SnapshotService } from '../../../src/snapshot/usage-service.ts';
import { AgentDatabase } from '../../support/agent-database.ts';
import { temporaryStateDir } from '../../support/stores.ts';

interface Frame {
  readonly sent?: { readonly id?: string; readonly method?: string; readonly params?: { readonly key?: unknown } };
  readonly came?: { readonly id?: string; readonly ok?: boolean; readonly payload?: object; readonly error?: object };
}

interface Recording {
  readonly conversations: readonly { readonly name: string; readonly frames: readonly Frame[] }[];
}

const CALLER = { signal: new AbortController().signal, transcripts: true };
const DESCRIBED: readonly Dialect[] = ['2026.5', '2026.9'];
const VERSIONS: Readonly<Record<Dialect, string>> = { '2026.5': '2026.5.22', '2026.9': '2026.9.6' };

/** Calls about one session by a client that may read, none of them about one that there was. */
function recorded(dialect: Dialect): { method: string; params: unknown; came: Frame['came'] }[] {
  const file = new URL(`../../fixtures/rpc/${VERSIONS[dialect]}.json`, import.meta.url);
  const { conversations } = JSON.parse(readFileSync(file, 'utf8')) as Recording;
  return conversations.flatMap(({ frames }) =>
    frames.flatMap(({ sent }, at) => {
      const { id, method = '', params } = sent ?? {};
      if (method !== 'sessions.usage.timeseries' && method !== 'sessions.usage.logs') return [];
      const came = frames.slice(at + 1).find((frame) => frame.came?.id === id)?.came;
      if (JSON.stringify(came).includes('scope') || params?.key === 'agent:main:main') return [];
      return [{ method, params, came }];
    }),
  );
}

describe.each(DESCRIBED)('the gateway of %s', (dialect) => {
  const calls = recorded(dialect);
  let service: SnapshotService;
  let database: AgentDatabase | null = null;

  beforeAll(() => {
    const stateDir = temporaryStateDir();
    const sessions = join(stateDir, 'agents', 'main', 'sessions');
    mkdirSync(sessions, { recursive: true });
    const line = { type: 'message', message: { role: 'user', content: 'hello', timestamp: 1_795_000_000_000 } };
    if (dialect === '2026.9') {
      database = new AgentDatabase(stateDir, 'main');
      database.write('here', 'agent:main:here', [line]);
    } else {
      writeFileSync(join(sessions, 'here.jsonl'), `${JSON.stringify(line)}\n`);
    }
    const readFile = (path: string) => readFileSync(path, 'utf8');
    const flags = { stateDir, dataDir: temporaryStateDir(), timeZone: 'UTC' };
    const options = loadOptions({ flags, env: {}, homedir: temporaryStateDir(), readFile });
    service = new SnapshotService({ ...options, version: '1.2.3' });
    service.start();
  });

  afterAll(async () => {
    await service.close();
    database?.close();
  });

  test('was asked, and so are we', async () => {
    expect(calls.length).toBeGreaterThan(9);
    // The dialect is known as soon as anything can be answered.
    await service.call('usage.cost', { agentId: 'main' }, CALLER);
    expect(service.dialect()).toBe(dialect);
  });

  test.each(calls)('$method $params', async ({ method, params, came }) => {
    const answer: RpcAnswer = await service.call(method, params, CALLER);
    if (came?.ok === true) expect(answer).toMatchObject({ ok: true, payload: [Buffer.from('{"logs":[]}')] });
    else expect(answer).toEqual({ ok: false, error: came?.error });
  });
});
