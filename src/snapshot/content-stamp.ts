/** What a digest was folded from: the transcript's stamp and the prices, `dev:ino:size:mtime:ctime@prices`. */

export function contentStamp(stamp: string, priceEpoch: string): string {
  return `${stamp}@${priceEpoch}`;
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
  return contentStamp.slice(contentStamp.indexOf('@') + 1);
}

/** Whether the second can be of the first one's file, only grown, at the same prices. */
export function isAppend(before: string, after: string): boolean {
  const [device, inode, size] = before.split(':', 3);
  const [newDevice, newInode, newSize] = after.split(':', 3);
  const samePrices = before.slice(before.indexOf('@')) === after.slice(after.indexOf('@'));
  return device === newDevice && inode === newInode && samePrices && Number(newSize) > Number(size);
}
