/** What was read of OpenClaw's configurations: one a state directory. */
import { placeOf, qualifiedAgent } from '../agent-id.ts';
import type { AgentRoster } from '../compute/agent-roster.ts';
import { type Inventory, type KnownConfig, subjectIn } from '../compute/inventory.ts';
import type { OpenClawConfig } from '../compute/openclaw-config.ts';
import type { Problem } from '../compute/transcript.ts';

export class StateConfigs {
  readonly #configs = new Map<string | null, OpenClawConfig>();

  /** What an inventory need not read again; null when it was never read. */
  known(place: string | null): KnownConfig | null {
    const config = this.#configs.get(place);
    return config === undefined
      ? null
      : { agents: config.agents, agentDirectories: config.agentDirectories, files: config.files };
  }

  /** What cannot be read of it now stays as it was. */
  take({ place, config }: Inventory): void {
    if (config === null) return;
    const agentDirectories = config.agentDirectories ?? this.#configs.get(place)?.agentDirectories ?? null;
    this.#configs.set(place, { ...config, agentDirectories });
  }

  problems(): Problem[] {
    return [...this.#configs].flatMap(([place, { problems }]) => problems.map((it) => subjectIn(place, it)));
  }

  /**
   * The agents of all state directories; null before any configuration was read. Questions that name none are about the
   * first one. Where one configures no agents, those that have a store count.
   * @param agents that have a store
   */
  roster(agents: readonly string[]): AgentRoster | null {
    const first = this.#configs.get(null)?.roster;
    if (this.#configs.size === 0) return null;
    if (this.#configs.size === 1 && first !== undefined) return first;
    const configured = [...this.#configs].flatMap(([place, { roster }]) =>
      roster.configured.length > 0
        ? roster.configured.map((id) => qualifiedAgent(id, place))
        : agents.filter((agent) => placeOf(agent) === place),
    );
    const { defaultAgent, impliedOwner } = first ?? { defaultAgent: 'main', impliedOwner: null };
    return { configured, defaultAgent, impliedOwner };
  }
}
