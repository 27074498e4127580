/** Folds a transcript that is given as text, through a scan thread's own function. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../src/compute/digest.ts';
import { decodeFigures } from '../../src/compute/digest-codec.ts';
import { pack, unpack } from '../../src/compute/envelope.ts';
import type { Era } from '../../src/compute/era.ts';
import type { PriceBookData } from '../../src/compute/price-book.ts';
import { readProviderPrices } from '../../src/compute/price-list.ts';
import type { ScanRequest, ScanResult } from '../../src/compute/scan-batch.ts';
import { scanned } from './kept-store.ts';
import { CONFIG } from './random-store.ts';
import { temporaryStateDir } from './stores.ts';

/** The prices of random stores' openclaw.json. */
const PRICES: PriceBookData = { catalog: [], configured: readProviderPrices(CONFIG.models.providers), own: [] };

let directory: string | undefined;

/** The bytes of the digest of a transcript. */
export function digestBytes(text: string, prices = PRICES, era: Era = '2026.5'): Uint8Array {
  directory ??= temporaryStateDir();
  const name = 'transcript.jsonl';
  writeFileSync(join(directory, name), text);
  const item = {
    id: name,
    directory,
    name,
    size: Buffer.byteLength(text),
    resumes: false,
    lookFrom: null,
    era,
    predecessors: [],
  };
  const request: ScanRequest = { priceEpoch: '', items: [item] };
  const { header, parts } = unpack<ScanResult>(scanned(pack(request, [Buffer.from(JSON.stringify(prices))])));
  rmSync(join(directory, name));
  const [digest] = parts;
  if (digest === undefined) throw new Error(`not folded: ${JSON.stringify(header.outcomes)}`);
  return digest;
}

/** What a transcript of these records, or lines, counts for. */
export function digestOf(records: readonly unknown[], prices = PRICES, era: Era = '2026.5'): Digest {
  return decodeFigures(digestBytes(linesOf(records), prices, era));
}

/** Records as the lines of a transcript. */
export function linesOf(records: readonly unknown[]): string {
  return records.map((record) => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`).join('');
}
