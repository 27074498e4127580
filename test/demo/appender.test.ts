import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { DemoAppender } from '../../src/demo/appender.ts';
import { readTranscripts, sessionFiles } from '../support/plain-reading.ts';
import { smallStore, storeNow, temporaryStateDir } from '../support/stores.ts';

const STEPS = 1500;

/** A store, and the same store after so many seconds of life. */
function livedStore(seed: number, steps = STEPS) {
  const { directory } = smallStore(seed, { malformed: 0 });
  const before = readTranscripts(directory);
  const clock = new SteppingClock();
  const appender = new DemoAppender(directory, { seed, clock });
  for (let step = 0; step < steps; step++) {
    clock.pass(1000);
    appender.step();
  }
  return { directory, before, after: readTranscripts(directory), end: clock.now() };
}

class SteppingClock implements Clock {
  #now = storeNow;
  pass(ms: number): void {
    this.#now += ms;
  }
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  after(): () => void {
    throw new Error('the appender needs no timer');
  }
}

describe('DemoAppender', () => {
  const { directory, before, after, end } = livedStore(11);
  const known = new Map(before.map((transcript) => [transcript.sessionId, transcript]));
  const grown = after.filter(({ sessionId, text }) => text.length > (known.get(sessionId)?.text.length ?? 0));

  it('only appends: what was there stays as it was, under its name or as an archive', () => {
    for (const old of before) {
      const now = after.filter(({ sessionId, agent }) => sessionId === old.sessionId && agent === old.agent);
      expect(now.some(({ text }) => text.startsWith(old.text))).toBe(true);
    }
  });

  it('continues several sessions in whole, sound lines', () => {
    expect(grown.filter(({ sessionId }) => known.has(sessionId)).length).toBeGreaterThanOrEqual(2);
    for (const { text, lines, records } of grown) {
      expect(text.endsWith('\n')).toBe(true);
      expect(records).toHaveLength(lines.length);
    }
  });

  it('writes messages, answers with usage, and tool results', () => {
    const added = grown.flatMap(({ sessionId, records }) => records.slice(known.get(sessionId)?.records.length ?? 0));
    const roles = new Set(added.map(({ message }) => message?.role));
    for (const role of ['user', 'assistant', 'toolResult']) expect(roles).toContain(role);
    expect(added.some(({ message }) => message?.usage !== undefined)).toBe(true);
  });

  it('dates what it writes at the now of its clock', () => {
    for (const { sessionId, records } of grown) {
      for (const { timestamp } of records.slice(known.get(sessionId)?.records.length ?? 0)) {
        if (timestamp === undefined) continue;
        expect(Date.parse(timestamp)).toBeGreaterThan(storeNow);
        expect(Date.parse(timestamp)).toBeLessThanOrEqual(end);
      }
    }
  });

  it('links what it appends to the last record that was there', () => {
    for (const { sessionId, records } of grown) {
      const old = known.get(sessionId);
      if (old !== undefined) expect(records[old.records.length]?.parentId).toBe(old.records.at(-1)?.id);
    }
  });

  it('starts sessions, and the index knows each of them', () => {
    const started = after.filter(({ sessionId, class: kind }) => !known.has(sessionId) && kind === 'primary');
    expect(started.length).toBeGreaterThan(3);
    const ids = indexes(directory).flatMap((index) =>
      Object.values(index).flatMap((entry) => entry.usageFamilySessionIds),
    );
    for (const { sessionId, records } of started) {
      expect(ids).toContain(sessionId);
      expect(records[0]?.type).toBe('session');
    }
  });

  it('resets sessions: the old transcript is archived and stays in the family', () => {
    const resets = after.filter(({ name }) => name.includes('.reset.') && !before.some((old) => old.name === name));
    expect(resets.length).toBeGreaterThan(0);
    const families = indexes(directory).flatMap((index) => Object.values(index));
    for (const { sessionId } of resets) {
      const family = families.find(({ usageFamilySessionIds }) => usageFamilySessionIds.includes(sessionId));
      expect(family?.usageFamilySessionIds.at(-1)).toBe(family?.sessionId);
      expect(family?.sessionId).not.toBe(sessionId);
    }
  });

  it('keeps updatedAt of the sessions that it continues', () => {
    const newest = indexes(directory).flatMap((index) => Object.values(index).map(({ updatedAt }) => updatedAt));
    expect(Math.max(...newest)).toBeGreaterThan(storeNow);
  });

  it('leaves no temporary file behind', () => {
    for (const agent of readdirSync(join(directory, 'agents'))) {
      expect(sessionFiles(directory, agent).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('does the same for the same seed', () => {
    const sizes = (store: ReturnType<typeof livedStore>) =>
      store.after.map(({ name, path }) => [name, statSync(path).size]);
    expect(sizes(livedStore(12, 200))).toEqual(sizes(livedStore(12, 200)));
  });

  it('gives a last line that was cut short its newline before it appends', () => {
    const { directory: damaged } = smallStore(11, { malformed: 0 });
    const cut = readTranscripts(damaged).filter((transcript) => transcript.class === 'primary');
    for (const { path, text } of cut) writeFileSync(path, `${text}{"type":"mess`);
    const clock = new SteppingClock();
    const appender = new DemoAppender(damaged, { seed: 1, clock });
    for (let step = 0; step < 100; step++) appender.step();
    for (const { lines, records } of readTranscripts(damaged)) {
      expect(lines.length - records.length).toBeLessThanOrEqual(1);
    }
  });

  it('refuses a directory that was not generated', () => {
    const options = { seed: 1, clock: new SteppingClock() };
    expect(() => new DemoAppender(temporaryStateDir(), options)).toThrow(/expected a generated state directory/);
  });
});

function indexes(
  directory: string,
): Record<string, { sessionId: string; updatedAt: number; usageFamilySessionIds: string[] }>[] {
  return readdirSync(join(directory, 'agents')).map((agent) =>
    JSON.parse(readFileSync(join(directory, 'agents', agent, 'sessions', 'sessions.json'), 'utf8')),
  );
}
