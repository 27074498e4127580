/**
 * Decodes names without making a new string where the same bytes came before: those of transcripts are of a few kinds,
 * and their strings were a good part of the time of a scan.
 */
const SLOTS = 512;
const LONGEST = 32;
/** What begins with a digit is a time and comes only once. */
const LAST_DIGIT = 0x39;

/** What this thread has decoded last, by the slot of its bytes. */
const bytes: (Buffer | undefined)[] = new Array(SLOTS);
const texts: string[] = new Array(SLOTS).fill('');

/** Decodes UTF-8; short names that came before are the string of that time. */
export function readName(buf: Buffer, start: number, end: number): string {
  const length = end - start;
  const first = buf[start] as number;
  if (length === 0 || length > LONGEST || first <= LAST_DIGIT) return buf.toString('utf8', start, end);
  const middle = buf[start + (length >> 1)] as number;
  const slot = (length * 31 + first * 7 + middle * 61 + (buf[end - 1] as number) * 131) & (SLOTS - 1);
  const known = bytes[slot];
  if (known !== undefined && known.length === length) {
    let at = 0;
    while (at < length && known[at] === buf[start + at]) at++;
    if (at === length) return texts[slot] as string;
  }
  const text = buf.toString('utf8', start, end);
  bytes[slot] = Buffer.from(buf.subarray(start, end));
  texts[slot] = text;
  return text;
}
