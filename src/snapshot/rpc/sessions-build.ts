/** Builds the answer to `sessions.usage`: its rows, the latest first, and what all that match add up to. */
import { type Bytes, MIB } from '../../units.ts';
import type { KeptState } from '../kept-state.ts';
import type { Redaction } from '../redaction.ts';
import { askDetails } from './ask-details.ts';
import { type CallBuild, PAUSE } from './call-build.ts';
import { CallRefused } from './call-refused.ts';
import { AgentTranscripts, type CallRow } from './call-rows.ts';
import { earlierRows } from './call-rows-2026-5.ts';
import { laterRows } from './call-rows-2026-9.ts';
import { type Creator, creatorOf } from './creators.ts';
import { channelOf } from './entry-channel.ts';
import { keyedRow } from './keyed-row.ts';
import type { SessionsCall } from './rpc-query.ts';
import { SessionUsage } from './session-usage.ts';
import { rowText } from './shown-row.ts';
import { UsageAggregates } from './usage-aggregates.ts';
import { usageRules } from './usage-rules.ts';

/** Of all rows of an answer: it is held several times over on its way out. */
const MAX_ROWS: Bytes = 12 * MIB;

/** The members between `updatedAt` and `cacheStatus`. */
export function* sessionsBuild(state: KeptState, query: SessionsCall, redact: Redaction | null): CallBuild {
  const rows: CallRow[] = [];
  for (const agent of query.agents) {
    const own = new AgentTranscripts(agent, state.catalog.rows.stores.get(agent));
    if (query.key !== null) rows.push(...(yield* keyedRow(state, own, query, redact)));
    else for (const row of query.dialect === '2026.5' ? earlierRows(own, query) : laterRows(own, query)) rows.push(row);
    yield PAUSE;
  }
  rows.sort((a, b) => b.updatedAt - a.updatedAt);
  const { matches, creators } = byCreator(rows, query, redact);
  const listed = matches.slice(0, query.limit).map(({ row }) => row);
  const details = yield* askDetails(state, listed, query.contextWeight);
  const aggregates = new UsageAggregates(query.dialect);
  const rules = usageRules(query);
  const texts: Buffer[] = [];
  let bytes = 0;
  for (const [at, { row, creator }] of matches.entries()) {
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

/** The rows of whose creator it is asked, and the creators of all. */
function byCreator(rows: readonly CallRow[], { creatorKey }: SessionsCall, redact: Redaction | null) {
  const creators = new Map<string, Creator>();
  const matches = rows.flatMap((row) => {
    const creator = creatorOf(row, redact);
    creators.set(creator.key, creator);
    return creatorKey === null || creator.key === creatorKey ? [{ row, creator }] : [];
  });
  return { matches, creators: [...creators.values()] };
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
