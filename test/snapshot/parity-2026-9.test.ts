/** Against the real gateway of OpenClaw 2026.9.6: every number that it gave on a golden store, from our own digests of it. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TranscriptRow } from '../../src/snapshot/catalog.ts';
import { openOwn } from '../../src/sqlite-driver.ts';
import { contentsOf } from '../support/digest-contents.ts';
import {
  deletedFixture,
  type LaterAnswer,
  type LaterCost,
  type LaterSession,
  type LaterSet,
  laterFixture,
  laterFullSet,
} from '../support/golden-2026-9.ts';
import { onGoldenSets } from '../support/golden-sets.ts';
import { type KeptStore, keptStore } from '../support/kept-store.ts';
import {
  aggregatesOf,
  byModel,
  byProvider,
  cellsIn,
  costDays,
  expectLater,
  type LaterRange,
  laterUsage,
  messagesOf,
  toolsOf,
  totalsOf,
} from '../support/later-figures.ts';
import { askSession } from '../support/session-reads.ts';
import { temporaryStateDir } from '../support/stores.ts';

const END = Date.parse('2026-11-22T23:59:59.999Z');
const ALL_AGENTS = { startMs: Date.parse('2026-08-24T00:00:00Z'), endMs: END };
const MAIN = { startMs: Date.parse('2025-01-01T00:00:00Z'), endMs: END };

onGoldenSets(laterFixture, laterFullSet, compareWith);

test('a session that the real gateway put into cold storage counts, and reads, as it did before', () => {
  const sessionId = '1472644c-eec2-4541-b814-e1f41da986d3';
  const sha = '7140d66abbcf368c20de4542fa555f5ee195bffc583485c445b8717cca08ee4e';
  const directory = temporaryStateDir();
  laterFixture.write(directory);
  const counted = () => {
    const { keeper } = keptStore(directory);
    const row = [...keeper.catalog.rows.values()].find((it) => it.sessionId === sessionId) as TranscriptRow;
    return contentsOf(keeper.digestOf(row));
  };
  const sessions = join(directory, 'agents/main/sessions');
  const items = [{ sessionId, directory: sessions, name: `../agent/openclaw-agent.sqlite/${sessionId}.jsonl` }];
  const read = () => [
    askSession(items, { view: 'timeseries', form: '2026.9', points: 200 }, { era: '2026.9' }).body,
    askSession(items, { view: 'logs', form: '2026.9', limit: 200, cursor: null }, { era: '2026.9' }).body,
  ];
  const before = [counted(), ...read()];
  const cold = join(sessions, 'cold');
  mkdirSync(cold, { recursive: true });
  copyFileSync(new URL(`../fixtures/archive-2026.9/${sha}.jsonl.zst`, import.meta.url), join(cold, `${sha}.jsonl.zst`));
  // What its transaction did beside that.
  const database = openOwn(join(directory, 'agents/main/agent/openclaw-agent.sqlite'));
  database.exec(`INSERT INTO session_transcript_cold_archives (session_id, generation, archive_name, archive_sha256,
    event_count, raw_bytes, archive_bytes, last_seq, archived_at, storage)
    VALUES ('${sessionId}', 'g', '${sha}.jsonl.zst', '${sha}', 40, 1, 1, 39, 1, 'file');
    DELETE FROM transcript_events WHERE session_id = '${sessionId}';
    DELETE FROM session_transcript_index_state WHERE session_id = '${sessionId}';`);
  database.close();
  expect([counted(), ...read()]).toEqual(before);
});

test('a session that the real gateway deleted counts by its archive file, once, and not by the blob in the database', () => {
  const directory = temporaryStateDir();
  deletedFixture.write(directory);
  const database = openOwn(join(directory, 'agents/main/agent/openclaw-agent.sqlite'));
  const blobs = database
    .prepare('SELECT session_id FROM session_transcript_archives WHERE archive_blob IS NOT NULL')
    .all();
  database.close();
  const { keeper } = keptStore(directory);
  const rows = [...keeper.catalog.rows.values()];
  const { sessions, totals } = deletedFixture.answer('sessions.usage') as LaterAnswer;
  expect(blobs).toHaveLength(2);
  expect(rows.map(({ sessionId }) => sessionId).sort()).toEqual(sessions.map(({ sessionId }) => sessionId).sort());
  for (const { sessionId, usage } of sessions) {
    const { sessionId: _id, sessionFile: _file, ...golden } = usage as unknown as Record<string, unknown>;
    const digests = rows.filter((row) => row.sessionId === sessionId).map((row) => keeper.digestOf(row));
    expectLater(laterUsage(digests, MAIN), golden, sessionId);
  }
  const cells = rows.flatMap((row) => cellsIn(keeper.digestOf(row), MAIN));
  expectLater(totalsOf(cells), totals, 'totals');
  expectLater(totalsOf(cells), (deletedFixture.answer('usage.cost') as LaterCost).totals, 'usage.cost');
});

function compareWith(set: LaterSet): void {
  let kept: KeptStore;
  let directory: string;

  beforeAll(() => {
    directory = temporaryStateDir();
    set.write(directory);
    kept = keptStore(directory);
  });

  const rowsOf = (agent: string) => [...kept.keeper.catalog.rows.values()].filter((row) => row.agent === agent);
  const digestsOf = ({ agentId, sessionId, includedSessionIds = [sessionId] }: LaterSession) =>
    rowsOf(agentId)
      .filter((row) => includedSessionIds.includes(row.sessionId))
      .map((row) => kept.keeper.digestOf(row));
  const cellsOf = (agents: readonly string[], range = MAIN) =>
    agents.flatMap(rowsOf).flatMap((row) => cellsIn(kept.keeper.digestOf(row), range));

  /** What the gateway adds up over all sessions of some agents, other than totals, models and messages. */
  function expectAggregates(agents: readonly string[], range: LaterRange, golden: LaterAnswer['aggregates']): void {
    const rows = agents.flatMap(rowsOf);
    const each = rows.map((row) => cellsIn(kept.keeper.digestOf(row), range));
    expectLater(toolsOf(each.flat()), golden.tools, 'tools');
    expectLater(costDays(each.flat()), golden.costDaily, 'costDaily');
    expectLater(byProvider(each.flat()), golden.byProvider, 'byProvider');
    const { daily, latency, dailyLatency, modelDaily } = golden;
    expectLater(aggregatesOf(each), { daily, latency, dailyLatency, modelDaily }, 'aggregates');
    // Of channels that only keys name, the gateway knows nothing.
    const byChannel = golden.byChannel.map(({ channel }) => {
      const totals = totalsOf(each.filter((_, at) => rows[at]?.identity.channel === channel).flat());
      return { channel, totals };
    });
    expectLater(byChannel, golden.byChannel, 'byChannel');
  }

  test.each(set.agents)('the digests of %s say every number of every session', (agent) => {
    const { sessions } = set.answer('sessions.usage.all.warm') as LaterAnswer;
    const own = sessions.filter(({ agentId }) => agentId === agent);
    expect(own.length).toBeGreaterThan(10);
    for (const session of own) {
      const { sessionId, sessionFile, ...golden } = session.usage as unknown as Record<string, unknown>;
      expectLater(laterUsage(digestsOf(session), ALL_AGENTS), golden, session.key);
      const { key, channel } = rowsOf(agent).find((row) => row.sessionId === session.sessionId)?.identity ?? {};
      expect([key ?? session.key, session.channel && channel]).toEqual([session.key, session.channel]);
    }
  });

  test('the digests of main say every number of its sessions since ever, and of all together', () => {
    const { sessions, totals, aggregates } = set.answer('sessions.usage.warm') as LaterAnswer;
    for (const session of sessions) {
      const { sessionId, sessionFile, ...golden } = session.usage as unknown as Record<string, unknown>;
      expectLater(laterUsage(digestsOf(session), MAIN), golden, session.key);
    }
    const cells = cellsOf(['main']);
    expectLater(totalsOf(cells), totals, 'totals');
    expectLater(byModel(cells), aggregates.byModel, 'byModel');
    expectLater(messagesOf(cells), aggregates.messages, 'messages');
    expectAggregates(['main'], MAIN, aggregates);
  });

  test('the digests of main say every number of usage.cost', () => {
    const { totals, daily } = set.answer('usage.cost.warm') as LaterCost;
    const cells = cellsOf(['main']);
    expectLater(totalsOf(cells), totals, 'totals');
    expectLater(costDays(cells), daily, 'daily');
  });

  test.runIf(set.whole)('the digests of all agents say every number of the totals of all', () => {
    const cost = set.answer('usage.cost.all.warm') as LaterCost;
    expectLater(totalsOf(cellsOf(set.agents)), cost.totals, 'totals');
    expectLater(costDays(cellsOf(set.agents)), cost.daily, 'daily');
    const { aggregates, totals } = set.answer('sessions.usage.all.warm') as LaterAnswer;
    const cells = cellsOf(set.agents, ALL_AGENTS);
    expectLater(totalsOf(cells), totals, 'totals of sessions');
    expectLater(byModel(cells), aggregates.byModel, 'byModel');
    expectLater(messagesOf(cells), aggregates.messages, 'messages');
    expectAggregates(set.agents, ALL_AGENTS, aggregates);
    const byAgent = set.agents.map((agentId) => ({ agentId, totals: totalsOf(cellsOf([agentId], ALL_AGENTS)) }));
    expectLater(byAgent, aggregates.byAgent, 'byAgent');
  });

  test('reading leaves no file beside the databases, and nothing to read again', () => {
    expect(readdirSync(`${directory}/agents/main/agent`)).toEqual(['openclaw-agent.sqlite']);
    expect(kept.refresh()).toMatchObject({ added: 0, changed: 0, removed: 0, folded: 0, failed: 0, problems: [] });
  });
}
