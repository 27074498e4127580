/** What 2026.9 calls sessions: by their label, or what their entries tell. */
import { expect, test } from 'vitest';
import type { EntryDetails } from '../../../src/compute/entry-details.ts';
import type { SessionEntry } from '../../../src/compute/transcript.ts';
import { sessionLabel } from '../../../src/snapshot/rpc/session-label.ts';

const entry: SessionEntry = {
  key: '',
  sessionId: 's',
  updatedAt: null,
  label: null,
  channel: null,
  originProvider: null,
  creator: null,
  familyKey: null,
  familySessionIds: [],
};

function labelOf(key: string, details: EntryDetails = {}, own: Partial<SessionEntry> = {}) {
  return sessionLabel({ key, entry: { ...entry, key, ...own } }, details);
}

const GROUP = 'agent:main:discord:group:-100721968407';
const DIRECT = 'agent:main:slack:direct:1';

test.each<[string, string, EntryDetails, string | undefined]>([
  ['a group by its id', GROUP, {}, 'discord:g-100721968407'],
  ['a group by its channel', GROUP, { groupChannel: 'general', space: 'Acme' }, 'Acme #general'],
  ['a group by its subject and topic', GROUP, { subject: ' Trip ', topicName: 'Food' }, 'Trip / Food'],
  ['a direct chat by the name of the person', DIRECT, { origin: { label: 'Sam', from: 'slack:U1' } }, 'Sam'],
  ['nobody by an address', DIRECT, { origin: { label: '+49 170 1', from: 'whatsapp:+49 170 1' } }, undefined],
  ['a session by its own name first', DIRECT, { displayName: 'Plans', origin: { label: 'Sam' } }, 'Plans'],
  ['a session by the name that was found for it', DIRECT, { autoLabel: 'Plans' }, 'Plans'],
  ['no page of the dashboard', 'agent:main:dashboard:1', { origin: { label: 'Sam' } }, undefined],
  ['nothing by nothing', 'agent:main:main', {}, undefined],
])('it calls %s', (_name, key, details, label) => {
  expect(labelOf(key, details)).toBe(label);
});

test('a label comes before all else', () => {
  expect(labelOf(GROUP, { subject: 'Trip' }, { label: ' Mine ' })).toBe('Mine');
});

test('the channel of the entry comes before that of the key', () => {
  expect(labelOf('agent:main:slack:group:Ab C', {}, { channel: 'Telegram' })).toBe('telegram:g-ab-c');
});
