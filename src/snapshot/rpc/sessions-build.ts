/** Builds the answer to `sessions.usage`: its rows, the latest first, and what all that match add up to. */
import { type Bytes, MIB } from '../../units.ts';
import type { KeptState } from '../kept-state.ts';
import type { Redaction } from '../redaction.ts';
import { askDetails } from './ask-details.ts';
import { type CallBuild, PAUSE } from './call-build.ts';
import { CallRefused } from './call-refused.ts';
import { AgentTranscripts } from './call-rows.ts';
import { earlierRows } from './call-rows-2026-5.ts';
import { keyedRow } from './keyed-row.ts';
import type { SessionsCall } from './rpc-query.ts';
import { SessionUsage } from './session-usage.ts';
import { channelOf, rowText } from './shown-row.ts';
import { UsageAggregates } from './usage-aggregates.ts';
import { usageRules } from './usage-rules.ts';

/** Of all rows of an answer: it is held several times over on its way out. */
const MAX_ROWS: Bytes = 12 * MIB;
const NOBODY = { key: '["unknown"]' };

/** The members between `updatedAt` and `cacheStatus`. */
export function* sessionsBuild(state: KeptState, query: SessionsCall, redact: Redaction | null): CallBuild {
  const transcripts = query.agents.map((agent) => new AgentTranscripts(agent, state.catalog.rows.stores.get(agent)));
  const rows =
    query.key === null
      ? transcripts.flatMap((own) => earlierRows(own, query))
      : yield* keyedRow(state, transcripts, query, redact);
  rows.sort((a, b) => b.updatedAt - a.updatedAt);
  const details = yield* askDetails(state, rows.slice(0, query.limit), query.contextWeight);
  const aggregates = new UsageAggregates(query.dialect);
  const rules = usageRules(query);
  const texts: Buffer[] = [];
  let bytes = 0;
  for (const [at, row] of rows.entries()) {
    const folded = row.transcripts.filter((transcript) => transcript.folded !== null);
    const usage = folded.length === 0 ? null : new SessionUsage(rules);
    for (const transcript of folded) usage?.add(state.digestOf(transcript));
    if (usage !== null) aggregates.add(usage, { agent: row.agent, channel: channelOf(row), creator: NOBODY });
    if (at < query.limit) {
      const text = rowText(row, usage, details.of(row), { ...query, redact });
      bytes += text.length + 1;
      if (bytes > MAX_ROWS) throw tooLarge(at);
      texts.push(text);
    }
    yield PAUSE;
  }
  return joined(query, texts, aggregates);
}

function joined({ window }: SessionsCall, rows: readonly Buffer[], aggregates: UsageAggregates): Buffer {
  const { startDate, endDate } = window;
  const before = `${JSON.stringify({ startDate, endDate }).slice(1, -1)},"sessions":[`;
  const after = JSON.stringify({ totals: aggregates.totals(), aggregates: aggregates.shown() }).slice(1, -1);
  const comma = Buffer.from(',');
  const separated = rows.flatMap((row, at) => (at === 0 ? [row] : [comma, row]));
  return Buffer.concat([Buffer.from(before), ...separated, Buffer.from(`],${after}`)]);
}

function tooLarge(rows: number): CallRefused {
  return new CallRefused(
    `sessions.usage: the answer is limited to ${MAX_ROWS / MIB} MiB, which ${rows} rows fill; expected a lower limit`,
  );
}
