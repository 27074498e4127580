/** A process of its own that has a database open as a gateway has: each line that it is told is SQL, an empty one ends it. */
import { createInterface } from 'node:readline';
import { openOwn } from '../../dist/sqlite-driver.js';

const database = openOwn(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') break;
  database.exec(line);
  process.stdout.write('done\n');
}
database.close();
process.stdout.write('closed\n');
