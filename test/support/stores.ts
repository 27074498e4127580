/** Stores for tests: temporary state directories that vanish with the test file, and small generated stores in them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { StoreManifest } from '../../src/demo/manifest.ts';
import type { StoreOptions } from '../../src/demo/options.ts';
import { generateStore } from '../../src/demo/store-generator.ts';

/** The moment at which generated stores end unless a test says otherwise. */
export const storeNow = Date.UTC(2026, 10, 22, 12);

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** An empty directory, removed after the tests of the file that asked for it. */
export function temporaryStateDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'clawgauge-test-'));
  directories.push(directory);
  return directory;
}

/** A generated store of about a megabyte in a temporary directory. */
export function smallStore(
  seed: number,
  options: Partial<StoreOptions> = {},
): { directory: string; manifest: StoreManifest } {
  const directory = temporaryStateDir();
  const small = { seed, now: storeNow, agents: 3, sessions: 12, meanKb: 30, malformed: 0.2 };
  return { directory, manifest: generateStore(directory, { ...small, ...options }) };
}
