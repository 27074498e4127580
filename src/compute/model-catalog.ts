/**
 * The model catalogs that the gateway generates, one an agent: the first source of prices. 2026.5 prices the sessions of
 * all agents by that of agent main, 2026.9 those of each agent by its own (format.md 2.5; `resolveCostAgentDir` there).
 */
import path from 'node:path';
import { MAX_CONFIG, memberOf, parseFile, parseJson } from './config-file.ts';
import type { Era } from './era.ts';
import { type PriceEntry, readProviderPrices } from './price-list.ts';
import { epochOf } from './price-sources.ts';
import { areUnchanged, type FileStamp, RememberedFiles } from './remembered-files.ts';
import type { Problem } from './transcript.ts';

const NAME = path.join('agent', 'models.json');
/** Whose catalog counts for all agents in 2026.5. */
const SHARED = 'main';

/** A catalog as it was found. */
export interface CatalogListing {
  /** Null when it has to be read again in any case. */
  readonly file: FileStamp | null;
  /** Hash of its prices; null when it is there but cannot be read: those that were known stay in force. */
  readonly key: string | null;
}

/** Reads the catalogs that one inventory needs: each once, and only those that changed. */
export class ModelCatalogs {
  /** The prices that were read, by their hash. */
  readonly prices: Record<string, readonly PriceEntry[]> = {};
  readonly problems: Problem[] = [];
  readonly #agentsDirectory: string;
  readonly #listed = new Map<string, CatalogListing>();

  /** @param agentsDirectory `<state>/agents` */
  constructor(agentsDirectory: string) {
    this.#agentsDirectory = agentsDirectory;
  }

  /**
   * The catalog that the prices of a store begin with; null when it is as the caller knows it. Never throws.
   * @param sessions absolute: the store's sessions directory
   */
  list(sessions: string, era: Era, known: CatalogListing | null): CatalogListing | null {
    const agent = era === '2026.9' ? path.dirname(sessions) : path.join(this.#agentsDirectory, SHARED);
    const file = path.join(agent, NAME);
    if (known?.file?.path === file && areUnchanged([known.file])) return null;
    const listing = this.#listed.get(file) ?? this.#read(file);
    this.#listed.set(file, listing);
    return listing;
  }

  #read(file: string): CatalogListing {
    const files = new RememberedFiles();
    const subject = path.relative(path.dirname(this.#agentsDirectory), file);
    const report = (detail: string) => {
      this.problems.push({ code: 'config_unreadable', agent: null, subject, detail });
    };
    const content = parseFile(files.read(file, MAX_CONFIG), report, parseJson);
    // It is read again until it can be, so that it stays reported.
    if (content === undefined) return { file: null, key: null };
    const prices = readProviderPrices(memberOf(content, 'providers'));
    const key = epochOf(prices);
    this.prices[key] = prices;
    return { file: files.stamps()?.[0] ?? null, key };
  }
}
