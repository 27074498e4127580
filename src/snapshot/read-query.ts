/** What is asked about the lines of a session's transcripts, and the key of such a question. */
import type { ReadView } from '../compute/session-read.ts';
import type { SessionTarget } from './query.ts';

/** The session that a key names for the gateway: one transcript, that of the key's entry. */
export interface EntryTarget {
  readonly groupBy: 'entry';
  readonly key: string;
  readonly agent: string;
}

export interface ReadQuery {
  readonly target: SessionTarget | EntryTarget;
  readonly ask: ReadView;
}

/** Equal questions have equal keys. */
export function readKey({ target, ask }: ReadQuery): string {
  const who = target.groupBy === 'instance' ? target.sessionId : target.key;
  const what = ask.view === 'timeseries' ? [ask.points] : [ask.limit, ask.cursor];
  return JSON.stringify([ask.view, ask.form, ...what, target.groupBy, target.agent, who]);
}
