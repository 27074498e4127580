import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { redactionOf } from '../../src/snapshot/redaction.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'clawgauge-redaction-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('redaction', () => {
  test('hides the peer and keeps agent, channel and kind', () => {
    const redact = redactionOf(directory);
    const shown = redact('agent:main:whatsapp:direct:+491701234567');
    expect(shown).toMatch(/^agent:main:whatsapp:direct:[0-9a-f]{12}$/);
    expect(redact('agent:main:telegram:group:-100:topic:7')).toMatch(/^agent:main:telegram:group:[0-9a-f]{12}$/);
  });

  test.each(['agent:main:main', 'agent:ops:cron:1b2c'])('leaves %s, which names nobody', (key) => {
    expect(redactionOf(directory)(key)).toBe(key);
  });

  test('hides a key of another shape whole', () => {
    expect(redactionOf(directory)('whatsapp:+491701234567')).toMatch(/^[0-9a-f]{12}$/);
  });

  test('hides equal keys alike, also after a restart, and different ones differently', () => {
    const key = 'agent:main:signal:direct:+1555';
    const before = redactionOf(directory)(key);
    expect(redactionOf(directory)(key)).toBe(before);
    expect(redactionOf(directory)('agent:main:signal:direct:+1556')).not.toBe(before);
    expect(statSync(join(directory, 'redaction.key')).mode & 0o777).toBe(0o600);
  });

  test('is another for every installation, so that nobody can try out numbers', () => {
    const other = mkdtempSync(join(tmpdir(), 'clawgauge-redaction-'));
    const key = 'agent:main:signal:direct:+1555';
    expect(redactionOf(other)(key)).not.toBe(redactionOf(directory)(key));
    rmSync(other, { recursive: true });
  });

  test('works without a place to keep its key', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(redactionOf(join(directory, 'file', 'below'))('agent:a:b:direct:1')).toMatch(/:[0-9a-f]{12}$/);
  });
});
