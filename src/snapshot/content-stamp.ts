/** What a digest was folded from: the transcript's stamp, the prices and the rules, `dev:ino:size:mtime:ctime@prices/era`. */
import type { Era } from '../compute/era.ts';

export function contentStamp(stamp: string, epoch: string): string {
  return `${stamp}@${epoch}`;
}

/** Of prices and rules together. */
export function epochIn(era: Era, priceEpoch: string): string {
  return `${priceEpoch}/${era}`;
}

/** The part of it that is the transcript's. */
export function fileStampOf(contentStamp: string): string {
  return contentStamp.slice(0, contentStamp.indexOf('@'));
}

/** What names the file, whatever it is called: `dev:ino`. */
export function fileOf(contentStamp: string): string {
  return contentStamp.split(':', 2).join(':');
}

export function priceEpochOf(contentStamp: string): string {
  return contentStamp.slice(contentStamp.indexOf('@') + 1, contentStamp.lastIndexOf('/'));
}

/** Prices and rules together. */
export function epochOf(contentStamp: string): string {
  return contentStamp.slice(contentStamp.indexOf('@') + 1);
}

/** Whose rules a digest followed. */
export function eraOf(contentStamp: string): Era {
  return contentStamp.slice(contentStamp.lastIndexOf('/') + 1) as Era;
}

/** Whether two are at the same prices and by the same rules. */
export function isSameEpoch(a: string, b: string): boolean {
  return epochOf(a) === epochOf(b);
}

/** Whether the second can be of the first one's file, only grown, in the same epoch. */
export function isAppend(before: string, after: string): boolean {
  const [device, inode, size] = before.split(':', 3);
  const [newDevice, newInode, newSize] = after.split(':', 3);
  return device === newDevice && inode === newInode && isSameEpoch(before, after) && Number(newSize) > Number(size);
}
