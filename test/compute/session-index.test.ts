import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionEntryWriter } from '../../src/compute/session-entries.ts';
import { readSessionIndex } from '../../src/compute/session-index.ts';
import type { SessionEntry } from '../../src/compute/transcript.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-index-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(content: string | Buffer): { sessions: SessionEntry[]; brokenAt: number | null } {
  const file = path.join(directory, 'sessions.json');
  writeFileSync(file, content);
  const descriptor = openSync(file, 'r');
  try {
    const writer = new SessionEntryWriter();
    const brokenAt = readSessionIndex(descriptor, writer);
    return { sessions: [...writer.finish()], brokenAt };
  } finally {
    closeSync(descriptor);
  }
}

const entry = (key: string, sessionId: string, more: Partial<SessionEntry> = {}): SessionEntry => ({
  key,
  sessionId,
  updatedAt: null,
  label: null,
  channel: null,
  originProvider: null,
  creator: null,
  familyKey: null,
  familySessionIds: [],
  ...more,
});

describe('reading a session index', () => {
  it('gives the fields that matter, wherever they stand among others', () => {
    const full = {
      systemPromptReport: { label: 'no', sessionId: 'no', origin: { provider: 'no' }, list: [{ updatedAt: 1 }] },
      usageFamilySessionIds: ['old-1', 'old-2'],
      origin: { chatType: 'direct', nested: { provider: 'no' }, provider: 'telegram' },
      sessionId: 'id-1',
      updatedAt: 1794605543600,
      label: 'Ünïcode "quoted"',
      channel: 'Telegram',
      usageFamilyKey: 'agent:main:family',
      skillsSnapshot: ['label', 'channel'],
    };
    expect(read(JSON.stringify({ 'agent:main:main': full, global: { sessionId: 'id-2' } }, null, 2))).toEqual({
      brokenAt: null,
      sessions: [
        entry('agent:main:main', 'id-1', {
          updatedAt: 1794605543600,
          label: 'Ünïcode "quoted"',
          channel: 'Telegram',
          originProvider: 'telegram',
          familyKey: 'agent:main:family',
          familySessionIds: ['old-1', 'old-2'],
        }),
        entry('global', 'id-2'),
      ],
    });
  });

  it.each([
    ['no session id', {}],
    ['a session id of another type', { sessionId: 5 }],
    ['an empty session id', { sessionId: ' ' }],
    ['a session id of more than 255 characters', { sessionId: 'x'.repeat(256) }],
  ])('leaves out an entry with %s', (_, value) => {
    expect(read(JSON.stringify({ a: value, b: { sessionId: 'id' } })).sessions).toEqual([entry('b', 'id')]);
  });

  it.each([null, 1, 'text', true, [], [{ sessionId: 'id' }]])(
    'leaves out the entry %j, which is no object',
    (value) => {
      expect(read(JSON.stringify({ a: value, b: { sessionId: 'id' } })).sessions).toEqual([entry('b', 'id')]);
    },
  );

  it('takes fields of another type for absent', () => {
    const odd = {
      sessionId: ' id ',
      updatedAt: '1',
      label: { sessionId: 'no' },
      channel: ['x'],
      origin: 'telegram',
      usageFamilyKey: null,
      usageFamilySessionIds: { provider: 'no' },
    };
    expect(read(JSON.stringify({ a: odd })).sessions).toEqual([entry('a', 'id')]);
    const family = {
      sessionId: 'id',
      updatedAt: -1,
      label: ' ',
      usageFamilySessionIds: ['x', 5, null, ['y'], '', 'z'],
    };
    expect(read(JSON.stringify({ a: family })).sessions).toEqual([entry('a', 'id', { familySessionIds: ['x', 'z'] })]);
  });

  it('counts the last of equal keys and of equal fields', () => {
    expect(read('{"a":{"sessionId":"1","label":"x"},"b":{"sessionId":"2"},"a":{"sessionId":"3"}}').sessions).toEqual([
      entry('b', '2'),
      entry('a', '3'),
    ]);
    expect(read('{"a":{"sessionId":"1"},"a":null}').sessions).toEqual([]);
    const twice = '{"a":{"sessionId":"1","sessionId":"2","label":"x","label":5,"origin":{"provider":"p"},"origin":{}}}';
    expect(read(twice).sessions).toEqual([entry('a', '2')]);
  });

  it('cuts long texts without splitting a character, and takes enormous ones for absent', () => {
    const label = `${'x'.repeat(511)}\u{1F600}`;
    const index = { ['k'.repeat(5000)]: { sessionId: 'id', label, channel: 'c'.repeat(70_000) } };
    expect(read(JSON.stringify(index)).sessions).toEqual([entry('k'.repeat(4096), 'id', { label: 'x'.repeat(511) })]);
  });

  it('takes at most a thousand ids of a family', () => {
    const usageFamilySessionIds = Array.from({ length: 1500 }, (_, i) => `id-${i}`);
    const [read1] = read(JSON.stringify({ a: { sessionId: 'id', usageFamilySessionIds } })).sessions;
    expect(read1?.familySessionIds).toEqual(usageFamilySessionIds.slice(0, 1000));
  });

  it.each(['', ' \n\t\r\n', '{}'])('finds nothing, and nothing wrong, in %j', (content) => {
    expect(read(content)).toEqual({ sessions: [], brokenAt: null });
  });

  it('reads JSON5 and a byte order mark where strict JSON ends', () => {
    const json5 =
      "\uFEFF// comment\n{a: {sessionId: 'id', origin: {provider: 'p'}, usageFamilySessionIds: ['x',],}, b: 5,}";
    expect(read(json5)).toEqual({
      brokenAt: null,
      sessions: [entry('a', 'id', { originProvider: 'p', familySessionIds: ['x'] })],
    });
  });

  it.each([
    ['{"a":{"sessionId":"1"},"b":{"sessionId":"2","label":"tor', 56],
    ['{"a":{"sessionId":"1"},"b":{"sessionId":"2"', 43],
    ['{"a":{"sessionId":"1"},"b":{"sessionId":"2"?}}', 43],
    ['{"a":{"sessionId":"1"}} trailing', 24],
  ])('keeps the entries before the break of %j', (content, brokenAt) => {
    expect(read(content)).toEqual({ brokenAt, sessions: [entry('a', '1')] });
  });

  it.each(['[]', '[{"sessionId":"1"}]', '"text"', '5', 'null', '\0\0\0'])('says that %j is no index', (content) => {
    const { sessions, brokenAt } = read(content);
    expect(sessions).toEqual([]);
    expect(brokenAt).not.toBeNull();
  });

  it('agrees with JSON.parse on any object', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('x'));
    const value = fc.oneof(text, fc.jsonValue(), fc.constant('id'));
    const fields = fc.record(
      {
        sessionId: value,
        updatedAt: fc.oneof(fc.double({ noNaN: true }), value),
        label: value,
        channel: value,
        origin: fc.oneof(value, fc.record({ provider: value, other: value })),
        usageFamilyKey: value,
        usageFamilySessionIds: fc.oneof(value, fc.array(value)),
        other: value,
      },
      { requiredKeys: [] },
    );
    const index = fc.dictionary(text, fc.oneof(fields, fc.jsonValue()));
    fc.assert(
      fc.property(index, fc.constantFrom(undefined, 1), (object, indent) => {
        const json = JSON.stringify(object, null, indent);
        const parsed = JSON.parse(json) as Record<string, unknown>;
        const expected = Object.entries(parsed).flatMap(([key, fields]) => expectedEntry(key, fields));
        expect(read(json)).toEqual({ sessions: expected, brokenAt: null });
      }),
      { numRuns: 300 },
    );
  });
});

