/**
 * What reports without a service were answered last, in a disposable file of the cache directory, with the marks of what
 * it was counted from: it is given again for as long as these are the same, and nothing has to be read for that.
 */
import { pack, unpack } from '../compute/envelope.ts';
import type { ServiceOptions } from '../config.ts';
import { CheckedFile } from '../snapshot/checked-file.ts';
import type { PublishedSnapshot } from '../snapshot/published.ts';
import { type SessionsQuery, type UsageQuery, viewKey } from '../snapshot/query.ts';
import { placesOf } from '../snapshot/state-places.ts';
import { type DayNumber, zoneOf } from '../snapshot/zone.ts';
import { type Bytes, MIB, type Milliseconds } from '../units.ts';
import { version } from '../version.ts';
import { buildMark, configFilesOf, dataMark, storeMark } from './store-mark.ts';

const FILE = 'reports.bin';
/** Raised whenever the file's layout changes. */
const FORMAT = 1;
const MOST_ANSWERS = 32;
const MOST_BYTES: Bytes = 8 * MIB;

/** The moment of an answer. */
export type SavedSnapshot = Pick<PublishedSnapshot, 'id' | 'builtAt' | 'coverage'>;

export interface SavedAnswer {
  readonly snapshot: SavedSnapshot;
  /** Of the answer, as UTF-8: everything behind the snapshot head. */
  readonly rest: Uint8Array;
}

interface Entry {
  readonly key: string;
  readonly snapshot: SavedSnapshot;
  /** Questions that name no last day are about all days up to today, where there is no activity at all. */
  readonly day: DayNumber;
  /** When what is retained begins to be too old; null: never. */
  readonly until: Milliseconds | null;
}

interface Header {
  /** Format, program and options; another one knows nothing of these answers. */
  readonly origin: string;
  readonly store: string;
  readonly data: string;
  /** What the configurations of OpenClaw were made of. */
  readonly configFiles: readonly string[];
  /** Latest first; a part each. */
  readonly entries: readonly Entry[];
}

type Question = UsageQuery | SessionsQuery;

export class SavedAnswers {
  readonly #options: ServiceOptions;
  readonly #file: CheckedFile;
  readonly #origin: string;
  #saved: { readonly header: Header; readonly parts: readonly Uint8Array[] } | null = null;
  /** What the stores were before a reading; null where that cannot be told from what they may become. */
  #before: Pick<Header, 'store' | 'configFiles'> | null = null;
  readonly #added: { readonly entry: Entry; readonly rest: Uint8Array }[] = [];

  /** Reads what is saved and still holds. */
  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#file = new CheckedFile(options.cacheDir, FILE);
    this.#origin = originOf(options);
    try {
      const { header, parts } = unpack<Header>(this.#file.read() ?? new Uint8Array());
      if (header.origin === this.#origin && this.#holds(header)) this.#saved = { header, parts };
    } catch {
      // None, or a damaged one: all of it can be counted again.
    }
  }

  /** The answer to a question, if it is known. */
  find(query: Question, now: Milliseconds): SavedAnswer | null {
    const key = viewKey(query);
    const day = dayOf(query, now);
    const { header, parts } = this.#saved ?? { header: { entries: [] }, parts: [] };
    const at = header.entries.findIndex((it) => it.key === key && it.day === day && now <= (it.until ?? now));
    const { snapshot } = header.entries[at] ?? {};
    return snapshot === undefined ? null : { snapshot, rest: parts[at] as Uint8Array };
  }

  /** Marks the stores, which are about to be read; what is added from now on is of that reading. */
  async begin(): Promise<void> {
    const places = placesOf(this.#options);
    const configFiles = await configFilesOf(places);
    const found = configFiles === null ? null : storeMark(places, configFiles);
    if (configFiles === null || !found?.settled) return;
    this.#before = { store: found.mark, configFiles };
  }

  /** @param until see SnapshotService.steadyUntil() @param now from before the answer was made */
  add(
    query: Question,
    { snapshot: { id, builtAt, coverage }, rest }: SavedAnswer,
    until: Milliseconds,
    now: Milliseconds,
  ): void {
    const entry = {
      key: viewKey(query),
      snapshot: { id, builtAt, coverage },
      day: dayOf(query, now),
      until: Number.isFinite(until) ? until : null,
    };
    this.#added.unshift({ entry, rest });
  }

  /**
   * Saves what was added, and as much of what was there before as there is room for. To be called when nothing is
   * written to the data directory any more, and before it is released. What cannot be saved is counted again: never rejects.
   */
  async save(): Promise<void> {
    if (this.#before === null || this.#added.length === 0) return;
    const { header: known, parts } = this.#saved ?? { header: null, parts: [] };
    const earlier = known?.store === this.#before.store ? known.entries : [];
    const all = [...this.#added, ...earlier.map((entry, at) => ({ entry, rest: parts[at] as Uint8Array }))];
    const kept: typeof all = [];
    let bytes = 0;
    for (const it of all) {
      bytes += it.rest.byteLength;
      if (kept.length < MOST_ANSWERS && bytes <= MOST_BYTES) kept.push(it);
    }
    // Of many pages the first would be missing.
    if (kept.length < this.#added.length) return;
    try {
      const data = dataMark(this.#options.dataDir);
      const header: Header = { origin: this.#origin, ...this.#before, data, entries: kept.map(({ entry }) => entry) };
      const rests = kept.map(({ rest }) => rest);
      await this.#file.write(pack(header, rests));
    } catch {
      // A full disk, or a directory that lets nobody write.
    }
  }

  #holds({ store, data, configFiles }: Header): boolean {
    return storeMark(placesOf(this.#options), configFiles)?.mark === store && dataMark(this.#options.dataDir) === data;
  }
}

/** The day on which a question is asked, in its own zone. */
function dayOf({ timeZone }: Question, now: Milliseconds): DayNumber {
  return zoneOf(timeZone).dayOf(now);
}

function originOf(options: ServiceOptions): string {
  const { stateDirectory, openclawConfigPath, otherStates, dataDir, redact, retain, accounting, prices } = options;
  const figured = { stateDirectory, openclawConfigPath, otherStates, dataDir, redact, retain, accounting, prices };
  return JSON.stringify([FORMAT, version, process.version, buildMark(), figured]);
}
