/** What has to be known of the state directory before a call can be understood: whose agents there are, and of which era. */
import type { AgentRoster } from '../../compute/agent-roster.ts';
import type { Dialect } from './answer.ts';

export interface CallContext {
  readonly roster: AgentRoster;
  /** The agents that have a store, each with its era, in the order of their ids. */
  readonly eras: Readonly<Record<string, Dialect>>;
}

/** The dialect of everything together: the later one, as soon as one agent is of it. */
export function dialectOf({ eras }: CallContext): Dialect {
  return Object.values(eras).includes('2026.9') ? '2026.9' : '2026.5';
}

/** The agents that a question about all of them is about: those that are configured, or else all that have a store. */
export function allAgents({ roster, eras }: CallContext): readonly string[] {
  return roster.configured.length > 0 ? roster.configured : Object.keys(eras);
}
