// A transcript that goes on: what is appended to it is what an agent's answer looks like.
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';

/** The main session of the first agent. */
export class LiveTranscript {
  #path;

  constructor(stateDirectory) {
    const sessions = join(stateDirectory, 'agents', 'main', 'sessions');
    const { sessionId } = JSON.parse(readFileSync(join(sessions, 'sessions.json'), 'utf8'))['agent:main:main'];
    this.#path = join(sessions, `${sessionId}.jsonl`);
    // In a linked copy of a store it is the file of the original, which must not be written to.
    copyFileSync(this.#path, `${this.#path}.tmp`);
    renameSync(`${this.#path}.tmp`, this.#path);
    if (!this.#endsInNewline()) appendFileSync(this.#path, '\n');
  }

  get size() {
    return this.#withFile((file) => fstatSync(file).size);
  }

  /** Appends one assistant message of the usual length; gives the bytes. */
  append() {
    const usage = { input: 1200, output: 300, cacheRead: 0, cacheWrite: 0, totalTokens: 1500, cost: { total: 0.01 } };
    const content = [{ type: 'text', text: 'An answer of the usual length. '.repeat(40) }];
    const message = { role: 'assistant', content, provider: 'anthropic', model: 'bench', usage, stopReason: 'stop' };
    const line = `${JSON.stringify({ type: 'message', id: 'bench', timestamp: new Date().toISOString(), message })}\n`;
    appendFileSync(this.#path, line);
    return line.length;
  }

  #endsInNewline() {
    return this.#withFile((file) => {
      const last = Buffer.alloc(1);
      return readSync(file, last, 0, 1, fstatSync(file).size - 1) === 1 && last[0] === 0x0a;
    });
  }

  #withFile(action) {
    const file = openSync(this.#path);
    try {
      return action(file);
    } finally {
      closeSync(file);
    }
  }
}
