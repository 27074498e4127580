/**
 * Hides who a conversation is with: keys end in chat ids and phone numbers, labels hold names. What is hidden is replaced
 * by a short keyed hash, so that equal ones stay equal and a session can still be asked for by the key that is shown.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const REDACTION_KEY = 'redaction.key';
const KEY_BYTES = 32;
/** Segments of `agent:<id>:<channel>:<kind>:<peer>...` that say nothing about a person. */
const OPEN_SEGMENTS = 4;

export type Redaction = (key: string) => string;

/**
 * Redacts session keys and family names. The key of the hash is made once and kept in the data directory; where that
 * cannot be written, hidden keys are others after each start.
 */
export function redactionOf(directory: string): Redaction {
  const secret = secretIn(directory);
  return (key) => {
    const segments = key.split(':');
    // A key of another shape may hold anything.
    const open = segments[0] === 'agent' ? segments.slice(0, OPEN_SEGMENTS) : [];
    if (segments.length <= open.length) return key;
    const hidden = segments.slice(open.length).join(':');
    return [...open, createHmac('sha256', secret).update(hidden).digest('hex').slice(0, 12)].join(':');
  };
}

function secretIn(directory: string): Buffer {
  const path = join(directory, REDACTION_KEY);
  try {
    const secret = readFileSync(path);
    if (secret.length === KEY_BYTES) return secret;
  } catch {
    // None yet.
  }
  const secret = randomBytes(KEY_BYTES);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(path, secret, { mode: 0o600 });
  } catch {
    // Kept in memory only.
  }
  return secret;
}
