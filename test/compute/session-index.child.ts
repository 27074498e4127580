/** Run by session-index.test.ts with a small heap: prints what the index named on the command line holds. */
import { openSync } from 'node:fs';
import { SessionEntryWriter } from '../../src/compute/session-entries.ts';
import { readSessionIndex } from '../../src/compute/session-index.ts';

const writer = new SessionEntryWriter();
const brokenAt = readSessionIndex(openSync(process.argv[2] as string, 'r'), writer);
process.stdout.write(JSON.stringify({ brokenAt, labels: [...writer.finish()].map((session) => session.label) }));
