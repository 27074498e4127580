/**
 * Keeps a generated store alive: a few sessions go on, now and then one starts and one is reset, all through the same
 * files and in the same way as OpenClaw's gateway. Each step costs what it appends, and an index when a turn ended.
 */
import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Milliseconds } from '../units.ts';
import { demoAgents } from './agents.ts';
import { Conversation } from './conversation.ts';
import { changeIndex, readIndex } from './index-file.ts';
import { LiveTranscript, takeUp } from './live-transcript.ts';
import { readManifest } from './manifest.ts';
import { demoModels } from './models.ts';
import { Random } from './random.ts';
import { type IndexEntry, indexEntry } from './session-entry.ts';
import { archiveTime, liveSession } from './session-plan.ts';

/** Sessions that go on at the same time; when one more starts, the longest running one comes to rest. */
const LIVE_SESSIONS = 4;
const ADVANCE_CHANCE = 0.5;
const START_CHANCE = 0.02;
const RESET_CHANCE = 0.01;
/** Characters; keeps a demonstration that runs for days from filling the disk. */
const LONGEST_RESULT = 40_000;

export class DemoAppender {
  readonly #agents: string;
  readonly #agentIds: readonly string[];
  readonly #random: Random;
  readonly #clock: Clock;
  /** Longest running first. */
  #live: LiveTranscript[];

  /** Takes up the sessions used last. Throws `invalid_option` when the directory is not a generated one. */
  constructor(directory: string, { seed, clock }: { readonly seed: number; readonly clock: Clock }) {
    const { options } = readManifest(directory);
    this.#agents = join(resolve(directory), 'agents');
    this.#agentIds = demoAgents(options.agents).map(({ id }) => id);
    this.#random = new Random(seed, 'appender');
    this.#clock = clock;
    this.#live = this.#agentIds
      .flatMap((agent) => this.#lastUsed(agent))
      .sort((a, b) => a.entry.updatedAt - b.entry.updatedAt)
      .slice(-LIVE_SESSIONS)
      .map(({ agent, key, entry }) => this.#continued(agent, key, entry));
  }

  /** What happens in about a second; everything is dated at the clock's now. */
  step(): void {
    const now = this.#clock.now();
    for (const live of this.#live) {
      if (this.#random.chance(ADVANCE_CHANCE) && live.advance(now)) this.#noteTurn(live, now);
    }
    if (this.#random.chance(START_CHANCE)) this.#start(now);
    if (this.#random.chance(RESET_CHANCE)) this.#reset(now);
  }

  /** The agent's session with the newest primary transcript, if it has one. */
  #lastUsed(agent: string): { agent: string; key: string; entry: IndexEntry }[] {
    return Object.entries(readIndex(this.#sessions(agent)))
      .map(([key, entry]) => ({ agent, key, entry }))
      .filter(({ entry }) => existsSync(this.#primary(agent, entry.sessionId)))
      .sort((a, b) => b.entry.updatedAt - a.entry.updatedAt)
      .slice(0, 1);
  }

  #continued(agent: string, key: string, entry: IndexEntry): LiveTranscript {
    const { sessionId } = entry;
    const path = this.#primary(agent, sessionId);
    const conversation = this.#conversation(agent, key, sessionId, takeUp(path));
    return new LiveTranscript({ agent, key, sessionId, path }, conversation, false, this.#random);
  }

  #started(agent: string, key: string): LiveTranscript {
    const sessionId = this.#random.uuid();
    const identity = { agent, key, sessionId, path: this.#primary(agent, sessionId) };
    return new LiveTranscript(identity, this.#conversation(agent, key, sessionId, null), true, this.#random);
  }

  #conversation(agent: string, key: string, sessionId: string, parentId: string | null): Conversation {
    const random = this.#random;
    const [, channel = null] = /^agent:[^:]+:([^:]+):(?:direct|group):/.exec(key) ?? [];
    const favourite = random.weighted(demoModels);
    const longestResult = LONGEST_RESULT;
    return new Conversation({ random, sessionId, agent, favourite, person: 'Sam', channel, longestResult, parentId });
  }

  #start(now: Milliseconds): void {
    const agent = this.#random.pick(this.#agentIds);
    const session = liveSession(agent, this.#random.pick(['direct', 'group', 'cron', 'subagent']), this.#random);
    const live = this.#started(agent, session.key);
    const { sessionId, path } = live.identity;
    const facts = {
      sessionId,
      sessionFile: path,
      startedAt: now,
      updatedAt: now,
      model: live.conversation.model,
      contextTokens: live.conversation.context,
      familySessionIds: [sessionId],
    };
    const entry = indexEntry(session, facts, this.#random);
    changeIndex(this.#sessions(agent), (index) => {
      index[session.key] = entry;
    });
    this.#live = [...this.#live, live].slice(-LIVE_SESSIONS);
  }

  /** The transcript of one live session becomes an archive; the session goes on in a new one. */
  #reset(now: Milliseconds): void {
    const at = this.#random.integer(0, this.#live.length - 1);
    const old = this.#live[at];
    if (old === undefined || !existsSync(old.identity.path)) return;
    const { agent, key, path } = old.identity;
    renameSync(path, `${path}.reset.${archiveTime(now)}`);
    const live = this.#started(agent, key);
    this.#live[at] = live;
    changeIndex(this.#sessions(agent), (index) => {
      const entry = index[key]!;
      entry.sessionId = live.identity.sessionId;
      entry.sessionFile = live.identity.path;
      entry.updatedAt = now;
      entry.usageFamilySessionIds.push(live.identity.sessionId);
    });
  }

  #noteTurn({ identity: { agent, key }, conversation }: LiveTranscript, now: Milliseconds): void {
    const { provider, model } = conversation.model;
    changeIndex(this.#sessions(agent), (index) => {
      const facts = { updatedAt: now, modelProvider: provider, model, totalTokens: conversation.context };
      Object.assign(index[key]!, facts);
    });
  }

  #sessions(agent: string): string {
    return join(this.#agents, agent, 'sessions');
  }

  #primary(agent: string, sessionId: string): string {
    return join(this.#sessions(agent), `${sessionId}.jsonl`);
  }
}
