/** Stores of the JSONL style (format.md 1.2): sessions directories with one file per transcript and sessions.json. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { storeSubject } from './agents.ts';
import { CompressedReader } from './compressed-reader.ts';
import { isSettled, stampOf } from './file-stamp.ts';
import { errorCode, isMissing } from './small-file.ts';
import { readStoreIndex } from './store-index.ts';
import type { DirectoryListing, Problem } from './transcript.ts';
import { isCompressed, parseTranscriptName } from './transcript-name.ts';
import type { KnownDirectory, TranscriptReader, TranscriptSource } from './transcript-source.ts';

/** Something else may have taken the place of the regular file that was listed: no links, no waiting for pipes. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export const jsonlSource: TranscriptSource = {
  list(agent, known) {
    const problems: Problem[] = [];
    const store = agent.directories[0];
    const same = known?.directory === store ? known : null;
    const directories = agent.directories.map((directory) =>
      listDirectory(
        store,
        directory,
        same?.directories.find(({ path }) => path === directory),
        (detail) => {
          problems.push({ code: 'store_unreadable', agent: agent.id, subject: storeSubject(directory), detail });
        },
      ),
    );
    const index = readStoreIndex(agent.directories, same?.indexStamp, (directory, detail) => {
      const subject = path.join(storeSubject(directory), 'sessions.json');
      problems.push({ code: 'index_unreadable', agent: agent.id, subject, detail });
    });
    return { agent: agent.id, directory: store, era: '2026.5', directories, ...index, problems };
  },

  open(store, transcript) {
    const file = new FileReader(`${store.directory}${path.sep}${transcript.name}`);
    return isCompressed(transcript.name) ? new CompressedReader(file) : file;
  },
};

/** Lists one of a store's directories unless it is as it was. Whether a name is that of a regular file, a look tells. */
function listDirectory(
  store: string,
  directory: string,
  known: KnownDirectory | undefined,
  report: (detail: string) => void,
): DirectoryListing {
  const prefix = directory === store ? '' : path.relative(store, directory) + path.sep;
  const gone = { path: directory, prefix, identity: null, stamp: null, names: [] };
  try {
    const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return gone;
    const identity = `${stats.dev}:${stats.ino}`;
    const stamp = stampOf(stats);
    if (known !== undefined && (known.stamp === stamp || (known.leave && known.identity === identity))) {
      return { path: directory, prefix, identity, stamp: known.stamp, names: null };
    }
    const names = readdirSync(directory).filter((name) => parseTranscriptName(name) !== null);
    return { path: directory, prefix, identity, stamp: isSettled(stats) ? stamp : null, names };
  } catch (error) {
    if (isMissing(error)) return gone;
    report(errorCode(error));
    return { ...gone, names: null };
  }
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
