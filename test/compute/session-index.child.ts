/** Run by session-index.test.ts with a small heap: prints what the index named on the command line holds. */
import { openSync } from 'node:fs';
import { readSessionIndex } from '../../src/compute/session-index.ts';

const { sessions, brokenAt } = readSessionIndex(openSync(process.argv[2] as string, 'r'));
process.stdout.write(JSON.stringify({ brokenAt, labels: sessions.map((session) => session.label) }));
