// What happens to a store while a service watches it: sessions go on, begin, are reset, renamed, cut, replaced and deleted.
import { copyFileSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { transcriptsOf } from './transcripts.mjs';

/** The same numbers for the same seed. */
const SEED = 1;
/** Files written to this recently belong to sessions that go on, which nobody but they may touch. */
const LIVE = 24;

export class Changes {
  #stateDirectory;
  #appender;
  #random = numbersOf(SEED);
  /** Transcripts at the start: as many stay, however many begin. */
  #transcripts;
  counts = { appends: 0, deletions: 0, rotations: 0, rewrites: 0, replacements: 0 };

  /** `stateDirectory` holds a generated store. */
  static async of(packageDirectory, stateDirectory) {
    const { DemoAppender } = await import(join(packageDirectory, 'dist/demo/appender.js'));
    const { systemClock } = await import(join(packageDirectory, 'dist/clock.js'));
    return new Changes(stateDirectory, new DemoAppender(stateDirectory, { seed: SEED, clock: systemClock }));
  }

  constructor(stateDirectory, appender) {
    this.#stateDirectory = stateDirectory;
    this.#appender = appender;
    this.#transcripts = this.#list().length;
  }

  /** A few appends, now and then something else. */
  step() {
    this.#appender.step();
    this.counts.appends++;
    if (this.#random() < 0.1) this.#change();
  }

  #change() {
    const files = this.#list();
    const resting = files.slice(LIVE);
    while (files.length - this.#transcripts > 0 && resting.length > 0) {
      rmSync(resting.pop().path);
      files.pop();
      this.counts.deletions++;
    }
    const chosen = resting[Math.floor(this.#random() * resting.length)];
    if (chosen === undefined) return;
    const { path, size } = chosen;
    const kind = this.#random();
    if (kind < 0.3) {
      rmSync(path);
      this.counts.deletions++;
    } else if (kind < 0.6 && path.endsWith('.jsonl')) {
      const time = new Date().toISOString().replaceAll(':', '-');
      renameSync(path, `${path}.${kind < 0.45 ? 'reset' : 'deleted'}.${time}`);
      this.counts.rotations++;
    } else if (kind < 0.8) {
      const content = readFileSync(path);
      const end = content.lastIndexOf(0x0a, Math.floor(size * this.#random()));
      truncateSync(path, end + 1);
      this.counts.rewrites++;
    } else {
      copyFileSync(path, `${path}.tmp`);
      renameSync(`${path}.tmp`, path);
      this.counts.replacements++;
    }
  }

  /** Every transcript, that of the latest change first. */
  #list() {
    const files = Array.from(transcriptsOf(this.#stateDirectory), (path) => ({ path, ...statSync(path) }));
    return files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  }
}

function numbersOf(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
