/** The differences about the points and the log of a session, each shown by an example (differences.test.ts). */
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ReadItem, ReadView } from '../../src/compute/session-read.ts';
import { MIB } from '../../src/units.ts';
import { askSession, type Json } from '../support/session-reads.ts';
import { temporaryStateDir } from '../support/stores.ts';

const SERIES: ReadView = { view: 'timeseries', form: 'v1', points: 200 };
const GATEWAY_SERIES: ReadView = { view: 'timeseries', form: '2026.5', points: 200 };
const PAGE: ReadView = { view: 'logs', form: 'v1', limit: 50, cursor: null };
const GATEWAY_LOGS: ReadView = { view: 'logs', form: '2026.5', limit: 200, cursor: null };

const START = Date.parse('2026-11-22T10:00:00Z');

function line(second: number, role = 'assistant', content = `at ${second}`): string {
  const usage = { input: 1, output: 0, cost: { total: 0 } };
  const timestamp = new Date(START + second * 1000).toISOString();
  return `${JSON.stringify({ timestamp, message: { role, content, usage } })}\n`;
}

function transcript(text: string, name = 'one.jsonl'): ReadItem {
  const directory = temporaryStateDir();
  writeFileSync(join(directory, name), text);
  return { sessionId: name.replace('.jsonl', ''), directory, name };
}

/** So many bytes in the same line. */
function prolong({ directory, name }: ReadItem, size: number): void {
  truncateSync(join(directory, name), size);
  appendFileSync(join(directory, name), '\n');
}

const textsOf = (body: Json): string[] =>
  (body.entries ?? body.logs).map((entry: Json) => (entry.text ?? entry.content) as string);

export const sessionDifferences: Readonly<Record<string, () => void>> = {
  'the points of a session are those of all its transcripts': () => {
    const items = [transcript(line(0)), transcript(line(1))];
    expect(askSession(items, SERIES).body.points).toHaveLength(2);
  },

  'a session that is too long for the time says how far it was read': () => {
    const items = [transcript(line(0))];
    const { header, body } = askSession(items, SERIES, { within: 0 });
    expect(header).toMatchObject({ kind: 'read', partial: true });
    expect(body).toMatchObject({ partial: true, reading: { read: 0, share: 0 } });
    expect(askSession(items, GATEWAY_SERIES, { within: 0 }).header).toMatchObject({ kind: 'read', partial: true });
  },

  'of very many records the points are made of whole groups': () => {
    const count = 65_537;
    const items = [transcript(Array.from({ length: count }, (_, second) => line(second)).join(''))];
    // Told apart one by one, they would be 67 to a point.
    const { points } = askSession(items, { ...SERIES, points: 990 }).body;
    expect(points.length).toBeGreaterThan(900);
    expect(points.slice(0, -1).every(({ records }: Json) => records % 2 === 0)).toBe(true);
    expect(points.at(-1).cumulativeTokens).toBe(count);
  },

  'a log is read back from its end': () => {
    const item = transcript(line(9, 'user', 'early, with the latest time'));
    prolong(item, 65 * MIB);
    appendFileSync(join(item.directory, item.name), line(1, 'user', 'later') + line(0, 'user', 'last'));
    expect(textsOf(askSession([item], PAGE, { buffer: MIB }).body)).toEqual(['later', 'last']);
    expect(textsOf(askSession([item], GATEWAY_LOGS, { buffer: MIB }).body)).toEqual(['last', 'later']);
  },

  'a line that is too long even without its long texts is in no log': () => {
    const many = JSON.stringify(Array.from({ length: 100_000 }, () => 'xxxxxxxxxx'));
    const text = line(0, 'user', 'before') + line(1, 'assistant', many) + line(2, 'user', 'after');
    const tooLong = text.replace(JSON.stringify(many), many);
    const items = [transcript(tooLong)];
    expect(textsOf(askSession(items, PAGE, { buffer: MIB }).body)).toEqual(['before', 'after']);
    expect(askSession(items, SERIES, { buffer: MIB }).body.points).toHaveLength(3);
  },

  'a time that is none is not shown as one': () => {
    const broken = (timestamp?: number) =>
      `${JSON.stringify({ timestamp: 'yesterday', message: { role: 'user', content: 'hi', timestamp } })}\n`;
    const items = [transcript(broken() + broken(START))];
    expect(askSession(items, PAGE).body.entries.map(({ time }: Json) => time)).toEqual([null, START]);
    const { logs } = askSession(items, GATEWAY_LOGS).body;
    expect(logs.map(({ timestamp }: Json) => timestamp)).toEqual([0, START]);
  },
};
