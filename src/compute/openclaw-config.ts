/**
 * What Clawgauge needs of OpenClaw's own configuration: the agents and the prices in openclaw.json. Nothing else of it,
 * which holds secrets, leaves this module.
 */
import os from 'node:os';
import path from 'node:path';
import { normalizeAgentId } from '../agent-id.ts';
import { type AgentEntry, type AgentRoster, agentRoster } from './agent-roster.ts';
import { MAX_CONFIG, memberOf, parseFile } from './config-file.ts';
import { resolveIncludes } from './config-includes.ts';
import { parseJson5 } from './json5.ts';
import { type PriceEntry, readProviderPrices } from './price-list.ts';
import { type FileStamp, RememberedFiles } from './remembered-files.ts';
import { expandPath, homeOf } from './state-directory.ts';
import type { Problem } from './transcript.ts';

export interface OpenClawConfig {
  /** Ids as written: `agents.list[].id` (5.22) and the names of `agents.entries` (9.6); `main` when there are none, as in OpenClaw. */
  readonly agents: readonly string[];
  readonly roster: AgentRoster;
  /** Where 2026.9 has an agent's own files, for those that have an `agentDir`; null when the file is there but cannot be read. */
  readonly agentDirectories: AgentDirectories | null;
  /** Prices of openclaw.json; null when the file is there but cannot be read. */
  readonly configured: readonly PriceEntry[] | null;
  readonly problems: readonly Problem[];
  /** What it was read from; null when that has to be read again in any case. */
  readonly files: readonly FileStamp[] | null;
}

/** Absolute, by normalised ids. */
export type AgentDirectories = readonly (readonly [id: string, directory: string])[];

/** 5.22 puts environment variables of the gateway's process in the place of these; ours has others. */
const ENVIRONMENT_REFERENCE = /\$\{[A-Z_][A-Z0-9_]*\}/;

/** Reads openclaw.json. A missing one says nothing; whatever is wrong with it becomes a problem. Never throws. */
export function readOpenClawConfig(configPath: string): OpenClawConfig {
  const problems: Problem[] = [];
  const files = new RememberedFiles();
  const subject = path.basename(configPath);
  const report = (detail: string) => problems.push({ code: 'config_unreadable', agent: null, subject, detail });

  const config = parseFile(files.read(configPath, MAX_CONFIG), report, (text) =>
    resolveIncludes(parseJson5(text), configPath, parseJson5, files, (include, reason) => {
      report(`$include ${JSON.stringify(include)} is left out: ${reason}`);
    }),
  );
  const agents: string[] = [];
  const entries = agentEntries(config);
  for (const { id } of entries) {
    if (typeof id !== 'string' || id.trim() === '') continue;
    if (ENVIRONMENT_REFERENCE.test(id)) report(`the agent id ${JSON.stringify(id)} needs the gateway's environment`);
    else agents.push(id);
  }
  const configured =
    config === undefined ? null : readProviderPrices(memberOf(memberOf(config, 'models'), 'providers'));
  for (const [key] of configured ?? []) {
    if (ENVIRONMENT_REFERENCE.test(key)) report(`the price of ${JSON.stringify(key)} needs the gateway's environment`);
  }

  return {
    agents: agents.length === 0 ? ['main'] : agents,
    roster: agentRoster(
      entries.filter(({ id }) => agents.includes(id as string)),
      explicitOwner(config),
    ),
    agentDirectories: config === undefined ? null : agentDirectories(entries, report),
    configured,
    problems,
    files: files.stamps(),
  };
}

/** Of several entries of an agent, the first one tells, as in the gateway. */
function agentDirectories(
  entries: readonly { readonly id: unknown; readonly directory: unknown }[],
  report: (detail: string) => void,
): AgentDirectories {
  const found = new Map<string, string>();
  for (const { id, directory } of entries) {
    if (typeof id !== 'string' || typeof directory !== 'string' || found.has(normalizeAgentId(id))) continue;
    const text = directory.trim();
    if (text === '') continue;
    if (ENVIRONMENT_REFERENCE.test(text))
      report(`the agentDir of ${JSON.stringify(id)} needs the gateway's environment`);
    else if (/^~(?=$|[\\/])/.test(text) || path.isAbsolute(text)) {
      found.set(normalizeAgentId(id), expandPath(text, homeOf(process.env, os.homedir())));
    } else report(`the agentDir of ${JSON.stringify(id)} depends on where the gateway was started`);
  }
  return [...found];
}

/** Those of `agents.list` (5.22), then those of `agents.entries` (9.6). */
function agentEntries(config: unknown): (AgentEntry & { readonly directory: unknown })[] {
  const agents = memberOf(config, 'agents');
  const list = memberOf(agents, 'list');
  const listed = (Array.isArray(list) ? (list as readonly unknown[]) : []).map((agent) =>
    entryOf(memberOf(agent, 'id'), agent),
  );
  const entries = memberOf(agents, 'entries');
  const named = typeof entries === 'object' && entries !== null && !Array.isArray(entries) ? Object.keys(entries) : [];
  return [...listed, ...named.map((id) => entryOf(id, memberOf(entries, id)))];
}

function entryOf(id: unknown, entry: unknown) {
  return { id, marked: memberOf(entry, 'default'), directory: memberOf(entry, 'agentDir') };
}

/** Who sessions without an owner are of, where the configuration says that it says so; null when it does not say who. */
function explicitOwner(config: unknown): unknown {
  const agents = memberOf(config, 'agents');
  if (memberOf(agents, 'ownership') !== 'explicit') return undefined;
  return memberOf(memberOf(memberOf(agents, 'defaults'), 'systemAgent'), 'agentId') ?? null;
}
