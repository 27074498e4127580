/** Names as bytes, thousands at a time: UTF-8, with a zero byte between them. */

export function packNames(names: readonly string[]): Uint8Array {
  return Buffer.from(names.join('\0'));
}

export function unpackNames(packed: Uint8Array): string[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const names: string[] = [];
  // Not split(): its pieces would keep the whole text alive.
  for (let start = 0; start < bytes.length; ) {
    const zero = bytes.indexOf(0, start);
    const end = zero < 0 ? bytes.length : zero;
    names.push(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return names;
}
