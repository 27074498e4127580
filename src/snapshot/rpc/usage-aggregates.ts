/** What the rows of `sessions.usage` add up to: its totals and `aggregates`, over every row that matched. */
import type { Milliseconds } from '../../units.ts';
import { dollars } from '../totals.ts';
import type { DayNumber } from '../zone.ts';
import type { Dialect } from './answer.ts';
import { type LatencyStats, mergedLatency, shownSum } from './call-latency.ts';
import { CostSum } from './cost-sum.ts';
import type { Creator } from './creators.ts';
import { dayName } from './day-name.ts';
import { MessageSum } from './message-sum.ts';
import {
  compareUsage,
  type DayModel,
  entryOf,
  type ModelSum,
  mergeDayModel,
  mergeModel,
  modelName,
  shownDayModel,
  shownModel,
} from './model-sum.ts';
import { type SessionUsage, toolsOf } from './session-usage.ts';

interface Day {
  tokens: number;
  cost: number;
  messages: number;
  toolCalls: number;
  errors: number;
}

/** What is known of a row besides its usage. */
export interface RowSource {
  readonly agent: string;
  readonly channel: string | null;
  readonly creator: Creator;
}

class CreatorSum {
  readonly creator: Creator;
  readonly cost = new CostSum();
  readonly days = new Map<DayNumber, CostSum>();
  /** How many sessions were active on the same days; by those days. */
  readonly activity = new Map<string, { readonly dates: readonly string[]; sessionCount: number }>();
  sessions = 0;

  constructor(creator: Creator) {
    this.creator = creator;
  }
}

export class UsageAggregates {
  readonly #dialect: Dialect;
  readonly #cost = new CostSum();
  readonly #messages = new MessageSum();
  readonly #tools = new Map<string, number>();
  readonly #models = new Map<string, ModelSum>();
  readonly #providers = new Map<string, ModelSum>();
  readonly #agents = new Map<string, CostSum>();
  readonly #channels = new Map<string, CostSum>();
  readonly #creators = new Map<string, CreatorSum>();
  readonly #days = new Map<DayNumber, Day>();
  readonly #costDays = new Map<DayNumber, CostSum>();
  readonly #dayModels = new Map<string, DayModel>();
  readonly #dayLatency = new Map<DayNumber, LatencyStats | null>();
  #latency: LatencyStats | null = null;
  #sessions = 0;
  #longest: Milliseconds = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  add(usage: SessionUsage, { agent, channel, creator }: RowSource): void {
    this.#cost.add(usage.cost);
    this.#messages.add(usage.messages);
    for (const [tool, calls] of usage.tools) this.#tools.set(tool, (this.#tools.get(tool) ?? 0) + calls);
    for (const sum of usage.models.values()) {
      const { provider, model } = sum;
      mergeModel(this.#models, modelName(provider, model), sum);
      mergeModel(this.#providers, modelName(provider, ''), { ...sum, model: undefined });
    }
    entryOf(this.#agents, agent, () => new CostSum()).add(usage.cost);
    if (channel !== null) entryOf(this.#channels, channel, () => new CostSum()).add(usage.cost);
    for (const model of usage.dayModels.values()) {
      mergeDayModel(this.#dayModels, `${model.day} ${modelName(model.provider, model.model)}`, model);
    }
    this.#latency = mergedLatency(this.#latency, usage.latency);
    this.#addDays(usage);
    if (this.#dialect === '2026.9') this.#addSession(usage, creator);
  }

  totals(): object {
    return this.#cost.totals();
  }

  shown(): object {
    const later = this.#dialect === '2026.9';
    const rest = {
      latency: shownSum(this.#latency),
      dailyLatency: byDay(this.#dayLatency).flatMap(([day, latency]) =>
        latency === null ? [] : [{ date: dayName(day), ...shownSum(latency) }],
      ),
      modelDaily: [...this.#dayModels.values()].sort((a, b) => a.day - b.day || b.cost - a.cost).map(shownDayModel),
      daily: byDay(this.#days).map(([day, sums]) => ({ date: dayName(day), ...sums, cost: dollars(sums.cost) })),
    };
    return {
      sessionCount: later ? this.#sessions : undefined,
      longestSessionDurationMs: later && this.#longest > 0 ? this.#longest : undefined,
      messages: { ...this.#messages },
      tools: toolsOf(this.#tools),
      byModel: sortedModels(this.#models),
      byProvider: sortedModels(this.#providers),
      byAgent: sortedCosts(this.#agents).map(([agentId, cost]) => ({ agentId, totals: cost.totals() })),
      byChannel: sortedCosts(this.#channels).map(([channel, cost]) => ({ channel, totals: cost.totals() })),
      byCreator: later ? this.#shownCreators() : undefined,
      costDaily: later ? shownDays(this.#costDays) : undefined,
      ...rest,
    };
  }

  #addDays(usage: SessionUsage): void {
    for (const [day, { cost, messages, used, latency }] of usage.days) {
      const sums = entryOf(this.#days, day, () => ({ tokens: 0, cost: 0, messages: 0, toolCalls: 0, errors: 0 }));
      sums.tokens += this.#dialect === '2026.5' ? cost.componentTokens : cost.totalTokens;
      sums.cost += cost.totalCost;
      sums.messages += messages.total;
      sums.toolCalls += messages.toolCalls;
      sums.errors += messages.errors;
      if (used) entryOf(this.#costDays, day, () => new CostSum()).add(cost);
      if (latency !== null) {
        this.#dayLatency.set(day, mergedLatency(this.#dayLatency.get(day) ?? null, latency));
      }
    }
  }

  #addSession(usage: SessionUsage, creator: Creator): void {
    const sum = entryOf(this.#creators, creator.key, () => new CreatorSum(creator));
    sum.cost.add(usage.cost);
    for (const [day, { cost }] of usage.days) entryOf(sum.days, day, () => new CostSum()).add(cost);
    if (usage.first !== null && usage.last !== null) {
      this.#longest = Math.max(this.#longest, usage.last - usage.first);
    }
    if (usage.first === null && usage.messages.total === 0) return;
    this.#sessions++;
    sum.sessions++;
    const dates = byDay(usage.days).map(([day]) => dayName(day));
    entryOf(sum.activity, dates.join(), () => ({ dates, sessionCount: 0 })).sessionCount++;
  }

  #shownCreators(): object[] {
    return [...this.#creators.values()]
      .sort((a, b) => compareUsage(a.cost, b.cost) || a.creator.key.localeCompare(b.creator.key))
      .map(({ creator: { key, actor }, cost, sessions, days, activity }) => ({
        key,
        actor,
        totals: cost.totals(),
        sessionCount: sessions,
        daily: shownDays(days),
        sessionActivity: [...activity].sort(([a], [b]) => a.localeCompare(b)).map(([, shown]) => shown),
      }));
  }
}

function sortedModels(models: ReadonlyMap<string, ModelSum>): object[] {
  return [...models.values()].sort((a, b) => compareUsage(a.cost, b.cost)).map(shownModel);
}

function sortedCosts(costs: ReadonlyMap<string, CostSum>): [string, CostSum][] {
  return [...costs].sort(([, a], [, b]) => b.totalCost - a.totalCost);
}

function shownDays(days: ReadonlyMap<DayNumber, CostSum>): object[] {
  return byDay(days).map(([day, cost]) => ({ date: dayName(day), ...cost.totals() }));
}

function byDay<Value>(days: ReadonlyMap<DayNumber, Value>): [DayNumber, Value][] {
  return [...days].sort(([a], [b]) => a - b);
}
