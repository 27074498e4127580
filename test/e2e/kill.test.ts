/** kill -9 at any moment: what was written stays, what was being written is there or is not, and nothing is ever half there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { DigestStore } from '../../src/cache/digest-store.ts';
import { SnapshotFile } from '../../src/snapshot/snapshot-file.ts';
import { below, type Random, seededRandom } from '../support/random.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsageOf } from './against-oracle.ts';
import { batch, ids, stampOf } from './digest-batches.mjs';
import { eventually } from './eventually.ts';
import { unpackedPackage } from './package.ts';
import { serve, serveArguments, startCommand } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';

const WRITER = join(import.meta.dirname, 'digest-writer.mjs');

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

describe('a digest store whose process is killed', () => {
  it('200 times at random moments has every batch that was written, and half of none', async () => {
    // Two at a time, each with a store of its own: the moments between are mostly spent on starting processes.
    const inTheMiddle = await Promise.all([1, 2].map((seed) => killOftenAndLook(100, seededRandom(seed))));
    expect(Math.min(...inTheMiddle)).toBeGreaterThan(10);
  }, 300_000);
});

describe('a service that is killed', () => {
  it('20 times, while it starts, reads everything for the first time, or keeps up, is right after each start', async () => {
    const rnd = seededRandom(3);
    const { directory } = smallStore(51, { now: Date.now() });
    const live = writeTranscript(directory, 'live', message());
    const data = temporaryStateDir();
    for (let kill = 1; kill <= 10; kill++) {
      if (kill % 3 === 0) for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true });
      const { child, ended } = await startCommand(serveArguments(directory, { '--data-dir': data }), {});
      await pause(below(800, rnd));
      child.kill('SIGKILL');
      await ended;
      expectGoodSnapshot(directory, data);

      append(live, message());
      const service = await serve(directory, { '--data-dir': data });
      await expectUsageOf(directory, service);
      const { digestStore } = await eventually(async () => {
        const status = await service.status();
        expect(status.digestStore).not.toBeNull();
        return status;
      });
      expect(digestStore).toMatchObject({ available: true, problem: null });
      for (let left = below(20, rnd); left > 0; left--) {
        append(live, message());
        await pause(below(50, rnd));
      }
      service.signal('SIGKILL');
      await service.ended;
      expectGoodSnapshot(directory, data);
    }
  }, 120_000);
});

/** What was saved of a snapshot is whole, if anything was. */
function expectGoodSnapshot(stateDirectory: string, data: string): void {
  if (!existsSync(join(data, 'snapshot.bin'))) return;
  expect(new SnapshotFile({ cacheDir: data, stateDirectory, otherStates: [], redact: false }).restore()).not.toBeNull();
}

/** Gives how many of the kills came in the middle of a batch. */
async function killOftenAndLook(times: number, rnd: Random): Promise<number> {
  const directory = join(temporaryStateDir(), 'cache');
  mkdirSync(directory);
  const written = new Written();
  let inTheMiddle = 0;
  /** The last batch of which anything may be there. */
  let begun = 0;
  for (let kill = 1; kill <= times; kill++) {
    const said = await writeUntilKilled(directory, written.last + 1, rnd);
    begun = Math.max(begun, said.begun);
    if (said.begun > said.done) inTheMiddle++;
    written.advance(said.done);
    // On a copy: the store itself knows nothing but being killed.
    const found = new DigestStore(copyOf(directory));
    expect(found.state(), `kill ${kill}`).toEqual({ available: true, problem: null, writes: 0 });
    expect([written.in(found), written.after(begun).in(found)], `kill ${kill}`).toContain('all of it');
    found.close();
  }
  expect(written.last).toBeGreaterThan(times);
  return inTheMiddle;
}

/** What a store holds after some batch. */
class Written {
  /** The last batch. */
  last = 0;
  /** By transcript: what was put last, and whether it is still there. */
  readonly #digests: Map<string, { stamp: string; digest: Buffer | null }>;

  constructor(digests: ReadonlyMap<string, { stamp: string; digest: Buffer | null }> = new Map()) {
    this.#digests = new Map(digests);
  }

  advance(to: number): void {
    while (this.last < to) {
      const { digests, removed } = batch(++this.last);
      for (const { id, stamp, digest } of digests) this.#digests.set(id, { stamp, digest });
      for (const id of removed) {
        const { stamp } = this.#digests.get(id) ?? { stamp: stampOf(id, this.last) };
        this.#digests.set(id, { stamp, digest: null });
      }
    }
  }

  /** The same after a later batch. */
  after(number: number): Written {
    const later = new Written(this.#digests);
    later.last = this.last;
    later.advance(number);
    return later;
  }

  /** What of this a store holds. */
  in(store: DigestStore): string {
    for (const id of ids) {
      const { stamp, digest } = this.#digests.get(id) ?? { stamp: stampOf(id, 0), digest: null };
      const found = store.get(id, stamp);
      if (found === undefined ? digest !== null : digest === null || !digest.equals(found)) return `another ${id}`;
      // Of the same batch as the digest.
      if (found !== undefined && store.find(id)?.identity.channel !== `c${stamp.split('@')[1]}`) return `whose ${id}?`;
    }
    return 'all of it';
  }
}

/** Writes from a batch on until a random moment; gives the last batch that was begun, and the last that was written. */
async function writeUntilKilled(
  directory: string,
  first: number,
  rnd: Random,
): Promise<{ begun: number; done: number }> {
  const args = [WRITER, await unpackedPackage(), directory, String(first)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  let said = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      resolve();
    });
  });
  const closed = once(child, 'close');
  // Some die while they open the store, the others while they write.
  if (rnd() < 0.2) await pause(below(120, rnd));
  else await begun.then(() => pause(below(30, rnd)));
  child.kill('SIGKILL');
  await closed;
  running.delete(child);
  expect(said).not.toContain('failed');
  const last = (word: string) =>
    Number([...said.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? first - 1);
  return { begun: last('begin'), done: last('done') };
}

/** What a process that was killed leaves behind. */
function copyOf(directory: string): string {
  const copy = temporaryStateDir();
  if (existsSync(directory)) cpSync(directory, copy, { recursive: true });
  return copy;
}
