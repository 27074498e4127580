/** The answer of /v1/sessions/{key}: one family or instance, added up from its digests. */
import { increment } from '../compute/counts.ts';
import type { Digest } from '../compute/digest.ts';
import { VIEW_COLUMNS } from '../compute/figures.ts';
import { ClawgaugeError } from '../errors.ts';
import type { Milliseconds } from '../units.ts';
import type { TranscriptRow } from './catalog.ts';
import type { KeptState } from './kept-state.ts';
import { LatencySum } from './latency-sum.ts';
import { compareNames, compareText } from './names.ts';
import type { SessionQuery, SessionTarget } from './query.ts';
import { OUTSIDE, SeriesSum, UNDATED_BUCKET, userMessagesOf } from './series.ts';
import { addCell, modelFigures, type Span, spanOf } from './session-sum.ts';
import { sessionRow, sumSession } from './sessions-view.ts';
import type { SessionFigures, SessionRow } from './shapes.ts';
import { compareFigures, latencyOf, toolsOf, totalsOf } from './totals.ts';
import { resolveWindow, type Window } from './window.ts';

/** Throws `session_not_found`, `session_ambiguous` or `invalid_parameter`. A session without usage in the window has zeros. */
export function sessionView(state: KeptState, query: SessionQuery, now: Milliseconds): SessionFigures {
  const rows = findTranscripts(state, query.target);
  const window = resolveWindow(query, now, state.activity());
  const span = spanOf(window);
  const digests = rows.filter(({ isFolded }) => isFolded).map((row) => state.digestOf(row));
  const sum = new DigestSum(digests, window);
  return {
    window,
    session: rowOf(state, rows, span),
    instances: [...byInstance(rows).values()].map((group) => rowOf(state, group, span)),
    series: sum.series.rows(false),
    undated: window.range === 'all' ? totalsOf(sum.undated) : null,
    byModel: modelFigures(digests, span, null)
      .sort((a, b) => compareFigures(a.figures, b.figures) || compareNames(a, b))
      .map(({ provider, model, figures }) => ({ provider, model, totals: totalsOf(figures) })),
    tools: toolsOf(sum.tools),
    latency: latencyOf(sum.figures, sum.latencies),
    unreadable: {
      malformed: total(digests, 'malformed'),
      cut: total(digests, 'cut'),
      capped: total(digests, 'capped'),
    },
  };
}

/** The transcripts of a family or an instance, none of them without. Throws session_not_found or session_ambiguous. */
export function findTranscripts(state: KeptState, target: SessionTarget): TranscriptRow[] {
  if (target.groupBy === 'instance') {
    const { agent, sessionId } = target;
    const rows = [...state.catalog.instances.of(agent, sessionId)];
    if (rows.length === 0) throw new ClawgaugeError('session_not_found', `no session ${sessionId} of agent ${agent}`);
    return rows;
  }
  const { key, agent } = target;
  const named = state.catalog.families.named(key);
  const rows = named.filter((row) => agent === null || row.agent === agent);
  const agents = [...new Set(rows.map((row) => row.agent))].sort(compareText);
  if (agents.length === 0) throw new ClawgaugeError('session_not_found', `no session with the key ${key}`);
  if (agents.length > 1) {
    const detail = `the agents ${agents.join(', ')} have a session with the key ${key}; expected ?agent= to name one`;
    throw new ClawgaugeError('session_ambiguous', detail);
  }
  return rows;
}

function byInstance(rows: readonly TranscriptRow[]): Map<string, TranscriptRow[]> {
  const instances = new Map<string, TranscriptRow[]>();
  for (const row of rows) instances.set(row.sessionId, [...(instances.get(row.sessionId) ?? []), row]);
  return instances;
}

function rowOf(state: KeptState, rows: readonly TranscriptRow[], span: Span): SessionRow {
  return sessionRow(state, sumSession(state, rows, span, null), { span, filter: null });
}

/** Everything of the digests that lies in the window, by bucket where it is dated. */
class DigestSum {
  readonly figures = new Float64Array(VIEW_COLUMNS);
  readonly undated = new Float64Array(VIEW_COLUMNS);
  readonly tools = new Map<string, number>();
  readonly latencies = new LatencySum();
  readonly series: SeriesSum;

  constructor(digests: readonly Digest[], window: Window) {
    this.series = new SeriesSum(window);
    for (const digest of digests) {
      for (const [quarter, models] of digest.cells) {
        const index = this.series.indexOf(quarter);
        if (index === OUTSIDE) continue;
        for (const [model, { figures, tools, latencies }] of models) {
          addCell(this.figures, 0, figures, 0, false);
          const role = digest.models[model]?.role ?? 'assistant';
          if (index === UNDATED_BUCKET) addCell(this.undated, 0, figures, 0, false);
          else this.series.add(index, figures, 0, false, userMessagesOf(role, figures, 0));
          for (const [tool, calls] of tools) increment(this.tools, digest.tools[tool] as string, calls);
          for (const [latency, count] of latencies) this.latencies.add(latency, count);
        }
      }
    }
  }
}

function total(digests: readonly Digest[], count: 'malformed' | 'cut' | 'capped'): number {
  return digests.reduce((sum, digest) => sum + digest[count], 0);
}
