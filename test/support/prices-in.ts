/** The prices that a state directory's own files give the sessions of agent main. */
import { join } from 'node:path';
import { takeInventory } from '../../src/compute/inventory.ts';
import type { PriceBookData } from '../../src/compute/price-book.ts';

export function pricesIn(stateDirectory: string): PriceBookData {
  const configPath = join(stateDirectory, 'openclaw.json');
  const request = { stateDirectory, configPath, place: null, config: null, accounting: null, stores: {} };
  const { stores, catalogs, config } = takeInventory(request);
  const key = stores.find(({ agent }) => agent === 'main')?.catalog?.key ?? '';
  return { catalog: catalogs[key] ?? [], configured: config?.configured ?? [], own: [] };
}
