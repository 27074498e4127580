/**
 * What the routes know of the rest of the service: heads and ready bytes, and a way to ask for others.
 * Nothing here reads a store; the snapshot side implements it.
 */
import type { ClawgaugeError } from '../errors.ts';
import type { ExportQuery } from '../snapshot/export/export-query.ts';
import type { OpenedExport } from '../snapshot/export/export-stream.ts';
import type { ViewQuery } from '../snapshot/query.ts';
import type { ReadQuery } from '../snapshot/read-query.ts';
import type { Rendering } from '../snapshot/renderer.ts';
import type { Dialect, RpcAnswer, RpcCaller } from '../snapshot/rpc/answer.ts';
import type { ReadOutcome } from '../snapshot/session-reads.ts';
import type { SnapshotHead } from '../snapshot/shapes.ts';
import type { Milliseconds } from '../units.ts';

export type { Dialect, RpcAnswer, RpcCaller, SnapshotHead };

/** The ready bytes of one view; immutable. */
export type RenderedView = Rendering;

export type Answer =
  /** `outdated`: an earlier rendering than the current snapshot; `head` is then the one it was published with, if known. */
  | { readonly kind: 'ready'; readonly view: RenderedView; readonly outdated: boolean; readonly head?: SnapshotHead }
  /** Nobody could render it in time. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'error'; readonly error: ClawgaugeError };

export interface UsageService {
  /** The head now; null before anything was published. A new object exactly when something in it changed. */
  head(): SnapshotHead | null;
  /** True once a complete snapshot was published, however old that is by now. */
  complete(): boolean;
  /** The view if its bytes are in memory for the current snapshot; never waits. */
  ready(viewKey: string): RenderedView | undefined;
  /** Asks for any view, bounded by the view deadline; coalesced by view key. */
  ask(query: ViewQuery): Promise<Answer>;
  /** Reads a session's transcripts, bounded by the view deadline; given up when the signal says that nobody waits. */
  read(query: ReadQuery, signal: AbortSignal): Promise<ReadOutcome>;
  /** Begins an export of what is known now, given out as it is read. */
  export(query: ExportQuery): Promise<OpenedExport>;
  /** One gateway call, answered as the dialect of the agent asked for does. Never rejects. */
  call(method: string, params: unknown, caller: RpcCaller): Promise<RpcAnswer>;
  /** What hello-ok tells: the dialect of this service as a whole. */
  dialect(): Dialect;
  /** JSON-serialisable; its shape is that of snapshot/status.ts. */
  status(): object;
  /** Bounded by the view deadline; parts that did not answer in time are null. */
  cache(): Promise<object>;
  /** In Prometheus' text format; never waits. */
  metrics(): string;
  /** Takes note that somebody reads in a zone, as `zoneOf` spells it: so that its first page is ready the next time. */
  noteZone(name: string): void;
  /** Asks for a refresh; coalesced. */
  refresh(): void;
  now(): Milliseconds;
}
