// What happens to a store while a service watches it: sessions go on, begin, are reset, renamed, cut, replaced and deleted.
import { copyFileSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from './statistics.mjs';
import { transcriptsOf } from './transcripts.mjs';

/** The same numbers for the same seed. */
const SEED = 1;
/** Files written to this recently belong to sessions that go on, which nobody but they may touch. */
const LIVE = 24;

export class Changes {
  #stateDirectory;
  #appender;
  #random = numbersOf(SEED);
  /** Of all transcripts at the start: they grow to no more, so that what grows in the service is not what it counts. */
  #bytes;
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
    this.#bytes = sum(this.#list().map(({ size }) => size));
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
    for (let bytes = sum(files.map(({ size }) => size)); bytes > this.#bytes && resting.length > 0; ) {
      const { path, size } = resting.pop();
      rmSync(path);
      bytes -= size;
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
