// The counted transcripts of a state directory, by their names alone: not found by the code that is measured.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const COUNTED = /\.jsonl(?:\.(?:reset|deleted)\.\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}(?:\.\d{3})?Z)?$/;
const NOT_COUNTED = /\.checkpoint\.[0-9a-f-]+\.jsonl$|\.trajectory\.jsonl$/;

/** The paths, of every agent on disk. */
export function* transcriptsOf(stateDirectory) {
  for (const agent of readdirSync(join(stateDirectory, 'agents'))) {
    const sessions = join(stateDirectory, 'agents', agent, 'sessions');
    if (!existsSync(sessions)) continue;
    for (const name of readdirSync(sessions)) {
      if (COUNTED.test(name) && !NOT_COUNTED.test(name)) yield join(sessions, name);
    }
  }
}
