/** Gateway calls with `--redact`: nothing that tells who a conversation is with, and keys that can still be asked for. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redactionOf } from '../../../src/snapshot/redaction.ts';
import { linesOf } from '../../support/fold-text.ts';
import { KeptStore } from '../../support/kept-store.ts';
import { writeJson, writeWhole } from '../../support/random-store.ts';
import { payloadOf } from '../../support/rpc-answers.ts';
import { temporaryStateDir } from '../../support/stores.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const PHONE = '4404322559';
const KEY = `agent:main:whatsapp:direct:${PHONE}`;

test('hides keys, labels and where messages came from', () => {
  const directory = temporaryStateDir();
  const message = { role: 'assistant', model: 'm', usage: { input: 1 } };
  const path = join(directory, 'agents/main/sessions/a.jsonl');
  writeWhole(path, linesOf([{ timestamp: '2026-11-22T10:00:00Z', message }]));
  const origin = {
    provider: 'whatsapp',
    chatType: 'direct',
    from: `whatsapp:${PHONE}`,
    label: 'Sam',
    accountId: PHONE,
  };
  const entry = { sessionId: 'a', label: `Chat with ${PHONE}`, origin, model: 'm', usageFamilyKey: KEY };
  writeJson(directory, 'agents/main/sessions/sessions.json', { [KEY]: entry });

  const redact = redactionOf(temporaryStateDir());
  const store = new KeptStore(directory, { redact });
  store.refresh(NOW);
  const ask = (params: object) => payloadOf(store, 'sessions.usage', { range: 'all', ...params }, NOW, { redact });

  const answer = ask({ groupBy: 'family' });
  expect(JSON.stringify(answer)).not.toMatch(/4404322559|Sam/);
  const [row] = answer.sessions as { key: string; origin: object }[];
  expect(row).toMatchObject({ channel: 'whatsapp', chatType: 'direct', model: 'm' });
  expect(row?.origin).toEqual({ provider: 'whatsapp', chatType: 'direct' });
  expect(ask({ key: row?.key }).sessions).toMatchObject([{ key: row?.key, sessionId: 'a', usage: { input: 1 } }]);
});
