/** Stores of the JSONL style (format.md 1.2): sessions directories with one file per transcript and sessions.json. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { stampOf } from './file-stamp.ts';
import { errorCode, isMissing } from './small-file.ts';
import { readStoreIndex } from './store-index.ts';
import type { Problem, TranscriptFile } from './transcript.ts';
import { parseTranscriptName } from './transcript-name.ts';
import type { TranscriptReader, TranscriptSource } from './transcript-source.ts';

/** More transcripts of a directory that cannot be looked at than this are told as one problem of the store. */
const MAX_TRANSCRIPT_PROBLEMS = 100;
/** Something else may have taken the place of the regular file that was listed: no links, no waiting for pipes. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export const jsonlSource: TranscriptSource = {
  list(agent, known) {
    const problems: Problem[] = [];
    const store = agent.directories[0];
    const transcripts = agent.directories.flatMap((directory) => listTranscripts(agent.id, store, directory, problems));
    const index = readStoreIndex(agent.directories, known?.indexStamp, (directory, detail) => {
      const subject = path.join(subjectOf(directory), 'sessions.json');
      problems.push({ code: 'index_unreadable', agent: agent.id, subject, detail });
    });
    return { agent: agent.id, directory: store, transcripts, ...index, problems };
  },

  open(store, transcript) {
    return new FileReader(path.join(store.directory, transcript.name));
  },
};

/** The counted regular files of one of a store's directories, named relative to the store's first. */
function listTranscripts(agent: string, store: string, directory: string, problems: Problem[]): TranscriptFile[] {
  const prefix = directory === store ? '' : path.relative(store, directory) + path.sep;
  const transcripts: TranscriptFile[] = [];
  const unreadable: Problem[] = [];
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const parsed = entry.isFile() ? parseTranscriptName(entry.name) : null;
      if (parsed === null) continue;
      const name = prefix + entry.name;
      try {
        const stats = statSync(path.join(directory, entry.name), { bigint: true, throwIfNoEntry: false });
        if (!stats?.isFile()) continue;
        const { sessionId, class: kind } = parsed;
        const [size, mtimeMs] = [Number(stats.size), Number(stats.mtimeMs)];
        transcripts.push({ name, sessionId, class: kind, size, mtimeMs, stamp: stampOf(stats) });
      } catch (error) {
        unreadable.push({ code: 'transcript_unreadable', agent, subject: name, detail: errorCode(error) });
      }
    }
  } catch (error) {
    if (isMissing(error)) return [];
    problems.push({ code: 'store_unreadable', agent, subject: subjectOf(directory), detail: errorCode(error) });
    return [];
  }
  if (unreadable.length > MAX_TRANSCRIPT_PROBLEMS) {
    const detail = `${unreadable.length} transcripts cannot be looked at: ${unreadable[0]?.detail}`;
    problems.push({ code: 'store_unreadable', agent, subject: subjectOf(directory), detail });
  } else {
    problems.push(...unreadable);
  }
  return transcripts;
}

/** A sessions directory as it is called inside the state directory: `agents/<name>/sessions`. */
function subjectOf(directory: string): string {
  return directory.split(path.sep).slice(-3).join('/');
}

class FileReader implements TranscriptReader {
  readonly #descriptor: number;

  constructor(file: string) {
    this.#descriptor = openSync(file, OPEN_FLAGS);
  }

  state(): { size: number; stamp: string } {
    const stats = fstatSync(this.#descriptor, { bigint: true });
    return { size: Number(stats.size), stamp: stampOf(stats) };
  }

  read(buf: Buffer, start: number, end: number, position: number): number {
    let filled = start;
    while (filled < end) {
      const read = readSync(this.#descriptor, buf, filled, end - filled, position + filled - start);
      if (read === 0) break;
      filled += read;
    }
    return filled - start;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
