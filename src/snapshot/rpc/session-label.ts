/** What 2026.9 calls a session that nobody gave a label: by what its entry tells of the group or the person behind it. */
import type { EntryDetails } from '../../compute/entry-details.ts';
import type { CallRow } from './call-rows.ts';
import { channelOf } from './entry-channel.ts';
import { parseSessionKey } from './session-key.ts';

/** Undefined where nothing tells. */
export function sessionLabel(row: Pick<CallRow, 'key' | 'entry'>, details: EntryDetails): string | undefined {
  const { key, entry } = row;
  if (entry?.label) return entry.label.trim();
  const place = placeOf(key);
  const isGroup = [details.chatType, place?.kind].some((kind) => kind === 'group' || kind === 'channel');
  const title = isGroup ? groupTitle(details) : undefined;
  if (title !== undefined) return title;
  const channel = channelOf(row) ?? place?.channel;
  const compact = isGroup && channel !== undefined ? groupName(channel, details, place?.id ?? key) : undefined;
  const isMessages = channel === 'imessage';
  const ownName = isMessages && isGroup && details.displayName === compact ? undefined : textOf(details.displayName);
  const named = ownName ?? textOf(details.autoLabel) ?? (isMessages ? undefined : compact);
  if (named !== undefined || parseSessionKey(key)?.rest.startsWith('dashboard:')) return named;
  const isFallback = isMessages && isGroup && place !== null;
  return originLabel(details, isFallback ? `group id:${place.id.toLowerCase()}` : null);
}

/** Where a conversation takes place, from `<channel>:<kind>:<id>`. */
function placeOf(key: string): { readonly channel: string; readonly kind: string; readonly id: string } | null {
  const [channel, kind, ...id] = (parseSessionKey(key)?.rest ?? key).split(':').filter((part) => part !== '');
  if (channel === undefined || (kind !== 'group' && kind !== 'channel') || id.length === 0) return null;
  return { channel, kind, id: id.join(':') };
}

function groupTitle({ groupChannel, space, subject, topicName }: EntryDetails): string | undefined {
  const channel = textOf(groupChannel);
  const place = textOf(space);
  if (channel !== undefined) {
    const named = channel.startsWith('#') ? channel : `#${channel}`;
    return place === undefined ? named : `${place} ${named}`;
  }
  const parts = [textOf(subject) ?? place, textOf(topicName)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' / ');
}

/** A short name of a group of which nothing but its id is known. */
function groupName(channel: string, { groupChannel, space, subject, topicName }: EntryDetails, id: string): string {
  const [own, place] = [textOf(groupChannel), textOf(space)];
  const joined =
    own !== undefined && place !== undefined ? `${place}${own.startsWith('#') ? '' : '#'}${own}` : undefined;
  const told = joined ?? own ?? groupTitle({ subject, topicName }) ?? place ?? id;
  let token = slugOf(told);
  if (own === undefined) token = token.replace(/^#+/, '');
  if (token !== '' && !/^[@#]|^g-|#/.test(token)) token = `g-${token}`;
  return token === '' ? channel.toLowerCase() : `${channel.toLowerCase()}:${token}`;
}

function slugOf(text: string): string {
  return text
    .normalize('NFC')
    .trim()
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^\p{L}\p{M}\p{N}#@._+-]+/gu, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}

/** The name of who wrote, unless it is only an address. */
function originLabel({ origin }: EntryDetails, fallback: string | null): string | undefined {
  const { label, from } = (origin ?? {}) as { readonly label?: unknown; readonly from?: unknown };
  const name = textOf(label);
  const address = textOf(from);
  const tail = address?.split(':').at(-1);
  const isOpaque = tail !== undefined && (tail.includes('@') || /^[+]?[\d\s().-]+$/.test(tail));
  const isAddress = name !== undefined && (name === address || (isOpaque && name === tail));
  return isAddress || (fallback !== null && name?.toLowerCase() === fallback) ? undefined : name;
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
}
