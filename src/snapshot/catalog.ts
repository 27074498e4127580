/**
 * The keeper's table of counted transcripts: what the last inventory found, under which dimensions each is filed,
 * and a summary of the digest that is in the rollup, so that most questions about sessions need no digest.
 */
import { type Digest, UNDATED } from '../compute/digest.ts';
import type { TranscriptClass } from '../compute/transcript.ts';
import type { Bytes, Milliseconds, QuarterHour } from '../units.ts';
import type { Filing } from './rollup.ts';
import { type SessionSum, sumDigest } from './session-sum.ts';
import type { SetAside } from './set-aside.ts';

/** Who a transcript belongs to, from the session index (rules in compute/dimensions.ts). */
export interface Identity extends Filing {
  readonly key: string | null;
  readonly label: string | null;
  readonly family: string;
  readonly updatedAt: Milliseconds;
}

/** What is known of a folded transcript without opening its digest. */
export interface Summary {
  /** Quarter hours of the first and last dated message; null without any. */
  readonly firstQuarter: QuarterHour | null;
  readonly lastQuarter: QuarterHour | null;
  readonly undated: boolean;
  /** Everything that it counts for; shared, never changed. */
  readonly whole: SessionSum;
  readonly covered: Bytes;
}

/** What the rollup holds of a transcript, and under which dimensions. */
export interface Folded {
  readonly stamp: string;
  readonly filing: Filing;
  readonly summary: Summary;
}

/** One counted transcript. */
export interface TranscriptRow {
  readonly id: string;
  readonly agent: string;
  readonly directory: string;
  readonly name: string;
  readonly sessionId: string;
  readonly class: TranscriptClass;
  stamp: string;
  mtimeMs: Milliseconds;
  size: Bytes;
  identity: Identity;
  /** Null before the first fold. */
  folded: Folded | null;
  setAside: SetAside | null;
}

/** Names a transcript wherever bytes about it travel or rest. */
export function transcriptId(agent: string, name: string): string {
  return `${agent}/${name}`;
}

export class Catalog {
  readonly rows = new Map<string, TranscriptRow>();
  #instances: Map<string, TranscriptRow[]> | null = null;
  #families: Map<string, TranscriptRow[]> | null = null;

  /** To be called after rows came, went or changed their identity: the groups are made anew when next asked for. */
  regroup(): void {
    this.#instances = null;
    this.#families = null;
  }

  /** All transcripts of each instance. */
  instances(): ReadonlyMap<string, TranscriptRow[]> {
    this.#instances ??= this.#grouped((row) => JSON.stringify([row.agent, row.sessionId]));
    return this.#instances;
  }

  /** All transcripts of each family. */
  families(): ReadonlyMap<string, TranscriptRow[]> {
    this.#families ??= this.#grouped((row) => JSON.stringify([row.agent, row.identity.family]));
    return this.#families;
  }

  #grouped(keyOf: (row: TranscriptRow) => string): Map<string, TranscriptRow[]> {
    const groups = new Map<string, TranscriptRow[]>();
    for (const row of this.rows.values()) {
      const key = keyOf(row);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
    return groups;
  }
}

export function summarise(digest: Digest, covered: Bytes): Summary {
  const whole = sumDigest(digest, EVERYTHING, null);
  const quarters = [...digest.activity.keys()];
  return {
    firstQuarter: quarters.length === 0 ? null : quarters.reduce((a, b) => Math.min(a, b)),
    lastQuarter: quarters.length === 0 ? null : quarters.reduce((a, b) => Math.max(a, b)),
    undated: digest.cells.has(UNDATED),
    whole,
    covered,
  };
}

const EVERYTHING = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, undated: true };
