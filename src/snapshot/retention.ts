/**
 * What becomes of transcripts that are no longer there. One that may have got another name waits for the fold that
 * tells; any other is retained: its digest goes into the ledger, and what it counts for stays counted. Retained ones
 * are released when their content is found again in a file, or when they are too old.
 */
import type { Superseded } from '../cache/digest-store.ts';
import type { Ledger, LedgerState, RetainedTranscript } from '../cache/ledger.ts';
import { decodeCursor } from '../compute/digest-codec.ts';
import { COST, RECORDS } from '../compute/figures.ts';
import type { Problem } from '../compute/transcript.ts';
import type { Milliseconds } from '../units.ts';
import type { Folded } from './catalog.ts';
import { fileOf, priceEpochOf } from './content-stamp.ts';
import type { DigestShelf } from './digest-shelf.ts';
import type { Holdings } from './holdings.ts';
import { isCrossing } from './in-database.ts';
import { type Claim, Claims, Namesakes } from './moves.ts';
import { storedIdentity } from './stored-identity.ts';
import type { TranscriptRow } from './transcript-row.ts';

export interface RetentionSettings {
  readonly ledger: Ledger;
  /** How long after its last activity a transcript that is gone counts; 0: not at all. */
  readonly retain: Milliseconds;
}

export interface RetentionState extends LedgerState {
  readonly retained: number;
  /** Of them, those that count at other prices than today's. */
  readonly otherPrices: number;
}

/** Retained transcripts brought back before other work gets its turn. */
const LOAD_SLICE = 500;
const EXPIRE_EVERY: Milliseconds = 3_600_000;
/** Transcripts that are named one by one. */
const MAX_PROBLEMS = 100;

/** Why the usage of a transcript is lost, mostly. */
export const NOT_AT_HAND = 'its digest is neither in memory nor on disk';

