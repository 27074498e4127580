/** Which details of entries a building asks for. */
import { join } from 'node:path';
import { isDatabase } from '../../compute/agent-database.ts';
import type { DetailsOrder } from '../../compute/entry-details.ts';
import type { KeptState } from '../kept-state.ts';
import { type BuildSteps, PAUSE, ToldDetails } from './call-build.ts';
import type { CallRow } from './call-rows.ts';
import { entryOf } from './model-sum.ts';

const INDEX = 'sessions.json';

/** Asks for what the indexes say of the entries behind some rows. */
export function* askDetails(
  state: KeptState,
  rows: Iterable<Pick<CallRow, 'agent' | 'entry'>>,
  reports: boolean,
): BuildSteps<ToldDetails> {
  const keys = new Map<string, string[]>();
  for (const { agent, entry } of rows) {
    if (entry !== null) entryOf(keys, agent, () => []).push(entry.key);
    yield PAUSE;
  }
  if (keys.size === 0) return new ToldDetails(undefined);
  const orders = [...keys].map(([agent, wanted]): DetailsOrder => {
    const folders = state.catalog.rows.stores.get(agent)?.folders.keys() ?? [];
    const indexes = [...folders].map((folder) => (isDatabase(folder) ? folder : join(folder, INDEX)));
    return { agent, indexes, keys: wanted };
  });
  return new ToldDetails(yield { kind: 'details', request: { orders, reports } });
}
