/** A service that keeps its views in a map: the seam at which the routes are tested without stores or workers. */
import { constants, deflateRawSync } from 'node:zlib';
import { buildApp } from '../../src/app.ts';
import type {
  Answer,
  Dialect,
  RenderedView,
  RpcAnswer,
  RpcCaller,
  SnapshotHead,
  UsageService,
} from '../../src/routes/service.ts';
import type { ExportQuery } from '../../src/snapshot/export/export-query.ts';
import type { OpenedExport } from '../../src/snapshot/export/export-stream.ts';
import type { ViewQuery } from '../../src/snapshot/query.ts';
import type { ReadQuery } from '../../src/snapshot/read-query.ts';
import type { ReadOutcome } from '../../src/snapshot/session-reads.ts';

export const NOON = Date.UTC(2026, 10, 22, 12);

export function headAt(verifiedAt: number, changes: Partial<SnapshotHead> = {}): SnapshotHead {
  return {
    id: 's1',
    builtAt: verifiedAt - 250,
    verifiedAt,
    staleAt: verifiedAt + 30_000,
    state: 'fresh',
    refreshing: false,
    coverage: { transcripts: 20, pending: 0, failed: 0, retained: 0, bytes: 123_456 },
    ...changes,
  };
}

/** A view of the given members, the first of them right after the head. */
export function rendered(members: Record<string, unknown>, etag = 'W/"figures-1"'): RenderedView {
  const rest = Buffer.from(JSON.stringify(members).slice(1));
  return { etag, rest, restDeflated: deflateRawSync(rest, { finishFlush: constants.Z_SYNC_FLUSH }) };
}

export class MemoryService implements UsageService {
  time = NOON;
  current: SnapshotHead | null = headAt(NOON);
  readonly views = new Map<string, RenderedView>();
  readonly asked: ViewQuery[] = [];
  refreshes = 0;
  /** What `ask` answers; by default a view that echoes the question. */
  reply: (query: ViewQuery) => Promise<Answer> = async (query) => ({
    kind: 'ready',
    view: rendered({ window: null, query }),
    outdated: false,
  });

  era: Dialect = '2026.5';
  /** What `call` answers; by default the call itself. */
  respond: (method: string, params: unknown, caller: RpcCaller) => Promise<RpcAnswer> = async (method, params) => ({
    ok: true,
    payload: [Buffer.from(JSON.stringify({ method, params }))],
  });

  readonly reads: { query: ReadQuery; signal: AbortSignal }[] = [];
  /** What `read` comes to; by default the question itself. */
  readReply: (query: ReadQuery) => Promise<ReadOutcome> = async (query) => ({
    kind: 'ready',
    view: rendered({ session: null, query }),
    partial: false,
  });

  readonly exported: ExportQuery[] = [];
  /** What `export` opens; by default nothing is known yet. */
  exportReply: (query: ExportQuery) => Promise<OpenedExport> = async () => ({ kind: 'pending' });

  export(query: ExportQuery): Promise<OpenedExport> {
    this.exported.push(query);
    return this.exportReply(query);
  }

  head(): SnapshotHead | null {
    return this.current;
  }

  call(method: string, params: unknown, caller: RpcCaller): Promise<RpcAnswer> {
    return this.respond(method, params, caller);
  }

  dialect(): Dialect {
    return this.era;
  }

  complete(): boolean {
    return this.current !== null;
  }

  ready(viewKey: string): RenderedView | undefined {
    return this.views.get(viewKey);
  }

  ask(query: ViewQuery): Promise<Answer> {
    this.asked.push(query);
    return this.reply(query);
  }

  read(query: ReadQuery, signal: AbortSignal): Promise<ReadOutcome> {
    this.reads.push({ query, signal });
    return this.readReply(query);
  }

  status(): Record<string, unknown> {
    return { state: this.current?.state ?? 'warming' };
  }

  async cache(): Promise<Record<string, unknown>> {
    return { lru: null };
  }

  readonly zones: string[] = [];

  noteZone(name: string): void {
    this.zones.push(name);
  }

  metrics(): string {
    return '# TYPE made_up gauge\nmade_up 1\n';
  }

  refresh(): void {
    this.refreshes += 1;
  }

  now(): number {
    return this.time;
  }
}

export const plainOptions = {
  basePath: '',
  timeZone: 'UTC',
  transcripts: false,
  refreshInterval: 10_000,
  budgets: [],
  version: '1.2.3',
  token: null,
  allowedHosts: [],
} as const;

export const quiet = { level: 'silent' } as const;

/** An application over a service that answers from memory. */
export function appOver(service: MemoryService, options: Partial<Parameters<typeof buildApp>[1]> = {}) {
  return buildApp(service, { ...plainOptions, ...options }, quiet);
}