export class Retention {
  readonly #settings: RetentionSettings | null;
  readonly #shelf: DigestShelf;
  readonly #holdings: Holdings;
  readonly #claims = new Claims();
  /** Not there any more and still counted as if they were, until it is known whether they moved. */
  readonly #missing = new Set<TranscriptRow>();
  readonly #retained = new Set<TranscriptRow>();
  readonly #namesakes = new Namesakes();
  /** Retained transcripts by agent, and by the prices that they count at. */
  readonly #byPrices = new Map<string, Map<string, number>>();
  /** By transcript, what its content was found to replace, until the ledger has forgotten that. */
  readonly #superseded = new Map<string, Superseded[]>();
  /** Transcripts that the digest store may forget: at once, or once the ledger has them. */
  readonly #dropped = new Set<string>();
  readonly #handedOver = new Set<string>();
  readonly #problems: Problem[] = [];
  /** Where the loading of the ledger stands; null when all of it is loaded. */
  #loaded: string | null = '';
  #expiredAt: Milliseconds = Number.NEGATIVE_INFINITY;
  /** At the latest the last activity of any retained one: it is looked for anew with each expiry. */
  #oldest: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(settings: RetentionSettings | null, shelf: DigestShelf, holdings: Holdings) {
    this.#settings = settings;
    this.#shelf = shelf;
    this.#holdings = holdings;
  }

  /**
   * Null when nothing is retained.
   * @param epochNow of the prices of an agent; null when it has no store any more, and no prices to differ from
   */
  state(epochNow: (agent: string) => string | null): RetentionState | null {
    if (this.#settings === null) return null;
    const retained = this.#retained.size;
    let otherPrices = 0;
    for (const [agent, epochs] of this.#byPrices) {
      const now = epochNow(agent);
      if (now !== null) for (const [epoch, count] of epochs) otherPrices += epoch === now ? 0 : count;
    }
    return { ...this.#settings.ledger.state(), retained, otherPrices };
  }

  /** Transcripts whose usage could not be kept. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Until when all that is retained counts; null without any. It may be early, and is never late. */
  get retainedUntil(): Milliseconds | null {
    return this.#settings === null || this.#retained.size === 0 ? null : this.#oldest + this.#settings.retain;
  }

  /** Brings back what the ledger holds, a slice at a time; true when there is more to do. */
  load(): boolean {
    if (this.#loaded === null) return false;
    const page = this.#settings?.ledger.page(this.#loaded, LOAD_SLICE) ?? [];
    for (const entry of page) this.#bringBack(entry);
    this.#loaded = page.at(-1)?.id ?? null;
    return this.#loaded !== null;
  }

  /** Whether nothing is left to bring back, to decide on, or to write. */
  isIdle(now: Milliseconds): boolean {
    for (const row of this.#missing) if (!this.#claims.isClaimed(row)) return false;
    if (this.#settings === null) return true;
    if (this.#loaded !== null || now - this.#expiredAt >= EXPIRE_EVERY) return false;
    return this.#settings.ledger.state().waiting === 0;
  }

  /** Takes note of a transcript that is no longer there. It counts on until `settle` decides. */
  gone(row: TranscriptRow): void {
    this.#missing.add(row);
  }

  /** Takes note that there is such a file again: it wins over what was retained, as soon as it is folded. */
  back(row: TranscriptRow): void {
    // The very same file, which nobody will fold again.
    if (row.folded?.retained && row.folded.stamp === row.stamp) this.#countAsThere(row, row.stamp);
  }

  /** A transcript that is there again counts by itself, and no longer by what was retained of it. */
  supplanted(row: TranscriptRow): void {
    this.#settings?.ledger.remove(row.id);
  }

  /** Matches what is gone with the files that came, which are not folded yet, and retains the rest. */
  settle(arrivals: readonly TranscriptRow[], now: Milliseconds): void {
    if (this.#missing.size > 0) {
      const namesakes = new Namesakes(arrivals);
      const unmatched = [...this.#missing].filter(
        (row) => !this.#claims.isClaimed(row) && !this.#claim(row, namesakes.of(row)),
      );
      const others = unmatched.length === 0 ? new Set<string>() : this.#files();
      for (const row of unmatched) {
        // One file under two names, for as long as the renaming took or for good.
        if (others.has(fileOf((row.folded as Folded).stamp))) this.#drop(row);
        else this.#retain(row, now);
      }
    }
    for (const row of arrivals) for (const source of this.#namesakes.of(row)) this.#claim(source, [row]);
    this.#expire(now);
    this.save();
  }

  /** What a transcript that is about to be folded may hold. */
  claimsOf(row: TranscriptRow): readonly Claim[] {
    return this.#claims.of(row);
  }

  /**
   * Decides on what a transcript claimed, now that it is folded: `holds` names those whose content it begins with. What
   * crossed the border of a database needs no such proof.
   * Gives the ids of those that were found to be this one: the digest store has to forget them as it gets this one.
   */
  folded(row: TranscriptRow, holds: readonly string[], digest: Uint8Array, now: Milliseconds): string[] {
    if (row.folded?.retained) this.supplanted(row);
    const claims = this.#claims.of(row);
    this.#claims.end(row);
    const moved: string[] = [];
    for (const { source, stamp } of claims) {
      if (isCrossing(source, row) || holds.includes(source.id) || this.#isSame(source, digest)) {
        if (source.folded?.retained) this.#supersede(row, source, stamp);
        moved.push(source.id);
        this.#holdings.remove(source);
      } else if (this.#missing.has(source) && !this.#claims.isClaimed(source)) {
        this.#retain(source, now);
      }
    }
    return moved;
  }

  /** What is to be stored with the digest of a transcript, so that a crash now counts nothing twice. */
  supersededBy(id: string): readonly Superseded[] {
    return this.#superseded.get(id) ?? [];
  }

  /** Releases what a stored transcript is known to hold: the last process ended before the ledger had forgotten it. */
  release(superseded: readonly Superseded[]): void {
    for (const [id, stamp] of superseded) {
      const row = this.#holdings.catalog.find(id);
      if (row === undefined || !this.#retained.has(row) || row.folded?.stamp !== stamp) continue;
      this.#settings?.ledger.remove(id);
      this.#holdings.remove(row);
    }
  }

  /** Takes out what cannot be counted any more, and says so. */
  lose(row: TranscriptRow, why: string): void {
    const { agent, name } = row;
    if (this.#problems.length < MAX_PROBLEMS) {
      this.#problems.push({ code: 'transcript_lost', agent, subject: name, detail: why });
    }
    this.#drop(row);
  }

  /** Forgets a transcript that is taken out. */
  forget(row: TranscriptRow): void {
    this.#claims.end(row);
    this.#missing.delete(row);
    this.#leave(row);
  }

  /** Makes the ledger durable first and then lets the digest store forget: a crash in between leaves both, which is seen. */
  save(): void {
    if (this.#settings?.ledger.flush() ?? true) {
      this.#superseded.clear();
      for (const id of this.#handedOver) this.#dropped.add(id);
      this.#handedOver.clear();
    }
    if (this.#dropped.size > 0) this.#shelf.write([], this.#dropped);
    this.#dropped.clear();
  }

  /** Whether anything is retained. */
  get retains(): boolean {
    return this.#settings !== null && this.#settings.retain > 0;
  }

  /** The digest store may forget a transcript that is no longer there. */
  discard(id: string): void {
    this.#dropped.add(id);
  }

  /** The digest store may forget what the ledger holds. */
  handOver(id: string): void {
    this.#handedOver.add(id);
  }

  #bringBack(entry: RetainedTranscript): void {
    const row = this.#holdings.catalog.find(entry.id) ?? this.#holdings.enter(entry.id, entry.stamp, entry);
    if (row === null) return;
    try {
      this.#holdings.hold(row, entry.stamp, entry.digest, true);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (!row.exists) this.lose(row, 'its digest in the ledger cannot be read');
      return;
    }
    if (!row.exists) this.#keep(row);
    else if (row.stamp === entry.stamp) this.#countAsThere(row, entry.stamp);
  }

  #countAsThere(row: TranscriptRow, stamp: string): void {
    const bytes = this.#shelf.bytes(row.id, stamp);
    if (bytes === undefined) return;
    this.#holdings.hold(row, stamp, bytes, false);
    const identity = storedIdentity(row.identity);
    this.#shelf.write([{ id: row.id, stamp, digest: bytes, identity, supersedes: [] }], []);
    this.#settings?.ledger.remove(row.id);
  }

  /** Notes that some new transcripts may be one that is gone; false when there are none. */
  #claim(source: TranscriptRow, claimants: Iterable<TranscriptRow>): boolean {
    const [first, ...others] = claimants;
    if (first === undefined) return false;
    const { stamp } = source.folded as Folded;
    const bytes = this.#shelf.bytes(source.id, stamp);
    if (bytes === undefined) {
      // It could not be retained either. Most likely it is one of them.
      if (!this.#retained.has(source)) this.#drop(source);
      return true;
    }
    const { offset, anchor } = decodeCursor(bytes);
    const predecessor = { id: source.id, offset, anchor: Buffer.from(anchor).toString('hex') };
    for (const claimant of [first, ...others]) this.#claims.add(claimant, { source, stamp, predecessor });
    return true;
  }

  /** Of a transcript too short for an anchor, its whole digest tells. */
  #isSame({ id, folded }: TranscriptRow, digest: Uint8Array): boolean {
    const bytes = folded === null ? undefined : this.#shelf.bytes(id, folded.stamp);
    return bytes !== undefined && Buffer.compare(bytes, digest) === 0;
  }

  #supersede(row: TranscriptRow, source: TranscriptRow, stamp: string): void {
    this.#superseded.set(row.id, [...this.supersededBy(row.id), [source.id, stamp]]);
    this.#settings?.ledger.remove(source.id);
  }

  #retain(row: TranscriptRow, now: Milliseconds): void {
    const { stamp, summary } = row.folded as Folded;
    this.#missing.delete(row);
    if (this.#settings === null || !summary.whole.counted || this.#isOld(row, now)) {
      this.#drop(row);
      return;
    }
    const { ledger } = this.#settings;
    const digest = this.#shelf.bytes(row.id, stamp);
    if (digest === undefined || !ledger.hasRoom) {
      this.lose(
        row,
        digest === undefined ? NOT_AT_HAND : 'too much waits in memory for a ledger that cannot be written',
      );
      return;
    }
    this.#holdings.hold(row, stamp, digest, true);
    const { id, agent, sessionId, name, class: kindOfFile } = row;
    ledger.put({
      ...{ id, stamp, agent, sessionId, name, class: kindOfFile, digest },
      ...storedIdentity(row.identity),
      retainedAt: now,
      lastActivity: lastActivityOf(row),
      records: summary.whole.figures[RECORDS] as number,
      cost: summary.whole.figures[COST] as number,
    });
    this.#keep(row);
    this.#handedOver.add(id);
  }

  /** Takes a transcript out for good. */
  #drop(row: TranscriptRow): void {
    this.#holdings.remove(row);
    this.#dropped.add(row.id);
  }

  #expire(now: Milliseconds): void {
    if (this.#settings === null || this.#loaded !== null || now - this.#expiredAt < EXPIRE_EVERY) return;
    this.#expiredAt = now;
    this.#oldest = Number.POSITIVE_INFINITY;
    for (const row of [...this.#retained]) {
      if (!this.#isOld(row, now)) {
        this.#oldest = Math.min(this.#oldest, lastActivityOf(row));
        continue;
      }
      this.#settings.ledger.remove(row.id);
      this.#holdings.remove(row);
    }
  }

  #isOld(row: TranscriptRow, now: Milliseconds): boolean {
    const { retain } = this.#settings as RetentionSettings;
    return !this.retains || lastActivityOf(row) < now - retain;
  }

  #keep(row: TranscriptRow): void {
    this.#retained.add(row);
    this.#oldest = Math.min(this.#oldest, lastActivityOf(row));
    this.#namesakes.add(row);
    this.#countPrices(row, 1);
  }

  #leave(row: TranscriptRow): void {
    if (!this.#retained.delete(row)) return;
    this.#namesakes.delete(row);
    this.#countPrices(row, -1);
  }

  #countPrices({ agent, folded }: TranscriptRow, by: number): void {
    const epoch = priceEpochOf((folded as Folded).stamp);
    const epochs = this.#byPrices.get(agent) ?? new Map<string, number>();
    this.#byPrices.set(agent, epochs.set(epoch, (epochs.get(epoch) ?? 0) + by));
  }

  /** The files of all transcripts that are there and were folded from the file that they are now. */
  #files(): Set<string> {
    const files = new Set<string>();
    for (const { folded, stamp } of this.#holdings.catalog.rows.values()) {
      if (folded !== null && fileOf(folded.stamp) === fileOf(stamp)) files.add(fileOf(stamp));
    }
    return files;
  }
}

function lastActivityOf({ folded, identity }: TranscriptRow): Milliseconds {
  return folded?.summary.whole.last ?? identity.updatedAt;
}
