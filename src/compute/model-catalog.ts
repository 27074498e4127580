/**
 * The model catalogs that the gateway generates, one an agent: the first source of prices. 2026.5 prices the sessions of
 * all agents by that of agent main, wherever the configuration moves its files to, and 2026.9 those of each agent by its
 * own (format.md 2.5; `resolveAgentDir` there).
 */
import path from 'node:path';
import { MAX_CONFIG, memberOf, parseFile, parseJson } from './config-file.ts';
import type { Era } from './era.ts';
import { type PriceEntry, readProviderPrices } from './price-list.ts';
import { epochOf } from './price-sources.ts';
import { areUnchanged, type FileStamp, RememberedFiles } from './remembered-files.ts';
import type { Problem } from './transcript.ts';

const NAME = 'models.json';
/** In the directory that is named after an agent. */
const OWN = 'agent';
/** Whose catalog counts for all agents in 2026.5. */
const SHARED = 'main';

/** A catalog as it was found. */
export interface CatalogListing {
  /** Null when it has to be read again in any case. */
  readonly file: FileStamp | null;
  /** By whose rules it was read. */
  readonly era: Era;
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
   * @param moved absolute: where the configuration has the agent's own files; null where it says nothing of them
   */
  list(sessions: string, era: Era, known: CatalogListing | null, moved: string | null): CatalogListing | null {
    const own = moved ?? path.join(path.dirname(sessions), OWN);
    const directory = era === '2026.9' ? own : path.join(this.#agentsDirectory, SHARED, OWN);
    const file = path.join(directory, NAME);
    if (known?.era === era && known.file?.path === file && areUnchanged([known.file])) return null;
    const key = `${era} ${file}`;
    const listing = this.#listed.get(key) ?? this.#read(file, era);
    this.#listed.set(key, listing);
    return listing;
  }

  #read(file: string, era: Era): CatalogListing {
    const files = new RememberedFiles();
    const subject = this.#subjectOf(file);
    const report = (detail: string) => {
      this.problems.push({ code: 'config_unreadable', agent: null, subject, detail });
    };
    const content = parseFile(files.read(file, MAX_CONFIG), report, parseJson);
    // It is read again until it can be, so that it stays reported.
    if (content === undefined) return { file: null, era, key: null };
    // Where 2026.5 finds a model it looks no further; 2026.9 does if no price stands there.
    const prices = readProviderPrices(memberOf(content, 'providers'), { unpriced: era === '2026.5' });
    const key = epochOf(prices);
    this.prices[key] = prices;
    return { file: files.stamps()?.[0] ?? null, era, key };
  }

  /** Inside the state directory; of what lies elsewhere, its last names. */
  #subjectOf(file: string): string {
    const inside = path.relative(path.dirname(this.#agentsDirectory), file);
    return inside.startsWith('..') || path.isAbsolute(inside) ? file.split(path.sep).slice(-3).join('/') : inside;
  }
}
