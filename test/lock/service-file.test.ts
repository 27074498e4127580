import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readServiceFile, type ServiceFacts, writeServiceFile } from '../../src/lock/service-file.ts';
import { temporaryStateDir } from '../support/stores.ts';

const facts: ServiceFacts = {
  url: 'http://127.0.0.1:18790/gauge',
  basePath: '/gauge',
  version: '1.2.3',
  pid: 4711,
  startedAt: 1_795_000_000_000,
  needsToken: true,
  pass: 'something random',
};

test('service.json holds what was said, for its owner alone, until it is taken back', () => {
  const directory = temporaryStateDir();
  const remove = writeServiceFile(directory, facts);
  expect(readServiceFile(directory)).toEqual(facts);
  expect(readdirSync(directory)).toEqual(['service.json']);
  expect(statSync(join(directory, 'service.json')).mode & 0o777).toBe(0o600);
  remove();
  expect(readServiceFile(directory)).toBeNull();
  expect(readdirSync(directory)).toEqual([]);
});

test('service.json takes the place of one that was left behind, whoever could read that', () => {
  const directory = temporaryStateDir();
  writeFileSync(join(directory, 'service.json'), '{"url": "http://elsewhere"', { mode: 0o644 });
  expect(readServiceFile(directory)).toBeNull();
  writeServiceFile(directory, facts);
  expect(readServiceFile(directory)).toEqual(facts);
  expect(statSync(join(directory, 'service.json')).mode & 0o777).toBe(0o600);
});

test('a directory in which it cannot be written costs the service nothing', () => {
  const directory = temporaryStateDir();
  mkdirSync(join(directory, 'service.json'));
  const remove = writeServiceFile(directory, facts);
  expect(() => remove()).not.toThrow();
  expect(() => writeServiceFile(join(directory, 'missing'), facts)).not.toThrow();
  expect(readdirSync(directory)).toEqual(['service.json']);
});

test('a file that lacks what it is for is as good as none', () => {
  const directory = temporaryStateDir();
  for (const text of ['', '[]', 'null', '{}', '{"url":1,"pid":1,"startedAt":1}']) {
    writeFileSync(join(directory, 'service.json'), text);
    expect(readServiceFile(directory), text).toBeNull();
  }
});
