/** Reads a whole 5.22 state directory at once: every counted transcript with its session's dimensions (format.md 1.2). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import JSON5 from 'json5';
import { finite, member } from './json.ts';
import { type OraclePrices, oraclePrices } from './prices.ts';
import { type OracleRecord, readTranscript } from './records.ts';

/** One transcript. Several may share agent and session id: together they are one instance. */
export interface OracleSession {
  agent: string;
  sessionId: string;
  key: string | null;
  label: string | null;
  channel: string;
  kind: string;
  family: string;
  class: 'primary' | 'topic' | 'archive';
  updatedAt: number;
  records: OracleRecord[];
  /** Its file no longer exists. */
  retained?: boolean;
}

/** A transcript of a state directory, with the file it came from. */
export interface StoredSession extends OracleSession {
  fileName: string;
  mtimeMs: number;
}

export function readStateDir(directory: string): StoredSession[] {
  const prices = oraclePrices(
    readJson(join(directory, 'openclaw.json')),
    readJson(join(directory, 'agents', 'main', 'agent', 'models.json')),
  );
  const agents = readdirSync(join(directory, 'agents')).sort();
  return agents.flatMap((agent) => readAgent(join(directory, 'agents', agent, 'sessions'), agent, prices));
}

/** The session id in the name of a counted transcript; null for any other file. */
export function countedSessionId(fileName: string): string | null {
  const archive = /^(.+)\.jsonl\.(?:reset|deleted)\.\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}(?:\.\d{3})?Z$/.exec(fileName);
  if (archive !== null) return archive[1] as string;
  if (!fileName.endsWith('.jsonl') || fileName.endsWith('.trajectory.jsonl')) return null;
  const checkpoint = /.\.checkpoint\.[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.jsonl$/i;
  return checkpoint.test(fileName) ? null : fileName.slice(0, -'.jsonl'.length);
}

type Dimensions = Pick<OracleSession, 'key' | 'label' | 'channel' | 'kind' | 'family'>;

export function classOf(fileName: string): OracleSession['class'] {
  if (!fileName.endsWith('.jsonl')) return 'archive';
  return /-topic-\d+\.jsonl$/.test(fileName) ? 'topic' : 'primary';
}

/** What a session index (parsed `sessions.json`) says about a session id, and when it says it was updated. */
export function dimensionsOf(
  agent: string,
  sessionId: string,
  index: object,
): Dimensions & { updatedAt: number | null } {
  const own = ownEntry(sessionId, index);
  if (own !== null) return { ...describe(own), updatedAt: updatedAtOf(own.entry) };
  const family = familyEntry(sessionId, index);
  if (family !== null) return { ...describe(family), updatedAt: null };
  const parent = /^(.+)-topic-\d+$/.exec(sessionId)?.[1];
  const parentEntry = parent === undefined ? null : (ownEntry(parent, index) ?? familyEntry(parent, index));
  if (parentEntry !== null) return { ...describe(parentEntry), kind: 'topic', updatedAt: null };
  const orphan = { key: null, label: null, channel: 'none', kind: 'orphan', family: `agent:${agent}:${sessionId}` };
  return { ...orphan, updatedAt: null };
}

function readAgent(directory: string, agent: string, prices: OraclePrices): StoredSession[] {
  if (!existsSync(directory)) return [];
  const index = readJson(join(directory, 'sessions.json'));
  const files = readdirSync(directory, { withFileTypes: true }).filter((file) => file.isFile());
  return files.flatMap(({ name }) => {
    const sessionId = countedSessionId(name);
    if (sessionId === null) return [];
    const path = join(directory, name);
    const { mtimeMs } = statSync(path);
    const { updatedAt, ...dimensions } = dimensionsOf(agent, sessionId, index);
    const { records } = readTranscript(readFileSync(path), prices);
    const session = { agent, sessionId, ...dimensions, class: classOf(name), updatedAt: updatedAt ?? mtimeMs, records };
    return [{ ...session, fileName: name, mtimeMs }];
  });
}

/** An empty object where there is no such file. */
function readJson(path: string): object {
  if (!existsSync(path)) return {};
  const parsed: unknown = JSON5.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}

interface Entry {
  key: string;
  entry: unknown;
}

/** The entry that names the session id; of several the one updated last, then the first key. */
function ownEntry(sessionId: string, index: object): Entry | null {
  const entries = entriesOf(index).filter(({ entry }) => member(entry, 'sessionId') === sessionId);
  return latest(entries);
}

function familyEntry(sessionId: string, index: object): Entry | null {
  const entries = entriesOf(index).filter(({ entry }) => {
    const ids = member(entry, 'usageFamilySessionIds');
    return Array.isArray(ids) && ids.includes(sessionId);
  });
  return latest(entries);
}

function entriesOf(index: object): Entry[] {
  return Object.entries(index).map(([key, entry]) => ({ key, entry }));
}

function latest(entries: Entry[]): Entry | null {
  const sorted = entries.sort(
    (a, b) => (updatedAtOf(b.entry) ?? 0) - (updatedAtOf(a.entry) ?? 0) || (a.key < b.key ? -1 : 1),
  );
  return sorted[0] ?? null;
}

function updatedAtOf(entry: unknown): number | null {
  return finite(member(entry, 'updatedAt')) ?? null;
}

function describe({ key, entry }: Entry): Dimensions {
  const familyKey = member(entry, 'usageFamilyKey');
  const label = member(entry, 'label');
  return {
    key,
    label: typeof label === 'string' ? label : null,
    channel: channelOf(key, entry),
    kind: kindOf(key),
    family: typeof familyKey === 'string' ? familyKey : key,
  };
}

function channelOf(key: string, entry: unknown): string {
  const segments = key.split(':');
  const isPeer = segments[0] === 'agent' && segments.length > 4 && ['direct', 'group'].includes(segments[3] as string);
  const candidates = [
    member(entry, 'channel'),
    member(member(entry, 'origin'), 'provider'),
    isPeer ? segments[2] : undefined,
  ];
  const names = candidates.map((name) => (typeof name === 'string' ? name.trim().toLowerCase() : ''));
  return names.find((name) => name !== '') ?? 'none';
}

function kindOf(key: string): string {
  if (key === 'global') return 'global';
  const [root, , ...rest] = key.split(':');
  if (root !== 'agent') return 'other';
  if (rest.length === 1 && rest[0] === 'main') return 'main';
  if (rest.length > 1 && (rest[0] === 'cron' || rest[0] === 'subagent')) return rest[0];
  return rest.slice(0, -1).find((segment) => segment === 'direct' || segment === 'group') ?? 'other';
}
