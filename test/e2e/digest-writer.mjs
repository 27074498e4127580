/**
 * Writes batch after batch into the digest store of a package until it is killed, and says before and after each which
 * one it is. What a batch holds follows from its number alone (digest-batches.mjs).
 *
 *   node digest-writer.mjs PACKAGE DIRECTORY FIRST
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { batch } from './digest-batches.mjs';

const [packageDirectory, directory, first] = process.argv.slice(2);
const { DigestStore } = await import(join(packageDirectory, 'dist/cache/digest-store.js'));
const store = new DigestStore(directory);
for (let number = Number(first); ; number++) {
  const { digests, removed } = batch(number);
  writeSync(1, `begin ${number}\n`);
  store.write(digests, removed);
  const { problem } = store.state();
  writeSync(1, problem === null ? `done ${number}\n` : `failed ${problem}\n`);
}
