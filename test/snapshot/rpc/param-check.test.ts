/** Against what the real validators of both versions said, recorded in fixtures/rpc/params.json. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkParams } from '../../../src/snapshot/rpc/param-check.ts';
import { SESSIONS_PARAMS } from '../../../src/snapshot/rpc/params.ts';

interface Recorded {
  readonly params: unknown;
  readonly '2026.5': string | null;
  readonly '2026.9': string | null;
}

const FIXTURE = new URL('../../fixtures/rpc/params.json', import.meta.url);
const recorded = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Recorded[];

test.each(recorded)('sessions.usage $params', ({ params, ...said }) => {
  expect(checkParams(params, SESSIONS_PARAMS['2026.5'], '2026.5')).toBe(said['2026.5']);
  expect(checkParams(params, SESSIONS_PARAMS['2026.9'], '2026.9')).toBe(said['2026.9']);
});