function expectedEntry(key: string, fields: unknown): SessionEntry[] {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return [];
  const {
    sessionId,
    updatedAt,
    label,
    channel,
    origin,
    usageFamilyKey,
    usageFamilySessionIds: ids,
  } = fields as Record<string, unknown>;
  const id = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);
  const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : null);
  const own = id(sessionId);
  if (own === null) return [];
  return [
    entry(key, own, {
      updatedAt: typeof updatedAt === 'number' && updatedAt >= 0 ? updatedAt : null,
      label: text(label),
      channel: text(channel),
      creator: null,
      originProvider: text((origin as { provider?: unknown } | null | undefined)?.provider),
      familyKey: text(usageFamilyKey),
      familySessionIds: Array.isArray(ids) ? ids.map(id).filter((each) => each !== null) : [],
    }),
  ];
}

describe('an index of 75 MB', () => {
  const count = 1000;
  let file: string;
  beforeAll(() => {
    file = path.join(directory, 'large.json');
    const descriptor = openSync(file, 'w');
    const prompt = '\\"漢字 lorem ipsum\\n'.repeat(900);
    const snapshot = JSON.stringify({
      tools: Array.from({ length: 1200 }, (_, i) => ({ label: `tool ${i}`, sessionId: 'x' })),
    });
    for (let i = 0; i < count; i++) {
      const [report, skills] = [`{"prompt":"${prompt}"}`, `{"prompt":"${prompt}","rest":${snapshot}}`];
      writeSync(
        descriptor,
        `${i === 0 ? '{' : ','}"agent:main:direct:${i}":{"systemPromptReport":${report},"sessionId":"id-${i}","skillsSnapshot":${skills},"label":"label ${i}"}`,
      );
    }
    writeSync(descriptor, '}');
    closeSync(descriptor);
  });

  it('is read whole with a heap of 24 MB', () => {
    expect(statSync(file).size).toBeGreaterThan(75e6);
    const child = path.join(import.meta.dirname, 'session-index.child.ts');
    const args = ['--max-old-space-size=24', '--import', 'tsx', child, file];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 24 });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      brokenAt: null,
      labels: Array.from({ length: count }, (_, i) => `label ${i}`),
    });
  });
});
