/**
 * Run by sqlite-inventory.test.ts with a small heap: takes an inventory of the state directory named on the command line,
 * looks at all that it found, and prints how much that was.
 */
import path from 'node:path';
import { takeInventory } from '../../src/compute/inventory.ts';
import { lookAt, readLooked } from '../../src/compute/look.ts';
import { listOf } from '../support/look-lists.ts';

const stateDirectory = process.argv[2] as string;
const configPath = path.join(stateDirectory, 'openclaw.json');
const request = { stateDirectory, configPath, place: null, config: null, accounting: null, stores: {} };
const { stores, problems } = takeInventory(request);
let [names, found, entries] = [0, 0, 0];
for (const { directories, sessions } of stores) {
  for (const _ of sessions ?? []) entries++;
  for (const directory of directories) {
    const listed = directory.names ?? [];
    names += listed.length;
    for (const [, it] of readLooked(lookAt({ directory: directory.path, list: listOf(listed) }))) {
      if (it !== null && 'stamp' in it) found++;
    }
  }
}
process.stdout.write(JSON.stringify({ names, found, entries, problems }));
