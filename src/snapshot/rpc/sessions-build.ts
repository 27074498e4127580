/** Builds the answer to `sessions.usage`: its rows, the latest first, and what all that match add up to. */
import { type Bytes, MIB, type Milliseconds } from '../../units.ts';
import type { TranscriptRow } from '../catalog.ts';
import type { KeptState } from '../kept-state.ts';
import type { Redaction } from '../redaction.ts';
import { askDetails } from './ask-details.ts';
import { type BuildSteps, type CallBuild, PAUSE } from './call-build.ts';
import { CallRefused } from './call-refused.ts';
import { AgentTranscripts, type CallRow, type MakeRow, type TakeRow } from './call-rows.ts';
import { earlierRows } from './call-rows-2026-5.ts';
import { laterRows } from './call-rows-2026-9.ts';
import { type Creator, creatorOf } from './creators.ts';
import { channelOf } from './entry-channel.ts';
import { keyedRow } from './keyed-row.ts';
import { latestFirst } from './latest-first.ts';
import { entryOf } from './model-sum.ts';
import type { SessionsCall } from './rpc-query.ts';
import { SessionUsage } from './session-usage.ts';
import { rowText } from './shown-row.ts';
import { UsageAggregates } from './usage-aggregates.ts';
import { usageRules } from './usage-rules.ts';

/** Of all rows of an answer: it is held several times over on its way out. */
const MAX_ROWS: Bytes = 12 * MIB;

/** The members between `updatedAt` and `cacheStatus`. */
export function* sessionsBuild(state: KeptState, query: SessionsCall, redact: Redaction | null): CallBuild {
  const { matches, creators } = yield* matching(state, query, redact);
  const details = yield* askDetails(state, rowsOf(matches.slice(0, query.limit)), query.contextWeight);
  const aggregates = new UsageAggregates(query.dialect);
  const rules = usageRules(query);
  const texts: Buffer[] = [];
  let bytes = 0;
  for (const [at, { found, again, creator }] of matches.entries()) {
    const row = again(found);
    const folded = row.transcripts.filter((transcript) => transcript.folded !== null);
    const usage = folded.length === 0 ? null : new SessionUsage(rules);
    for (const transcript of folded) usage?.add(state.digestOf(transcript));
    if (usage !== null) aggregates.add(usage, { agent: row.agent, channel: channelOf(row) ?? null, creator });
    if (at < query.limit) {
      const text = rowText(row, creator, usage, details.of(row), { ...query, redact });
      bytes += text.length + 1;
      if (bytes > MAX_ROWS) throw tooLarge(at);
      texts.push(text);
    }
    yield PAUSE;
  }
  return joined(query, texts, aggregates, creators);
}

/** A row that is asked for, and who made its session. */
interface Match {
  readonly creator: Creator;
  readonly found: TranscriptRow;
  readonly again: MakeRow;
}

/** The rows of whose creator it is asked, the latest first, and the creators of all in their order. */
function* matching(
  state: KeptState,
  query: SessionsCall,
  redact: Redaction | null,
): BuildSteps<{ readonly matches: readonly Match[]; readonly creators: readonly Creator[] }> {
  const all: Match[] = [];
  const times: Milliseconds[] = [];
  const known = new Map<string, Creator>();
  const take: TakeRow = (row, found, again) => {
    const creator = creatorOf(row, redact);
    all.push({ creator: entryOf(known, JSON.stringify(creator), () => creator), found, again });
    times.push(row.updatedAt);
  };
  for (const agent of query.agents) {
    const own = new AgentTranscripts(agent, state.catalog);
    if (query.key !== null) {
      const row = yield* keyedRow(state, own, query, query.key, redact);
      if (row !== null) take(row, row.lead, () => row);
    } else yield* (query.dialect === '2026.5' ? earlierRows : laterRows)(own, query, take);
  }
  const sorted = Array.from(yield* latestFirst(times), (at) => all[at] as Match);
  const matches = sorted.filter(({ creator }) => query.creatorKey === null || creator.key === query.creatorKey);
  const creators = new Map(sorted.map(({ creator }) => [creator.key, creator]));
  return { matches, creators: [...creators.values()] };
}

function* rowsOf(matches: readonly Match[]): Generator<CallRow, undefined> {
  for (const { found, again } of matches) yield again(found);
}

function joined(
  { window, dialect }: SessionsCall,
  rows: readonly Buffer[],
  aggregates: UsageAggregates,
  creators: readonly Creator[],
): Buffer {
  const { startDate, endDate } = window;
  const before = `${JSON.stringify({ startDate, endDate }).slice(1, -1)},"sessions":[`;
  const after = JSON.stringify({
    totals: aggregates.totals(),
    aggregates: aggregates.shown(),
    creatorOptions: dialect === '2026.9' ? creators : undefined,
  }).slice(1, -1);
  const comma = Buffer.from(',');
  const separated = rows.flatMap((row, at) => (at === 0 ? [row] : [comma, row]));
  return Buffer.concat([Buffer.from(before), ...separated, Buffer.from(`],${after}`)]);
}

function tooLarge(rows: number): CallRefused {
  return new CallRefused(
    `sessions.usage: the answer is limited to ${MAX_ROWS / MIB} MiB, which ${rows} rows fill; expected a lower limit`,
  );
}
