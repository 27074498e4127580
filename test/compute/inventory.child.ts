/**
 * Run by sqlite-inventory.test.ts with a small heap: takes an inventory of the state directory named on the command line,
 * looks at all that it found, and prints how much that was.
 */
import path from 'node:path';
import { takeInventory } from '../../src/compute/inventory.ts';
import { Looked, lookAt } from '../../src/compute/look.ts';

const stateDirectory = process.argv[2] as string;
const configPath = path.join(stateDirectory, 'openclaw.json');
const request = { stateDirectory, configPath, place: null, config: null, accounting: null, stores: {} };
const { stores, problems } = takeInventory(request);
let [names, found, entries] = [0, 0, 0];
for (const { directories, sessions } of stores) {
  for (const _ of sessions ?? []) entries++;
  for (const directory of directories) {
    const looked = new Looked(lookAt({ directory: directory.path, names: directory.names ?? [] }, []), []);
    names += looked.count;
    for (let at = 0; at < looked.count; at++) if (typeof looked.at(at) === 'object' && looked.at(at) !== null) found++;
  }
}
process.stdout.write(JSON.stringify({ names, found, entries, problems }));
