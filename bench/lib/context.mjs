// What every bench is given: the packed package, stores, the options of the run, and a place for its files.
import { cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Service } from './service.mjs';
import { calibrationLine, generatedStore, givenStore, optionsOfSize } from './stores.mjs';

export class Context {
  /** Checked options of the command line. */
  options;
  packageDirectory;
  /** Kept between runs: generated stores, tools fetched from elsewhere. */
  cacheDirectory;
  #workDirectory;
  #given = null;

  constructor({ options, packageDirectory, cacheDirectory, workDirectory }) {
    this.options = options;
    this.packageDirectory = packageDirectory;
    this.cacheDirectory = cacheDirectory;
    this.#workDirectory = workDirectory;
  }

  log(text) {
    console.log(`  ${text}`);
  }

  /** A new, empty directory; removed at the end of the run. */
  directory() {
    return mkdtempSync(join(this.#workDirectory, 'w-'));
  }

  /** `--store`, if it was given; else the generated store of `--size`, if that was given; else that of `size`. */
  async store(size) {
    if (this.options.store !== null) {
      this.#given ??= await givenStore(this.options.store);
      return this.#told(this.#given);
    }
    return this.generated(optionsOfSize(this.options.size ?? size));
  }

  /** The sizes to measure: only the given one, if there is one. */
  sizes(...sizes) {
    if (this.options.store !== null) return ['given'];
    return this.options.size === null ? sizes : [this.options.size];
  }

  /** A generated store by the generator's flags. */
  async generated(options) {
    return this.#told(await generatedStore(join(this.cacheDirectory, 'stores'), this.packageDirectory, options));
  }

  /** Runs an action on a copy of a store that may be written to; the copy is removed. */
  async withCopy(store, action) {
    const directory = this.directory();
    cpSync(store.directory, directory, { recursive: true, preserveTimestamps: true });
    try {
      return await action(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** The same with a copy of hard links, for stores too large to copy: its files may only be replaced, not written to. */
  async withLinkedCopy(store, action) {
    const directory = this.directory();
    link(store.directory, directory);
    try {
      return await action(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** Runs an action with a service, which is ended after it. Without a data directory it gets an empty one. */
  async withService({ dataDirectory = this.directory(), ...options }, action) {
    const service = await Service.start(this.packageDirectory, { dataDirectory, ...options });
    try {
      return await action(service);
    } finally {
      await service.stop();
    }
  }

  #told(store) {
    this.log(calibrationLine(store));
    return store;
  }
}

function link(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) link(source, target);
    else linkSync(source, target);
  }
}
