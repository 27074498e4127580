/** A transcript that is being written to: appends a conversation's next records to its file, a few at a time. */
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Bytes, KIB, type Milliseconds } from '../units.ts';
import type { Conversation } from './conversation.ts';
import type { Random } from './random.ts';
import type { Step } from './record.ts';

/** How often a session that is at rest gets a message when it is asked for its next records. */
const MESSAGE_CHANCE = 0.08;
const TAIL_LENGTH: Bytes = 64 * KIB;

export interface LiveTranscriptIdentity {
  readonly agent: string;
  readonly key: string;
  readonly sessionId: string;
  /** Absolute path. */
  readonly path: string;
}

export class LiveTranscript {
  readonly identity: LiveTranscriptIdentity;
  readonly conversation: Conversation;
  readonly #random: Random;
  /** What is left of the turn at hand; null at rest. */
  #turn: Generator<Step> | null;

  /** A new transcript begins with the conversation's opening, one that is continued with its next message. */
  constructor(identity: LiveTranscriptIdentity, conversation: Conversation, isNew: boolean, random: Random) {
    this.identity = identity;
    this.conversation = conversation;
    this.#random = random;
    this.#turn = isNew ? openedTurn(conversation) : null;
  }

  /** Appends up to three records, dated at the given moment; true when the turn ended with them. */
  advance(at: Milliseconds): boolean {
    if (this.#turn === null && this.#random.chance(MESSAGE_CHANCE)) this.#turn = this.conversation.turn();
    if (this.#turn === null) return false;
    let lines = '';
    for (let left = this.#random.integer(1, 3); left > 0; left--) {
      const { value: step, done } = this.#turn.next();
      if (done) {
        this.#turn = null;
        break;
      }
      lines += `${JSON.stringify(step.record(at))}\n`;
    }
    appendFileSync(this.identity.path, lines, { mode: 0o600 });
    return this.#turn === null;
  }
}

/**
 * Makes a transcript ready to be continued: a last line that lacks its newline gets one. Returns the id of the last
 * record, looked for in the last 64 KiB; null when it is not found there.
 */
export function takeUp(path: string): string | null {
  const file = openSync(path, 'a+');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.allocUnsafe(Math.min(size, TAIL_LENGTH));
    const tail = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, size - buffer.length));
    if (!tail.endsWith('\n')) appendFileSync(file, '\n');
    for (const line of tail.split('\n').reverse()) {
      const id = recordId(line);
      if (id !== null) return id;
    }
    return null;
  } finally {
    closeSync(file);
  }
}

function* openedTurn(conversation: Conversation): Generator<Step> {
  yield* conversation.opening();
  yield* conversation.turn();
}

function recordId(line: string): string | null {
  try {
    const { id } = JSON.parse(line) as { id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
