/**
 * Sessions that moved between files and a database, or whose store's rules became others, and by how much that changed
 * their figures: the totals of whoever updates OpenClaw differ from one moment to the next, and somebody will ask why.
 */
import type { Era } from '../compute/era.ts';
import { COST, RECORDS, TOTAL_TOKENS } from '../compute/figures.ts';
import type { Folded, TranscriptRow } from './catalog.ts';
import { eraOf } from './content-stamp.ts';
import { isCrossing } from './in-database.ts';

/** Sessions that are named. */
const MAX_NAMED = 100;

interface Amounts {
  readonly records: number;
  readonly totalTokens: number;
  /** In dollars. */
  readonly cost: number;
}

export interface EraChange {
  readonly agent: string;
  readonly sessionId: string;
  /** Null for an orphan. */
  readonly key: string | null;
  /** Whose rules its figures followed, and follow. */
  readonly from: Era;
  readonly to: Era;
  readonly before: Amounts;
  readonly after: Amounts;
}

/** Since the keeper began. */
export interface EraChangesState {
  /** Sessions whose figures changed, at most MAX_NAMED. */
  readonly sessions: readonly EraChange[];
  /** How often there was one more. */
  readonly unnamed: number;
}

/** What a session counted for by other rules, or before it moved. */
export type Former = Pick<EraChange, 'from' | 'before'>;

export class EraChanges {
  /** By agent and session id. */
  readonly #named = new Map<string, EraChange>();
  #unnamed = 0;

  /**
   * What a transcript that is about to count by its new digest was until now; null unless it was under other rules or
   * elsewhere.
   * @param to whose rules the new digest follows
   * @param sources transcripts that are gone and may be this one
   */
  former(row: TranscriptRow, to: Era, sources: readonly TranscriptRow[]): Former | null {
    const moved = sources.filter((source) => isCrossing(source, row));
    const older = [row, ...moved].flatMap(({ folded }) => folded ?? []);
    const [first] = older;
    if (first === undefined || (moved.length === 0 && eraOf(first.stamp) === to)) return null;
    return { from: eraOf(first.stamp), before: sumOf(older) };
  }

  /** Takes note of one of which the new digest counts now. */
  note({ agent, sessionId, identity, folded }: TranscriptRow, { from, before }: Former): void {
    if (folded === null) return;
    const id = JSON.stringify([agent, sessionId]);
    const known = this.#named.get(id) ?? { from, before };
    const after = sumOf([folded]);
    const change = { agent, sessionId, key: identity.key, ...known, to: eraOf(folded.stamp), after };
    if (this.#named.has(id) || (differs(change) && this.#named.size < MAX_NAMED)) this.#named.set(id, change);
    else if (differs(change)) this.#unnamed++;
  }

  state(): EraChangesState {
    return { sessions: [...this.#named.values()].filter(differs), unnamed: this.#unnamed };
  }
}

function sumOf(parts: readonly Folded[]): Amounts {
  const all = (column: number) =>
    parts.reduce((sum, { summary }) => sum + (summary.whole.figures[column] as number), 0);
  return { records: all(RECORDS), totalTokens: all(TOTAL_TOKENS), cost: all(COST) / 1e9 };
}

function differs({ before, after }: Pick<EraChange, 'before' | 'after'>): boolean {
  return before.records !== after.records || before.totalTokens !== after.totalTokens || before.cost !== after.cost;
}
