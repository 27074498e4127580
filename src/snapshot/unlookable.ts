/** Transcripts that could not be looked at: a problem each, until a look tells otherwise. */
import { storeSubject } from '../compute/agents.ts';
import type { Problem } from '../compute/transcript.ts';
import type { Folder } from './store-rows.ts';
import type { TranscriptRow } from './transcript-row.ts';

/** More of them in a directory than this are told as one problem of the store. */
const MAX_PROBLEMS = 100;
/** Those that are looked at again each time. */
const MAX_TRIED = 1_000;

export class Unlookable {
  /** Error codes by file name, by directory. */
  readonly #codes = new Map<Folder, Map<string, string>>();

  add(folder: Folder, fileName: string, code: string): void {
    const codes = this.#codes.get(folder);
    if (codes === undefined) this.#codes.set(folder, new Map([[fileName, code]]));
    else codes.set(fileName, code);
  }

  forget(folder: Folder, fileName: string): void {
    const codes = this.#codes.get(folder);
    codes?.delete(fileName);
    if (codes?.size === 0) this.#codes.delete(folder);
  }

  /** Whether any of a directory is one. */
  isIn(folder: Folder): boolean {
    return this.#codes.has(folder);
  }

  has({ agent, name }: Pick<TranscriptRow, 'agent' | 'name'>): boolean {
    return [...this.#codes].some(
      ([{ store, prefix }, codes]) =>
        store.agent === agent && name.startsWith(prefix) && codes.has(name.slice(prefix.length)),
    );
  }

  forgetAll(folder: Folder): void {
    this.#codes.delete(folder);
  }

  /** Those to be looked at again. */
  *toTry(): Generator<[folder: Folder, fileName: string], undefined> {
    let left = MAX_TRIED;
    for (const [folder, codes] of this.#codes) {
      for (const fileName of codes.keys()) if (left-- > 0) yield [folder, fileName];
    }
  }

  problems(): Problem[] {
    return [...this.#codes].flatMap(([folder, codes]): Problem[] => {
      const { agent } = folder.store;
      if (codes.size <= MAX_PROBLEMS) {
        return [...codes].map(([fileName, detail]) => {
          return { code: 'transcript_unreadable', agent, subject: folder.prefix + fileName, detail };
        });
      }
      const [first] = codes.values();
      const detail = `${codes.size} transcripts cannot be looked at: ${first}`;
      return [{ code: 'store_unreadable', agent, subject: storeSubject(folder.path), detail }];
    });
  }
}
