/**
 * The answers to gateway calls over a restart: those that were at hand at the end, and what calls were understood with.
 * They are read when somebody calls before anything is known anew, and sent as what they are, the figures of before.
 */

import { pack, unpack } from '../../compute/envelope.ts';
import type { ServiceOptions } from '../../config.ts';
import { type Bytes, MIB } from '../../units.ts';
import type { AskedViews } from '../asked-views.ts';
import { CheckedFile } from '../checked-file.ts';
import type { SnapshotHead } from '../shapes.ts';
import { nameOfStores, type SavedStores } from '../snapshot-file.ts';
import type { CallContext } from './context.ts';
import { isRpcKey } from './rpc-query.ts';

const FILE = 'calls.bin';
/** Raised whenever the header, the keys or the members of an answer change. */
const FORMAT = 1;
const MOST: Bytes = 4 * MIB;

interface Header {
  readonly format: number;
  /** Of which store, and whether its keys are hidden. */
  readonly shown: string;
  readonly context: CallContext;
  /** The answers used last come last. */
  readonly answers: readonly { readonly key: string; readonly head: SnapshotHead }[];
}

export class SavedCalls {
  readonly #file: CheckedFile;
  readonly #shown: string;
  readonly #asked: AskedViews;
  /** Undefined before the file was read. */
  #context: CallContext | null | undefined;

  constructor(options: SavedStores & Pick<ServiceOptions, 'cacheDir'>, asked: AskedViews) {
    this.#file = new CheckedFile(options.cacheDir, FILE);
    this.#shown = nameOfStores(options);
    this.#asked = asked;
  }

  /** What calls were understood with at the end of the last run; null where that is not known. Its answers are at hand then. */
  get context(): CallContext | null {
    if (this.#context === undefined) this.#context = this.#restore();
    return this.#context;
  }

  /** Saves the answers at hand, as far as they fit. Never rejects: they only save time. */
  async save(context: CallContext): Promise<void> {
    const answers: { readonly key: string; readonly head: SnapshotHead; readonly rest: Uint8Array }[] = [];
    let bytes = 0;
    for (const { key, head, rendering } of this.#asked.latest()) {
      if (!isRpcKey(key) || bytes + rendering.rest.byteLength > MOST) continue;
      bytes += rendering.rest.byteLength;
      answers.unshift({ key, head, rest: rendering.rest });
    }
    const header: Header = {
      format: FORMAT,
      shown: this.#shown,
      context,
      answers: answers.map(({ key, head }) => ({ key, head })),
    };
    const packed = pack(
      header,
      answers.map(({ rest }) => rest),
    );
    await this.#file.write(packed).catch(() => {});
  }

  #restore(): CallContext | null {
    try {
      const packed = this.#file.read();
      if (packed === null) return null;
      const { header, parts } = unpack<Header>(packed);
      if (header.format !== FORMAT || header.shown !== this.#shown) return null;
      for (const [at, { key, head }] of header.answers.entries()) {
        this.#asked.remember(key, head, { etag: '', rest: parts[at] as Uint8Array, restDeflated: NOTHING });
      }
      return header.context;
    } catch {
      return null;
    }
  }
}

const NOTHING = new Uint8Array(0);
