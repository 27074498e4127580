/** What OpenClaw writes around the text of a person's message before a model sees it (format.md 2.13). */
import type { Milliseconds } from '../units.ts';

/** Where the messages of a session come from; no channel for sessions that nobody writes to. */
export interface Peer {
  readonly channel: string | null;
  readonly person: string;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The text in one of OpenClaw's envelopes, or in none; `kind`, in [0, 1), chooses. */
export function enveloped(text: string, { channel, person }: Peer, kind: number, at: Milliseconds): string {
  const moment = new Date(at).toISOString();
  const [day, time] = [moment.slice(0, 10), moment.slice(11, 16)];
  if (channel !== null && kind < 0.35) {
    const conversation = fenced({ message_id: String(at % 100_000), sender: person, timestamp: moment });
    const sender = fenced({ label: person, name: person });
    return `Conversation info (untrusted metadata):\n${conversation}\n\nSender (untrusted metadata):\n${sender}\n\n${text}`;
  }
  if (channel !== null && kind < 0.5) {
    const name = channel.charAt(0).toUpperCase() + channel.slice(1);
    return `[${name} ${person} ${day} ${time}] ${text}\n[message_id: ${at % 10_000}]`;
  }
  if (kind < 0.6) return `[${WEEKDAYS[new Date(at).getUTCDay()]} ${day} ${time} UTC] ${text}`;
  return text;
}

function fenced(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}
