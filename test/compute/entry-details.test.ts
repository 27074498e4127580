/** Details of entries, from indexes of files; those of databases are held by the parity with the gateway of 2026.9. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DetailsAnswer, entryDetails } from '../../src/compute/entry-details.ts';
import { pack, unpack } from '../../src/compute/envelope.ts';
import { temporaryStateDir } from '../support/stores.ts';

function ask(index: unknown, keys: readonly string[], reports: boolean) {
  const file = join(temporaryStateDir(), 'sessions.json');
  writeFileSync(file, typeof index === 'string' ? index : JSON.stringify(index));
  const { header, parts } = unpack<DetailsAnswer>(
    entryDetails(pack({ orders: [{ agent: 'main', indexes: [file], keys }], reports })),
  );
  return { entries: header.main, reports: parts.map((part) => Buffer.from(part).toString('utf8')) };
}

const report = { source: 'run', skills: { entries: ['é'] } };
const index = {
  a: {
    sessionId: '1',
    model: 'm',
    origin: { provider: 'slack', label: 'Sam' },
    chatType: null,
    systemPromptReport: report,
  },
  b: { sessionId: '2', modelOverride: 'x', skillsSnapshot: { prompt: 'long' } },
  c: { sessionId: '3', systemPromptReport: null },
};

test('those that are asked for, and only what is told to callers', () => {
  const { entries, reports } = ask(index, ['a', 'b', 'missing'], false);
  expect(entries).toEqual({
    a: { model: 'm', origin: { provider: 'slack', label: 'Sam' }, hasReport: true },
    b: { modelOverride: 'x' },
  });
  expect(reports).toEqual([]);
});

test('with their reports where those are wanted, as they are written', () => {
  const { entries, reports } = ask(index, ['a', 'c'], true);
  expect(entries).toMatchObject({ a: { report: 0 }, c: { hasReport: false } });
  expect(reports).toEqual([JSON.stringify(report)]);
});

test('those before the place where an index is broken', () => {
  const text = JSON.stringify(index);
  expect(ask(text.slice(0, text.indexOf('"c"')), ['a', 'b', 'c'], false).entries).toHaveProperty('b');
});

test('nothing of an index that is not there', () => {
  const request = pack({
    orders: [{ agent: 'main', indexes: ['/nowhere/sessions.json'], keys: ['a'] }],
    reports: false,
  });
  expect(unpack<DetailsAnswer>(entryDetails(request)).header).toEqual({ main: {} });
});
