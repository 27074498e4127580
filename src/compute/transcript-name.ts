/**
 * Which files of a sessions directory are counted transcripts, and of which session: decided by the name alone, exactly
 * as the gateways decide it. Only that of 2026.9 writes, and counts, archives that are compressed or name a generation.
 */
import type { TranscriptClass } from './transcript.ts';

const ARCHIVE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}(?:\.\d{3})?Z(?:\.[0-9a-f]{32})?(?:\.zst)?$/;
const CHECKPOINT = /^.+\.checkpoint\.[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.jsonl$/i;
const TOPIC = /^(.+?)-topic-(.+)$/s;
const ARCHIVES = ['reset', 'deleted'] as const;

/**
 * The class and session id of a counted transcript; null for every other file.
 * Two odd names are counted by the gateway although it finds no session id in them, `.jsonl` and archives
 * without `.jsonl` before their suffix: they are a session of their own, called by the whole file name.
 */
export function parseTranscriptName(name: string): { class: TranscriptClass; sessionId: string } | null {
  if (name.endsWith('.jsonl')) {
    if (name.endsWith('.trajectory.jsonl') || CHECKPOINT.test(name)) return null;
    const sessionId = name.slice(0, -'.jsonl'.length);
    return { class: topicParent(sessionId) === null ? 'primary' : 'topic', sessionId: sessionId || name };
  }
  for (const archive of ARCHIVES) {
    const suffix = `.${archive}.`;
    const at = name.lastIndexOf(suffix);
    if (at < 0 || !ARCHIVE_TIME.test(name.slice(at + suffix.length))) continue;
    const base = name.slice(0, at);
    const named = base.endsWith('.jsonl') && base !== '.jsonl';
    return { class: archive, sessionId: named ? base.slice(0, -'.jsonl'.length) : name };
  }
  return null;
}

/** The session id that a topic's session id `<id>-topic-<n>` hangs from; null when it is no topic's. */
export function topicParent(sessionId: string): string | null {
  return TOPIC.exec(sessionId)?.[1] ?? null;
}

/** Whether the content of a counted transcript is compressed with zstd. */
export function isCompressed(name: string): boolean {
  return name.endsWith('.zst');
}
