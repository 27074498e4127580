/** Sessions of a database folded on from an earlier digest, which has to come to what folding them anew does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Accounting } from '../../src/compute/accounting.ts';
import { decodeCursor, decodeFigures } from '../../src/compute/digest-codec.ts';
import type { Era } from '../../src/compute/era.ts';
import { RULES } from '../../src/compute/eras.ts';
import { PriceBook } from '../../src/compute/price-book.ts';
import { readDatabase } from '../../src/compute/quiet-database.ts';
import { ScanKernel } from '../../src/compute/scan-kernel.ts';
import { foldSession } from '../../src/compute/session-fold.ts';
import { AgentDatabase } from '../support/agent-database.ts';
import { contentsOf } from '../support/digest-contents.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { zstdFrame } from '../support/zstd-frame.ts';

const kernel = new ScanKernel(1 << 20);
const prices = new PriceBook({ catalog: [], configured: [], own: [] });
const said = (input: number) => ({ message: { role: 'assistant', timestamp: input, usage: { input } } });
const result = { message: { role: 'toolResult', timestamp: 5 } };

let gateway: AgentDatabase;
beforeEach(() => {
  gateway = new AgentDatabase(temporaryStateDir(), 'main');
});
afterEach(() => gateway.close());

const write = (records: readonly object[]) => gateway.write('s', 'agent:main:main', records);

function fold(previous: Uint8Array | null = null, era: Era = '2026.9') {
  return readDatabase(gateway.file, (database) =>
    foldSession(database, gateway.file, 's', new Accounting(prices, RULES[era]), kernel, previous, null),
  );
}

describe('a session that is folded on', () => {
  test('reads only what came since', () => {
    write([said(1), said(2)]);
    const { digest } = fold();
    write([said(1), said(2), said(3)]);
    const later = fold(digest);
    expect(later.digest).toEqual(fold().digest);
    expect(later.bytesRead).toBe(JSON.stringify(said(3)).length + 1);
  });

  test('begins anew by the rules of another era', () => {
    write([said(1), result]);
    const { digest } = fold(null, '2026.5');
    expect(fold(digest).digest).toEqual(fold().digest);
    expect(decodeCursor(fold(digest).digest).era).toBe('2026.9');
  });

  test('begins anew where its branch is another one, though its last events say the same', () => {
    const last = [said(2), said(3), said(4), said(5)];
    write([said(1), ...last]);
    const { digest } = fold();
    gateway.exec('UPDATE transcript_events SET seq = seq + 10');
    gateway.exec('UPDATE session_transcript_active_events SET event_seq = event_seq + 10');
    gateway.exec(`UPDATE transcript_events SET event_json = '${JSON.stringify(said(9))}' WHERE seq = 10`);
    expect(fold(digest).digest).toEqual(fold().digest);
  });

  test('is read to its end, however many pages it has', () => {
    write(Array.from({ length: 1200 }, (_, at) => said(at)));
    expect(decodeCursor(fold().digest).offset).toBe(1200);
  });
});

test('compressed events count as what they say, of which the results of tools are told beside them', () => {
  const dated = { timestamp: '2026-11-22T10:00:00Z' };
  const records = [
    { ...dated, message: { role: 'assistant', content: 'toolResult', usage: { input: 7 } } },
    { ...dated, message: { role: 'toolResult', isError: true } },
    { ...dated, message: { role: 'toolResult', timestamp: 5 } },
  ];
  write(records);
  const counted = () => contentsOf(decodeFigures(fold().digest));
  const before = counted();
  for (const [seq, record] of records.entries()) {
    const bytes = Buffer.from(JSON.stringify(record));
    const navigation = JSON.stringify({ model: record });
    gateway.exec(`UPDATE transcript_events SET event_json = NULL, event_utf8_bytes = ${bytes.length},
      event_zstd = x'${zstdFrame(bytes).toString('hex')}', navigation_json = '${navigation}' WHERE seq = ${seq}`);
  }
  expect(counted()).toEqual(before);
});
