import { describe, expect, test } from 'vitest';
import { CompressedReader } from '../../src/compute/compressed-reader.ts';
import type { TranscriptReader } from '../../src/compute/transcript-source.ts';
import { ARCHIVE, ARCHIVE_TEXT } from '../support/compressed-archive.ts';

const TEXT = Buffer.from(ARCHIVE_TEXT);

/** A file that holds these bytes. */
function fileOf(bytes: Buffer): TranscriptReader {
  return {
    state: () => ({ size: bytes.length, stamp: 'stamp' }),
    read: (buf, start, end, position) => bytes.copy(buf, start, position, position + end - start),
    close() {},
  };
}

function read(reader: TranscriptReader, position: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString('latin1', 0, reader.read(buffer, 0, length, position));
}

const part = (position: number, length: number) => TEXT.toString('latin1', position, position + length);

describe('a compressed transcript', () => {
  test('reads as the text that it was made of, from its start to its end', () => {
    const reader = new CompressedReader(fileOf(ARCHIVE));
    for (let at = 0; at < TEXT.length; at += 500_000)
      expect(read(reader, at, 500_000) === part(at, 500_000)).toBe(true);
    expect(read(reader, TEXT.length, 10)).toBe('');
    expect(reader.state().stamp).toBe('stamp');
  });

  test('is read at any position, forwards and back', () => {
    const reader = new CompressedReader(fileOf(ARCHIVE));
    const positions = [1_000_000, 996_000, 10, 0, TEXT.length - 5, 700_000, 131_072, 131_071];
    for (const position of positions) expect(read(reader, position, 4_096) === part(position, 4_096)).toBe(true);
  });

  test('without a byte has no text', () => {
    expect(read(new CompressedReader(fileOf(Buffer.alloc(0))), 0, 10)).toBe('');
  });

  test.each([
    ['is cut off', ARCHIVE.subarray(0, ARCHIVE.length / 2)],
    ['is no zstd', Buffer.from('text'.repeat(100))],
  ])('that %s is an error', (_, bytes) => {
    expect(() => read(new CompressedReader(fileOf(bytes)), 0, TEXT.length)).toThrow();
  });
});
