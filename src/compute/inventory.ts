/** One look at a state directory: which agents, stores, sessions and prices there are now, as far as that changed. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { qualifiedAgent } from '../agent-id.ts';
import { isDatabase } from './agent-database.ts';
import { listAgents } from './agents.ts';
import type { Era } from './era.ts';
import { type CatalogListing, ModelCatalogs } from './model-catalog.ts';
import { type OpenClawConfig, readOpenClawConfig } from './openclaw-config.ts';
import type { PriceEntry } from './price-list.ts';
import { areUnchanged } from './remembered-files.ts';
import { errorCode, isMissing } from './small-file.ts';
import { listStore } from './store-source.ts';
import type { Problem, StoreListing } from './transcript.ts';
import type { KnownStore } from './transcript-source.ts';

/** Where OpenClaw's state lies; absolute paths. */
export interface StatePlace {
  readonly stateDirectory: string;
  /** Of openclaw.json. */
  readonly configPath: string;
  /** What stands behind the `@` of its agents' ids; null of the first state directory, whose ids are as they are there. */
  readonly place: string | null;
}

export interface InventoryRequest extends StatePlace {
  /** What the caller keeps of the configuration; null when it was never read. */
  readonly config: KnownConfig | null;
  /** Whose rules count for all stores; null: for each those of its era. */
  readonly accounting: Era | null;
  /** By agent: what the caller keeps of each store. */
  readonly stores: Readonly<Record<string, KnownStore & PricedStore>>;
}

/** What the prices of a store begin with. */
export interface PricedStore {
  /** Of a listing, null when it is as the caller knows it; of what the caller knows, null when it was never read. */
  readonly catalog: CatalogListing | null;
}

export type KnownConfig = Pick<OpenClawConfig, 'agents' | 'agentDirectories' | 'files'>;

/** A directory whose changes are worth a look. */
export interface WatchedDirectory {
  /** Absolute. */
  readonly path: string;
  /** `dev:ino`: another one means that the directory was replaced. */
  readonly identity: string;
}

export interface Inventory {
  /** That of the request. */
  readonly place: string | null;
  /** One an agent, in the order of the agents' ids. */
  readonly stores: readonly (StoreListing & PricedStore)[];
  /** The prices of the catalogs that were read, by their hash. */
  readonly catalogs: Readonly<Record<string, readonly PriceEntry[]>>;
  /** Those that exist now: the state directory, its agents directory, and the sessions directories. */
  readonly directories: readonly WatchedDirectory[];
  /** Null when it is as the caller knows it. */
  readonly config: OpenClawConfig | null;
  /** Of the state directory; the stores and the configuration have their own. */
  readonly problems: readonly Problem[];
  /** Agents may be lacking that are still there. */
  readonly blind: boolean;
}

/** Takes the inventory. Never throws for what is on disk: what cannot be read is a problem. */
export function takeInventory(request: InventoryRequest): Inventory {
  const { place } = request;
  const problem = checkStateDirectory(request.stateDirectory);
  if (problem !== null) {
    const problems = [subjectIn(place, problem)];
    return { place, stores: [], catalogs: {}, directories: [], config: null, problems, blind: true };
  }
  const known = request.config;
  const config = known?.files && areUnchanged(known.files) ? null : readOpenClawConfig(request.configPath);
  const agentsDirectory = path.join(request.stateDirectory, 'agents');
  const { agents, problems } = listAgents((config ?? known)?.agents ?? [], agentsDirectory);
  const catalogs = new ModelCatalogs(agentsDirectory);
  const moved = new Map(config?.agentDirectories ?? known?.agentDirectories ?? []);
  const stores = agents.map((agent) => {
    const id = qualifiedAgent(agent.id, place);
    const known = knownOf(request.stores, id);
    const listing = listStore({ ...agent, id }, known);
    const era = request.accounting ?? listing.era;
    const catalog = known?.directory === listing.directory ? known.catalog : null;
    return { ...listing, era, catalog: catalogs.list(listing.directory, era, catalog, moved.get(agent.id) ?? null) };
  });
  const listed = stores.flatMap((store) => store.directories);
  return {
    place,
    stores,
    catalogs: catalogs.prices,
    directories: [
      ...[request.stateDirectory, agentsDirectory].flatMap(watchedDirectory),
      ...listed.flatMap(({ path: listedPath, identity }) => {
        if (isDatabase(listedPath)) return watchedDirectory(path.dirname(listedPath));
        return identity === null ? [] : [{ path: listedPath, identity }];
      }),
    ],
    config,
    problems: [...problems, ...catalogs.problems].map((problem) => subjectIn(place, problem)),
    blind: problems.length > 0,
  };
}

/** A problem with its subject told from those of the first state directory: `place:subject`. */
export function subjectIn(place: string | null, problem: Problem): Problem {
  return place === null ? problem : { ...problem, subject: `${place}:${problem.subject}` };
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
function knownOf(known: InventoryRequest['stores'], agent: string): (KnownStore & PricedStore) | null {
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
