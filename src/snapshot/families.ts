/**
 * The transcripts of each family, and those whose key is another than their family's. Made when somebody first asks, and
 * kept up to date from then on; forgotten where much changes that nobody asks for.
 */
import type { SessionNames } from '../compute/dimensions.ts';
import { RowGroups } from './row-groups.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** Changes since the last question, beyond which keeping up costs more than making it anew might. */
const MAX_CHANGES = 4096;

interface Groups {
  readonly byFamily: RowGroups;
  /** Without those that are found by their family. */
  readonly byKey: RowGroups;
}

export class Families {
  readonly #all: () => Iterable<TranscriptRow>;
  #groups: Groups | null = null;
  #changes = 0;

  /** @param all that count */
  constructor(all: () => Iterable<TranscriptRow>) {
    this.#all = all;
  }

  /** The transcripts of each family of an agent. */
  *all(): Generator<readonly TranscriptRow[]> {
    for (const rows of this.#asked().byFamily.all()) {
      if (rows.length === 1) yield rows;
      else yield* byAgent(rows).values();
    }
  }

  /** The transcripts of all families of this name, and of those that a session of this key belongs to; of all agents. */
  named(name: string): readonly TranscriptRow[] {
    const { byFamily, byKey } = this.#asked();
    const rows = new Set(byFamily.sharing(name));
    for (const [agent, keyed] of byAgent(byKey.sharing(name))) {
      for (const family of new Set(keyed.map(({ names }) => names.family))) {
        for (const row of byFamily.sharing(family)) if (row.agent === agent) rows.add(row);
      }
    }
    return [...rows];
  }

  /** A transcript counts from now on. */
  enter(row: TranscriptRow): void {
    this.#change([row]);
    if (this.#groups !== null) enter(this.#groups, row);
  }

  /** A transcript counts no more. */
  leave(row: TranscriptRow): void {
    this.#change([row]);
    if (this.#groups !== null) this.#leave(this.#groups, row);
  }

  /** Does what may change the names of transcripts that count, and of no others. */
  rename(rows: readonly TranscriptRow[], action: () => void): void {
    this.#change(rows);
    for (const row of rows) if (this.#groups !== null) this.#leave(this.#groups, row);
    action();
    for (const row of rows) if (this.#groups !== null) enter(this.#groups, row);
  }

  #asked(): Groups {
    this.#changes = 0;
    this.#groups ??= groupsOf(this.#all());
    return this.#groups;
  }

  #change(rows: readonly TranscriptRow[]): void {
    this.#changes += rows.length;
    if (this.#changes > MAX_CHANGES) this.#groups = null;
  }

  /** One that is not where its names say got others unseen: then nothing is where it should be. */
  #leave({ byFamily, byKey }: Groups, row: TranscriptRow): void {
    const found = byFamily.leave(row) !== undefined && (!isKeyed(row.names) || byKey.leave(row) !== undefined);
    if (!found) this.#groups = null;
  }
}

function enter({ byFamily, byKey }: Groups, row: TranscriptRow): void {
  byFamily.enter(row);
  if (isKeyed(row.names)) byKey.enter(row);
}

/** Asks each row for its names once. */
function groupsOf(rows: Iterable<TranscriptRow>): Groups {
  const keyed: [TranscriptRow, string][] = [];
  function* named(): Generator<[TranscriptRow, string]> {
    for (const row of rows) {
      const { names } = row;
      if (isKeyed(names)) keyed.push([row, names.key]);
      yield [row, names.family];
    }
  }
  const byFamily = new RowGroups(({ names }) => names.family, named());
  return { byFamily, byKey: new RowGroups(({ names }) => names.key ?? '', keyed) };
}

function isKeyed(names: SessionNames): names is SessionNames & { readonly key: string } {
  return names.key !== null && names.key !== names.family;
}

function byAgent(rows: readonly TranscriptRow[]): Map<string, TranscriptRow[]> {
  const groups = new Map<string, TranscriptRow[]>();
  for (const row of rows) {
    const group = groups.get(row.agent);
    if (group === undefined) groups.set(row.agent, [row]);
    else group.push(row);
  }
  return groups;
}
