/** The entries of `sessions.json`, as big as OpenClaw's: the members that usage reads, and those that it does not. */
import type { Milliseconds } from '../units.ts';
import { proseText } from './corpus.ts';
import type { DemoModel } from './models.ts';
import type { Random } from './random.ts';
import type { LiveSession } from './session-plan.ts';
import { toolNames } from './tools.ts';

/** What the generator and the appender need to know of an entry; it has far more members. */
export interface IndexEntry {
  sessionId: string;
  updatedAt: Milliseconds;
  sessionFile: string;
  usageFamilyKey: string;
  usageFamilySessionIds: string[];
  [member: string]: unknown;
}

interface EntryFacts {
  readonly sessionId: string;
  /** Absolute path of the current transcript. */
  readonly sessionFile: string;
  readonly startedAt: Milliseconds;
  readonly updatedAt: Milliseconds;
  readonly model: DemoModel;
  readonly contextTokens: number;
  /** Oldest first, the current one last. */
  readonly familySessionIds: readonly string[];
}

export function indexEntry({ kind, key, peer }: LiveSession, facts: EntryFacts, random: Random): IndexEntry {
  return {
    sessionId: facts.sessionId,
    updatedAt: facts.updatedAt,
    sessionStartedAt: facts.startedAt,
    lastInteractionAt: facts.updatedAt,
    systemSent: true,
    abortedLastRun: false,
    sessionFile: facts.sessionFile,
    ...channelMembers(kind, peer, random),
    ...labelOf(kind, random),
    ...(kind === 'subagent' ? { spawnedBy: `${key.split(':', 2).join(':')}:main`, spawnDepth: 1 } : {}),
    ...(random.chance(0.05) ? { providerOverride: 'anthropic', modelOverride: 'claude-opus-4-7' } : {}),
    modelProvider: facts.model.provider,
    model: facts.model.model,
    inputTokens: random.integer(10, 9000),
    outputTokens: random.integer(10, 9000),
    totalTokens: facts.contextTokens,
    totalTokensFresh: true,
    contextTokens: 200_000,
    compactionCount: random.integer(0, 3),
    skillsSnapshot: { prompt: proseText(random, 1800), skills: [{ name: 'github' }, { name: 'weather' }], version: 0 },
    ...(random.chance(0.7) ? { systemPromptReport: promptReport(key, facts, random) } : {}),
    usageFamilyKey: key,
    usageFamilySessionIds: [...facts.familySessionIds],
  };
}

/** An entry's member of the index file, indented as OpenClaw writes it; without comma. */
export function indexMember(key: string, entry: IndexEntry): string {
  return `  ${JSON.stringify(key)}: ${JSON.stringify(entry, null, 2).replaceAll('\n', '\n  ')}`;
}

/** Not every entry says its channel: some only in `origin`, some only in their key. */
function channelMembers(kind: LiveSession['kind'], { channel, person }: LiveSession['peer'], random: Random): object {
  if (channel === null) return kind === 'main' ? { origin: { provider: 'webchat', surface: 'webchat' } } : {};
  const origin = { provider: channel, surface: channel, chatType: kind, accountId: 'default', label: person };
  const said = random.next();
  if (said < 0.08) return { chatType: kind };
  if (said < 0.2) return { chatType: kind, origin };
  return { chatType: kind, channel, lastChannel: channel, lastAccountId: 'default', origin };
}

function labelOf(kind: LiveSession['kind'], random: Random): { label?: string } {
  if (kind === 'cron') return { label: `Cron: ${random.pick(['morning report', 'backup check', 'inbox', 'prices'])}` };
  if (kind === 'subagent') return { label: random.pick(['look this up', 'write the tests', 'compare the offers']) };
  return {};
}

/** Kilobytes that usage has no use for. */
function promptReport(sessionKey: string, { sessionId, model, updatedAt }: EntryFacts, random: Random): object {
  const files = ['AGENTS.md', 'SOUL.md', 'TOOLS.md', 'IDENTITY.md', 'USER.md', 'HEARTBEAT.md', 'MEMORY.md'];
  return {
    source: 'run',
    generatedAt: updatedAt,
    sessionId,
    sessionKey,
    provider: model.provider,
    model: model.model,
    systemPrompt: { chars: 31_000, projectContextChars: 12_000, nonProjectContextChars: 19_000 },
    injectedWorkspaceFiles: files.map((name) => ({
      name,
      path: `/home/claw/.openclaw/workspace/${name}`,
      missing: false,
      rawChars: random.integer(100, 8000),
      injectedChars: random.integer(100, 8000),
      truncated: false,
    })),
    skills: {
      promptChars: 4200,
      entries: Array.from({ length: 14 }, (_, i) => ({ name: `skill-${i}`, blockChars: random.integer(100, 500) })),
    },
    tools: {
      listChars: 2400,
      schemaChars: 15_800,
      entries: toolNames.map(({ name }) => ({
        name,
        summaryChars: random.integer(40, 400),
        schemaChars: random.integer(200, 3000),
        propertiesCount: random.integer(1, 20),
      })),
    },
  };
}
