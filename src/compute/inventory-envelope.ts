/** Inventories, and looks at transcripts, as envelopes: small headers, with all names and what was found behind them as bytes. */
import { mappedBytes } from '../mapped-bytes.ts';
import { pack, packInto, unpack } from './envelope.ts';
import { type Inventory, type InventoryRequest, takeInventory } from './inventory.ts';
import { type Looked, type LookOrder, lookAt, readLooked } from './look.ts';
import { packNames, unpackNames } from './packed-names.ts';
import { SessionEntries } from './session-entries.ts';

/** What a scan thread is to do: look at transcripts, after inventories where they are asked for. */
export interface InventoryTask {
  /** One a state directory; none without an inventory. */
  readonly requests: readonly InventoryRequest[];
  readonly looks: readonly LookOrder[];
}

/** What came of it: one answer a request and one a look, in their order. */
export interface InventoryAnswer {
  readonly inventories: readonly Inventory[];
  readonly looked: readonly Looked[];
}

interface TaskHeader {
  readonly requests: readonly InventoryRequest[];
  readonly directories: readonly string[];
}

interface AnswerHeader {
  /** Their lists of names are empty: they follow the looks as parts, and after them the session entries. */
  readonly inventories: readonly PackedInventory[];
  readonly looks: number;
}

interface PackedInventory extends Omit<Inventory, 'stores'> {
  readonly stores: readonly (Omit<Inventory['stores'][number], 'sessions'> & { readonly sessions: boolean })[];
}

export function packTask({ requests, looks }: InventoryTask): Uint8Array<ArrayBuffer> {
  const header: TaskHeader = { requests, directories: looks.map(({ directory }) => directory) };
  return pack(
    header,
    looks.map(({ list }) => list),
  );
}

/** Does what a packed task asks for; gives the packed answer. */
export function performTask(task: Uint8Array): Uint8Array {
  const { header, parts } = unpack<TaskHeader>(task);
  const inventories = header.requests.map(takeInventory);
  const looked = header.directories.map((directory, at) => lookAt({ directory, list: parts[at] as Uint8Array }));
  const names: Uint8Array[] = [];
  const sessions: Uint8Array[] = [];
  const bare = inventories.map((inventory) => ({
    ...inventory,
    stores: inventory.stores.map((store) => {
      const directories = store.directories.map((directory) => {
        if (directory.names === null) return directory;
        names.push(packNames(directory.names));
        return { ...directory, names: [] };
      });
      if (store.sessions !== null) sessions.push(store.sessions.bytes);
      return { ...store, directories, sessions: store.sessions !== null };
    }),
  }));
  const answer: AnswerHeader = { inventories: bare, looks: looked.length };
  return packInto(answer, [...looked, ...names, ...sessions], mappedBytes);
}

export function unpackAnswer(answer: Uint8Array): InventoryAnswer {
  const { header, parts } = unpack<AnswerHeader>(answer);
  const { inventories, looks } = header;
  let at = looks;
  const next = () => parts[at++] as Uint8Array;
  const named = inventories.map((inventory) =>
    inventory.stores.map((store) => ({
      ...store,
      directories: store.directories.map((directory) =>
        directory.names === null ? directory : { ...directory, names: unpackNames(next()) },
      ),
    })),
  );
  return {
    inventories: inventories.map((inventory, place) => ({
      ...inventory,
      // Copies: they are kept, and the answer need not be.
      stores: (named[place] ?? []).map((store) => ({
        ...store,
        sessions: store.sessions ? new SessionEntries(copyOf(next())) : null,
      })),
    })),
    looked: parts.slice(0, looks).map(readLooked),
  };
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = mappedBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
