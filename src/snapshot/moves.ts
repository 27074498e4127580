/**
 * Transcripts that are no longer there, and those that came in the same moment: which of the new ones may be the old
 * one under another name. Whether it is, the next fold of the new one says, by the anchor of the old one's digest:
 * until then the old one counts and the new one does not.
 */
import type { Predecessor } from '../compute/scan-batch.ts';
import type { TranscriptRow } from './catalog.ts';
import { fileOf } from './content-stamp.ts';

/** A transcript whose content a new one may hold; its digest is the one of `stamp`. */
export interface Claim {
  readonly source: TranscriptRow;
  readonly stamp: string;
  /** How far that digest reads, and the hash before it. */
  readonly predecessor: Predecessor;
}

/** Whether another file came under a transcript's name since it was folded, or the first one. */
export function isArrival({ exists, isCurrent, folded, stamp }: TranscriptRow): boolean {
  return exists && !isCurrent && (folded === null || fileOf(folded.stamp) !== fileOf(stamp));
}

/** Transcripts found by what one can be told by under another name: its file, and its session. */
export class Namesakes {
  readonly #byFile = new Map<string, Set<TranscriptRow>>();
  readonly #bySession = new Map<string, Set<TranscriptRow>>();

  constructor(rows: Iterable<TranscriptRow> = []) {
    for (const row of rows) this.add(row);
  }

  add(row: TranscriptRow): void {
    enter(this.#byFile, fileOfRow(row), row);
    enter(this.#bySession, sessionOf(row), row);
  }

  delete(row: TranscriptRow): void {
    leave(this.#byFile, fileOfRow(row), row);
    leave(this.#bySession, sessionOf(row), row);
  }

  of(row: TranscriptRow): ReadonlySet<TranscriptRow> {
    return new Set([...this.ofFile(row), ...(this.#bySession.get(sessionOf(row)) ?? [])]);
  }

  ofFile(row: TranscriptRow): Iterable<TranscriptRow> {
    return this.#byFile.get(fileOfRow(row)) ?? [];
  }
}

export class Claims {
  readonly #ofClaimant = new Map<TranscriptRow, Claim[]>();
  readonly #claimants = new Map<TranscriptRow, Set<TranscriptRow>>();

  add(claimant: TranscriptRow, claim: Claim): void {
    const claims = this.#ofClaimant.get(claimant) ?? [];
    if (claims.some(({ source }) => source === claim.source)) return;
    claims.push(claim);
    this.#ofClaimant.set(claimant, claims);
    const claimants = this.#claimants.get(claim.source) ?? new Set();
    claimants.add(claimant);
    this.#claimants.set(claim.source, claimants);
  }

  of(claimant: TranscriptRow): readonly Claim[] {
    return this.#ofClaimant.get(claimant) ?? [];
  }

  isClaimed(source: TranscriptRow): boolean {
    return this.#claimants.has(source);
  }

  /** Ends all that a transcript claims, and all that others claim of it. */
  end(row: TranscriptRow): void {
    for (const { source } of this.of(row)) {
      const claimants = this.#claimants.get(source);
      claimants?.delete(row);
      if (claimants?.size === 0) this.#claimants.delete(source);
    }
    this.#ofClaimant.delete(row);
    for (const claimant of this.#claimants.get(row) ?? []) {
      const others = this.of(claimant).filter(({ source }) => source !== row);
      if (others.length === 0) this.#ofClaimant.delete(claimant);
      else this.#ofClaimant.set(claimant, others);
    }
    this.#claimants.delete(row);
  }
}

function enter(index: Map<string, Set<TranscriptRow>>, key: string, row: TranscriptRow): void {
  const rows = index.get(key);
  if (rows === undefined) index.set(key, new Set([row]));
  else rows.add(row);
}

function leave(index: Map<string, Set<TranscriptRow>>, key: string, row: TranscriptRow): void {
  const rows = index.get(key);
  if (rows?.delete(row) && rows.size === 0) index.delete(key);
}

/** Of one that is gone, the file that it was folded from. */
function fileOfRow({ exists, folded, stamp }: TranscriptRow): string {
  return fileOf(exists ? stamp : (folded?.stamp ?? stamp));
}

function sessionOf({ agent, sessionId }: TranscriptRow): string {
  return JSON.stringify([agent, sessionId]);
}
