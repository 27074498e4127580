/** One look at a state directory: which agents, transcripts, sessions and prices there are now. Everything in it is plain JSON. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { type Agent, listAgents } from './agents.ts';
import { jsonlSource } from './jsonl-source.ts';
import { readOpenClawConfig } from './openclaw-config.ts';
import type { PriceBookData } from './price-book.ts';
import { type OwnPrices, readOwnPrices } from './price-list.ts';
import { errorCode, isMissing } from './small-file.ts';
import type { Problem, StoreListing } from './transcript.ts';
import type { KnownStore } from './transcript-source.ts';

export interface InventoryRequest {
  /** Absolute. */
  readonly stateDirectory: string;
  /** Absolute path of openclaw.json. */
  readonly configPath: string;
  /** By agent: what the caller keeps of each store. */
  readonly known: Readonly<Record<string, KnownStore>>;
  /** The prices of the last inventory: a price file that cannot be read now keeps the prices that it had. */
  readonly knownPrices?: PriceBookData | undefined;
  readonly ownPrices?: OwnPrices | undefined;
}

/** A directory whose changes are worth a look. */
export interface WatchedDirectory {
  /** Absolute. */
  readonly path: string;
  /** `dev:ino`: another one means that the directory was replaced. */
  readonly identity: string;
}

export interface Inventory {
  readonly agents: readonly Agent[];
  /** One an agent, in the order of the agents. */
  readonly stores: readonly StoreListing[];
  /** Those that exist now: the state directory, its agents directory, and the sessions directories. */
  readonly directories: readonly WatchedDirectory[];
  readonly prices: PriceBookData;
  /** Changes exactly when the prices do. */
  readonly priceEpoch: string;
  /** Of the state directory and its configuration; the stores have their own. */
  readonly problems: readonly Problem[];
}

/**
 * Takes the inventory. Never throws for what is on disk: what cannot be read is a problem. With a
 * `state_dir_missing`, or a `store_unreadable` that names no agent, agents may be lacking that are still there.
 */
export function takeInventory(request: InventoryRequest): Inventory {
  const own = readOwnPrices(request.ownPrices ?? {});
  const known = request.knownPrices;
  const problem = checkStateDirectory(request.stateDirectory);
  if (problem !== null) {
    const prices = { catalog: known?.catalog ?? [], configured: known?.configured ?? [], own };
    return { agents: [], stores: [], directories: [], prices, priceEpoch: epochOf(prices), problems: [problem] };
  }
  const config = readOpenClawConfig(request.stateDirectory, request.configPath);
  const prices: PriceBookData = {
    catalog: config.catalog ?? known?.catalog ?? [],
    configured: config.configured ?? known?.configured ?? [],
    own,
  };
  const { agents, problems } = listAgents(config.agents, path.join(request.stateDirectory, 'agents'));
  const stores = agents.map((agent) => jsonlSource.list(agent, knownOf(request.known, agent.id)));
  const directories = [
    request.stateDirectory,
    path.join(request.stateDirectory, 'agents'),
    ...agents.flatMap((agent) => agent.directories),
  ].flatMap(watchedDirectory);
  return {
    agents,
    stores,
    directories,
    prices,
    priceEpoch: epochOf(prices),
    problems: [...config.problems, ...problems],
  };
}

function watchedDirectory(directory: string): WatchedDirectory[] {
  try {
    const { dev, ino } = statSync(directory, { bigint: true });
    return [{ path: directory, identity: `${dev}:${ino}` }];
  } catch {
    // What is not there cannot be watched; what cannot be read is reported by whoever has to read it.
    return [];
  }
}

/** Agent ids come from directory names, which may be those of Object.prototype. */
function knownOf(known: Readonly<Record<string, KnownStore>>, agent: string): KnownStore | null {
  return Object.hasOwn(known, agent) ? (known[agent] ?? null) : null;
}

function checkStateDirectory(directory: string): Problem | null {
  const problem = (code: Problem['code'], detail: string) => ({ code, agent: null, subject: '.', detail });
  try {
    if (statSync(directory).isDirectory()) return null;
    return problem('state_dir_missing', 'expected a directory, found a file');
  } catch (error) {
    if (isMissing(error)) return problem('state_dir_missing', 'expected a directory, found nothing');
    return problem('store_unreadable', errorCode(error));
  }
}

function epochOf(prices: PriceBookData): string {
  return createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 16);
}
