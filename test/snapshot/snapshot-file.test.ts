import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PublishedSnapshot } from '../../src/snapshot/published.ts';
import { SnapshotFile } from '../../src/snapshot/snapshot-file.ts';

let directory: string;
let file: SnapshotFile;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'clawgauge-snapshot-'));
  file = fileOf({});
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const fileOf = (options: Partial<ConstructorParameters<typeof SnapshotFile>[0]>) =>
  new SnapshotFile({
    cacheDir: join(directory, 'cache'),
    stateDirectory: '/state',
    otherStates: [],
    redact: false,
    ...options,
  });

const rendering = (text: string) => ({
  etag: `W/"${text}"`,
  rest: new Uint8Array(Buffer.from(`"window":{"x":"${text}"}}`)),
  restDeflated: new Uint8Array(Buffer.from(text)),
});

const snapshot: PublishedSnapshot = {
  id: 'a.1',
  generation: '',
  builtAt: 1,
  coverage: { transcripts: 2, pending: 0, failed: 0, retained: 0, bytes: 3 },
  views: new Map([
    ['usage', rendering('one')],
    ['sessions', rendering('two')],
  ]),
};

const path = () => join(directory, 'cache', 'snapshot.bin');
const plain = (views: PublishedSnapshot['views'] | undefined) =>
  [...(views ?? [])].map(([key, { etag, rest, restDeflated }]) => [key, etag, [...rest], [...restDeflated]]);

describe('the snapshot file', () => {
  test('gives back what was saved, with the time at which it was verified', async () => {
    await file.save(snapshot, 42);
    const restored = file.restore();
    expect(restored?.verifiedAt).toBe(42);
    expect(restored?.snapshot).toMatchObject({ id: 'a.1', builtAt: 1, coverage: snapshot.coverage });
    expect(plain(restored?.snapshot.views)).toEqual(plain(snapshot.views));
  });

  test('gives back the zones that are ready in it because somebody used them', async () => {
    const zones = [{ name: 'Asia/Tokyo', usedAt: 41 }];
    await file.save(snapshot, 42, zones);
    expect(file.restore()?.zones).toEqual(zones);
  });

  test('is readable for its owner only, and leaves no temporary file', async () => {
    await file.save(snapshot, 42);
    await file.save({ ...snapshot, id: 'a.2' }, 43);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'cache'))).toEqual(['snapshot.bin']);
    expect(file.restore()?.snapshot.id).toBe('a.2');
  });

  test('removes what a process left that was killed while it saved, and nothing of one that still saves', async () => {
    await file.save(snapshot, 42);
    for (const [name, age] of [
      ['snapshot.bin.0123456789ab', 120],
      ['snapshot.bin.ba9876543210', 5],
      ['snapshot.bin2', 120],
    ] as const) {
      const left = join(directory, 'cache', name);
      writeFileSync(left, 'half');
      utimesSync(left, Date.now() / 1000 - age, Date.now() / 1000 - age);
    }
    await file.save({ ...snapshot, id: 'a.2' }, 43);
    expect(readdirSync(join(directory, 'cache')).sort()).toEqual([
      'snapshot.bin',
      'snapshot.bin.ba9876543210',
      'snapshot.bin2',
    ]);
  });

  test('is as good as none when it is missing, of another store, cut off anywhere, damaged anywhere, or garbage', async () => {
    expect(file.restore()).toBeNull();
    await file.save(snapshot, 42);
    expect(fileOf({ stateDirectory: '/other' }).restore()).toBeNull();
    expect(fileOf({ redact: true }).restore()).toBeNull();
    const whole = readFileSync(path());
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path(), whole);
      truncateSync(path(), length);
      expect(file.restore()).toBeNull();
    }
    for (let at = 0; at < whole.length; at += 5) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(at) ^ 0x10, at);
      writeFileSync(path(), flipped);
      expect(file.restore()).toBeNull();
    }
    writeFileSync(path(), Buffer.alloc(100, 0xff));
    expect(file.restore()).toBeNull();
  });

  test('keeps the old file and rejects when the new one cannot be written', async () => {
    const blocked = fileOf({ cacheDir: join(directory, 'file', 'below') });
    writeFileSync(join(directory, 'file'), '');
    await expect(blocked.save(snapshot, 42)).rejects.toThrow();
  });
});
