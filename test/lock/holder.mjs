/** Tries to get a directory, says what came of it, and holds it until it is killed: node holder.mjs DIRECTORY */
import { lockDirectory } from '../../dist/lock/directory-lock.js';

try {
  const { problem } = await lockDirectory(process.argv[2]);
  process.stdout.write(`${problem ?? 'held'}\n`);
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stdout.write(`${error.code}\n`);
}
