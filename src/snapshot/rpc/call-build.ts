/**
 * The building of an answer: it can stop between any two sessions, so that other questions come in between, and it
 * asks for details of the entries that it lists, which the keeper has to be told.
 */
import type { DetailsAnswer, DetailsRequest, EntryDetails } from '../../compute/entry-details.ts';
import { unpack } from '../../compute/envelope.ts';
import type { CallRow } from './call-rows.ts';
import type { RowDetails } from './shown-row.ts';

/** Where a building stands: it may rest, or it needs to be told. */
export type BuildStep = { readonly kind: 'pause' } | { readonly kind: 'details'; readonly request: DetailsRequest };

/** A part of a building. What it is told where it asked for details: a packed DetailsAnswer. */
export type BuildSteps<Result> = Generator<BuildStep, Result, Uint8Array | undefined>;

export type CallBuild = BuildSteps<Buffer>;

export const PAUSE: BuildStep = { kind: 'pause' };

const NO_DETAILS: RowDetails = { entry: {}, report: null };

export class ToldDetails {
  readonly #answer: DetailsAnswer;
  readonly #reports: readonly Uint8Array[];

  /** @param packed undefined where nothing was asked */
  constructor(packed: Uint8Array | undefined) {
    const { header, parts } = packed === undefined ? { header: {}, parts: [] } : unpack<DetailsAnswer>(packed);
    this.#answer = header;
    this.#reports = parts;
  }

  of({ agent, entry }: CallRow): RowDetails {
    const details = entry === null ? undefined : this.entry(agent, entry.key);
    if (details === undefined) return NO_DETAILS;
    return { entry: details, report: details.report === undefined ? null : (this.#reports[details.report] ?? null) };
  }

  entry(agent: string, key: string): EntryDetails | undefined {
    const entries = this.#answer[agent];
    return entries !== undefined && Object.hasOwn(entries, key) ? entries[key] : undefined;
  }
}
