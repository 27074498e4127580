/** What has to be known of the state directory before a call can be understood: whose agents there are, and of which era. */
import { normalizeAgentId, placeOf, plainAgent, qualifiedAgent } from '../../agent-id.ts';
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

/** An agent by the id that a caller gives: qualified where there is such an agent, else as the gateway takes it. */
export function agentNamed(name: string, { roster, eras }: CallContext): string {
  const place = placeOf(name.trim().toLowerCase());
  const qualified = qualifiedAgent(normalizeAgentId(plainAgent(name)), place);
  const known = Object.hasOwn(eras, qualified) || roster.configured.includes(qualified);
  return place !== null && known ? qualified : normalizeAgentId(name);
}

/** Whether an agent is the one that a session key names, which need not say of which state directory. */
export function isNamedBy(agent: string, ofKey: string): boolean {
  return agent === ofKey || plainAgent(agent) === ofKey;
}
