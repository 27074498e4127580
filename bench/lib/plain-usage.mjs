// The tokens of a store by a plain reading with JSON.parse, by the rules of Clawgauge and by those of ccusage 20.0.24
// (found out by taking stores apart until its figures came out exactly; docs/performance.md lists them).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ARCHIVE = String.raw`(?:\.(?:reset|deleted)\.\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}(?:\.\d{3})?Z)?`;
const TRANSCRIPT = new RegExp(String.raw`^(?!.*\.trajectory\.jsonl).*\.jsonl${ARCHIVE}$`);
const CHECKPOINT = /\.checkpoint\.[0-9a-f-]+\.jsonl$/;

/**
 * The tokens that Clawgauge and ccusage must count, and what makes the difference: transcripts that only ccusage
 * counts, and usage that it overlooks, or adds up in another way.
 */
export function plainTokens(stateDirectory) {
  const tokens = { clawgauge: 0, ccusage: 0, checkpoints: 0, besideMessage: 0, otherSpelling: 0 };
  for (const { path, checkpoint } of transcriptsOf(stateDirectory)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) addLine(tokens, parsed(line.trim()), checkpoint);
  }
  return tokens;
}

function addLine(tokens, record, checkpoint) {
  const role = record?.message?.role;
  if (role !== 'user' && role !== 'assistant') return;
  const ours = checkpoint ? 0 : total(record.message.usage ?? record.usage);
  const theirs = role === 'assistant' ? exactTotal(record.message.usage) : 0;
  tokens.clawgauge += ours;
  tokens.ccusage += theirs;
  if (checkpoint) tokens.checkpoints += theirs;
  else if (record.message.usage) tokens.otherSpelling += ours - theirs;
  else tokens.besideMessage += ours - theirs;
}

/** ccusage adds up four members, each if it is a whole number from 0 on, and takes `totalTokens` where that is more. */
function exactTotal(usage) {
  const [total, ...amounts] = ['totalTokens', 'input', 'output', 'cacheRead', 'cacheWrite'].map((name) =>
    exact(usage?.[name]),
  );
  return Math.max(total, sum(amounts));
}

/** 64 bits hold it. A whole number written with a point or an exponent is none to ccusage; the generator writes no such. */
function exact(amount) {
  return Number.isInteger(amount) && amount >= 0 && amount < 2 ** 64 ? amount : 0;
}

/** Every spelling that OpenClaw knows; the total as given, if it is. */
function total(usage) {
  if (!usage) return 0;
  const details = usage.input_tokens_details?.cached_tokens ?? usage.prompt_tokens_details?.cached_tokens;
  const cached = usage.cached_tokens ?? details;
  const cacheRead = count(usage.cacheRead ?? usage.cache_read ?? usage.cache_read_input_tokens ?? cached);
  const input =
    first(usage, 'input inputTokens input_tokens promptTokens prompt_tokens prompt_n') ?? usage.timings?.prompt_n;
  const output =
    first(usage, 'output outputTokens output_tokens completionTokens completion_tokens predicted_n') ??
    usage.timings?.predicted_n;
  const cacheWrite = count(first(usage, 'cacheWrite cache_write cache_creation_input_tokens'));
  const given = first(usage, 'total totalTokens total_tokens');
  if (Number.isFinite(given)) return count(given);
  const uncached = cached === undefined || !Number.isFinite(input) ? input : input - cacheRead;
  return sum([count(uncached), count(output), cacheRead, cacheWrite]);
}

function first(usage, names) {
  return names
    .split(' ')
    .map((name) => usage[name])
    .find((value) => value !== undefined && value !== null);
}

function count(value) {
  return Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0;
}

function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0);
}

function* transcriptsOf(stateDirectory) {
  for (const agent of readdirSync(join(stateDirectory, 'agents'))) {
    const sessions = join(stateDirectory, 'agents', agent, 'sessions');
    if (!existsSync(sessions)) continue;
    for (const name of readdirSync(sessions)) {
      if (TRANSCRIPT.test(name)) yield { path: join(sessions, name), checkpoint: CHECKPOINT.test(name) };
    }
  }
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
