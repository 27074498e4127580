/**
 * Which sessions an agent has, when, and in which files: live ones with their archived predecessors and their topics,
 * archives of deleted ones, and orphans that the index has forgotten (format.md 1.2).
 */
import type { TranscriptClass } from '../compute/transcript.ts';
import type { Milliseconds } from '../units.ts';
import type { DemoAgent, LiveKind } from './agents.ts';
import type { Peer } from './envelope.ts';
import type { StoreOptions } from './options.ts';
import type { Random } from './random.ts';
import type { Rhythm } from './rhythm.ts';

export interface TranscriptPlan {
  readonly class: TranscriptClass;
  /** Without the `-topic-<n>` of a topic. */
  readonly sessionId: string;
  readonly fileName: string;
  readonly from: Milliseconds;
  /** Nothing in it is dated after this. */
  readonly to: Milliseconds;
}

export interface LiveSession {
  readonly kind: LiveKind;
  readonly key: string;
  readonly peer: Peer;
}

export interface SessionPlan {
  /** Null when the index has no entry for the session. */
  readonly live: LiveSession | null;
  /** The current transcript is the last. */
  readonly transcripts: readonly TranscriptPlan[];
}

const HOUR: Milliseconds = 3_600_000;
const DAY: Milliseconds = 24 * HOUR;
const CHANNELS = ['telegram', 'whatsapp', 'discord', 'slack', 'signal', 'webchat'];
const PEOPLE = ['Sam', 'Noor', 'Léa', 'Jürgen', '美咲', 'Ola', 'Zoë', 'Дмитрий', 'Maya', 'Tom'];

/** The sessions of one agent, with exactly `options.sessions` transcripts among them; its main session comes first. */
export function* planSessions(
  agent: DemoAgent,
  options: StoreOptions,
  rhythm: Rhythm,
  random: Random,
): Generator<SessionPlan> {
  const start = options.now - options.days * DAY;
  const lastMainUse = options.now - random.integer(5000, 120_000);
  const mainSpan = spanUntil(lastMainUse, start, random.logNormal(20 * DAY, 0.5));
  let plan = livePlan('main', agent, mainSpan, start, options.sessions, random);
  yield plan;
  for (let left = options.sessions - plan.transcripts.length; left > 0; left -= plan.transcripts.length) {
    const span = spanUntil(lastUse(options.now, rhythm, random), start, usualLength(random));
    const draw = random.next();
    if (draw < 0.05) plan = { live: null, transcripts: [transcript('primary', random.uuid(), span)] };
    else if (draw < 0.08) plan = { live: null, transcripts: [deletedTranscript(span, options.now, random)] };
    else plan = livePlan(random.pick(agent.kinds), agent, span, start, left, random);
    yield plan;
  }
}

/** A live session of an agent as it is first met. */
export function liveSession(agentId: string, kind: LiveKind, random: Random): LiveSession {
  const person = random.pick(PEOPLE);
  const channel = random.pick(CHANNELS);
  const peer = { channel: kind === 'direct' || kind === 'group' ? channel : null, person };
  const key = {
    main: () => 'main',
    direct: () => `${channel}:direct:${random.integer(1_000_000, 9_999_999_999)}`,
    group: () => `${channel}:group:-100${random.integer(100_000_000, 999_999_999)}`,
    cron: () => `cron:${random.uuid()}`,
    subagent: () => `subagent:${random.uuid()}`,
  }[kind]();
  return { kind, key: `agent:${agentId}:${key}`, peer };
}

/** A moment as OpenClaw puts it into the name of an archive. */
export function archiveTime(at: Milliseconds): string {
  return new Date(at).toISOString().replaceAll(':', '-');
}

interface Span {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
}

/** A live session in at most `room` transcripts; the current one has precedence. */
function livePlan(
  kind: LiveKind,
  agent: DemoAgent,
  span: Span,
  start: Milliseconds,
  room: number,
  random: Random,
): SessionPlan {
  const live = liveSession(agent.id, kind, random);
  const sessionId = random.uuid();
  const topic = () => transcript('topic', sessionId, span, `${sessionId}-topic-${random.integer(1, 999)}.jsonl`);
  // Some sessions exist in a thread only: their topic's file is the current transcript.
  const current = kind === 'group' && random.chance(0.08) ? topic() : transcript('primary', sessionId, span);
  const topics = kind === 'group' && random.chance(0.12) ? [topic()] : [];
  const predecessors = kind === 'main' || random.chance(0.04) ? resetTranscripts(span, start, random) : [];
  const others = [...predecessors, ...topics].slice(0, room - 1);
  return { live, transcripts: [...others, current] };
}

/** One to three transcripts that a session had before, each archived when the next one began. */
function resetTranscripts(successor: Span, start: Milliseconds, random: Random): TranscriptPlan[] {
  const transcripts: TranscriptPlan[] = [];
  let next = successor.from;
  for (let count = random.integer(1, 3); count > 0 && next - start > DAY; count--) {
    const span = spanUntil(next - random.integer(60_000, 12 * HOUR), start, usualLength(random));
    const sessionId = random.uuid();
    transcripts.unshift(transcript('reset', sessionId, span, `${sessionId}.jsonl.reset.${archiveTime(next)}`));
    next = span.from;
  }
  return transcripts;
}

function deletedTranscript(span: Span, now: Milliseconds, random: Random): TranscriptPlan {
  const sessionId = random.uuid();
  const deletedAt = Math.min(now, span.to + random.integer(1000, DAY));
  return transcript('deleted', sessionId, span, `${sessionId}.jsonl.deleted.${archiveTime(deletedAt)}`);
}

function transcript(
  fileClass: TranscriptClass,
  sessionId: string,
  span: Span,
  fileName = `${sessionId}.jsonl`,
): TranscriptPlan {
  return { class: fileClass, sessionId, fileName, ...span };
}

/** Any time at which the agent was busy; for one session in twenty within the last hours. */
function lastUse(now: Milliseconds, rhythm: Rhythm, random: Random): Milliseconds {
  return random.chance(0.05) ? now - random.integer(120_000, 8 * HOUR) : rhythm.momentAt(random.next());
}

/** Most sessions last hours, some days. */
function usualLength(random: Random): Milliseconds {
  return random.logNormal(random.chance(0.7) ? 3 * HOUR : 4 * DAY, 1.2);
}

/** None starts before the store does. */
function spanUntil(end: Milliseconds, start: Milliseconds, length: Milliseconds): Span {
  const to = Math.max(end, start + HOUR);
  return { from: Math.max(start, Math.floor(to - length)), to };
}
