/** Asks what a scan thread is asked about a session's transcripts, in this thread. */
import { pack, unpack } from '../../src/compute/envelope.ts';
import type { Era } from '../../src/compute/era.ts';
import type { PriceBookData } from '../../src/compute/price-book.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import type { ReadAnswer, ReadItem, ReadTask, ReadView } from '../../src/compute/session-read.ts';
import { answerRead } from '../../src/compute/session-reading.ts';

/** As JSON, which every answer here is. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into it member by member
export type Json = any;

export interface Asked extends Partial<Omit<ReadTask, 'request'>> {
  readonly era?: Era;
  readonly prices?: PriceBookData;
  /** Of the buffer. */
  readonly buffer?: number;
}

const SESSION = { agent: 'main', key: 'agent:main:main', family: 'agent:main:main', retained: 0 };
const NO_PRICES: PriceBookData = { catalog: [], configured: [], own: [] };

/** The header of the answer, and its body parsed; null where there is none. */
export function askSession(
  items: readonly ReadItem[],
  ask: ReadView,
  {
    era = '2026.5',
    prices = NO_PRICES,
    buffer = 4096,
    known = null,
    within = 60_000,
    stop = new Int32Array(1),
  }: Asked = {},
): { header: ReadAnswer; body: Json } {
  const request = pack({ ask, session: SESSION, era, items }, [Buffer.from(JSON.stringify(prices))]);
  const answer = answerRead({ request, known, within, stop }, new ScanKernel(buffer));
  const { header, parts } = unpack<ReadAnswer>(answer);
  const [text] = parts.map((part) => Buffer.from(part).toString('utf8'));
  if (text === undefined) return { header, body: null };
  return { header, body: JSON.parse(ask.form === 'v1' ? `{${text}` : text) };
}
