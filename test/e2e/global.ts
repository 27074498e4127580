/** Before and after a whole run of the tests: a directory for the packed package, which the first test that needs it fills. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    packageDirectory: string;
  }
}

export default function setUp(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'clawgauge-package-'));
  project.provide('packageDirectory', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}
