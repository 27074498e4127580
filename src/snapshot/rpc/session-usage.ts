/**
 * What a row of `sessions.usage` counts for: its transcripts inside the window, added up one by one, because the order
 * of models and tools and the latencies of a row are those of its transcripts.
 */
import { type Cell, type Digest, type ModelKey, UNDATED } from '../../compute/digest.ts';
import { RECORDS } from '../../compute/figures.ts';
import { type Milliseconds, QUARTER_MS, type QuarterHour } from '../../units.ts';
import { inSpan, type Span } from '../session-sum.ts';
import { dollars } from '../totals.ts';
import type { DayNumber, Zone } from '../zone.ts';
import type { Dialect } from './answer.ts';
import { type LatencyStats, mergedLatency, shownLatency, TranscriptLatencies } from './call-latency.ts';
import { CostSum } from './cost-sum.ts';
import { dayName } from './day-name.ts';
import { MessageSum } from './message-sum.ts';
import {
  addModel,
  compareUsage,
  type DayModel,
  entryOf,
  type ModelSum,
  mergeDayModel,
  mergeModel,
  shownDayModel,
  shownModel,
} from './model-sum.ts';

export interface DaySum {
  readonly cost: CostSum;
  readonly messages: MessageSum;
  /** Whether anything in it counts as usage; 2026.9 lists days without, too. */
  used: boolean;
  latency: LatencyStats | null;
}

interface QuarterSum {
  readonly cost: CostSum;
  readonly messages: MessageSum;
  used: boolean;
}

const QUARTERS_A_DAY = 96;

/** What all rows of an answer are added up by. */
export interface UsageRules {
  readonly dialect: Dialect;
  readonly span: Span;
  /** That days are told apart in. */
  readonly zone: Zone;
}

export class SessionUsage {
  readonly cost = new CostSum();
  readonly messages = new MessageSum();
  readonly days = new Map<DayNumber, DaySum>();
  readonly models = new Map<string, ModelSum>();
  readonly dayModels = new Map<string, DayModel>();
  readonly tools = new Map<string, number>();
  first: Milliseconds | null = null;
  last: Milliseconds | null = null;
  latency: LatencyStats | null = null;
  readonly #rules: UsageRules;
  readonly #quarters = new Map<QuarterHour, QuarterSum>();

  constructor(rules: UsageRules) {
    this.#rules = rules;
  }

  /** Adds what a transcript counts for inside the window. */
  add(digest: Digest): void {
    const { span, zone } = this.#rules;
    const all = new TranscriptLatencies();
    const byDay = new Map<DayNumber, TranscriptLatencies>();
    const models = new Map<string, ModelSum>();
    const dayModels = new Map<string, DayModel>();
    const tools = new Map<number, number>();
    const quarters = [...digest.cells.keys()].filter((quarter) => inSpan(span, quarter)).sort((a, b) => a - b);
    for (const quarter of quarters) {
      const day = quarter === UNDATED ? null : zone.dayOf(quarter * QUARTER_MS);
      for (const [index, cell] of digest.cells.get(quarter) as Map<number, Cell>) {
        const model = digest.models[index] as ModelKey;
        this.#addCell(cell, model, quarter, day);
        addModel(models, dayModels, cell, model, day, this.#rules.dialect);
        for (const [tool, calls] of [...cell.tools].sort(byTool)) tools.set(tool, (tools.get(tool) ?? 0) + calls);
        if (cell.latencies.size === 0) continue;
        all.addCell(cell);
        if (day !== null) entryOf(byDay, day, () => new TranscriptLatencies()).addCell(cell);
      }
      this.#addActivity(digest, quarter);
    }
    this.latency = mergedLatency(this.latency, all.finish());
    for (const [day, latencies] of byDay) {
      const sum = this.#day(day);
      sum.latency = mergedLatency(sum.latency, latencies.finish());
    }
    for (const [name, model] of [...models].sort(([, a], [, b]) => compareUsage(a.cost, b.cost))) {
      mergeModel(this.models, name, model);
    }
    for (const [name, model] of [...dayModels].sort(([, a], [, b]) => a.day - b.day || b.cost - a.cost)) {
      mergeDayModel(this.dayModels, name, model);
    }
    for (const [tool, calls] of this.#sortedTools(digest, tools)) {
      this.tools.set(tool, (this.tools.get(tool) ?? 0) + calls);
    }
  }

  /** As the answer has it, but for the names of the session and its file. */
  shown(identity: { readonly sessionId: string; readonly sessionFile: string }): object {
    const later = this.#rules.dialect === '2026.9';
    const days = [...this.days].sort(([a], [b]) => a - b);
    const used = days.filter(([, day]) => day.used);
    const quarters = [...this.#quarters].sort(([a], [b]) => a - b);
    const counted = {
      messageCounts: { ...this.messages },
      toolUsage: this.tools.size === 0 ? undefined : toolsOf(this.tools),
      modelUsage: someOf([...this.models.values()].map(shownModel)),
      latency: shownLatency(this.latency),
    };
    const dated = {
      activityDates: someOf(days.map(([day]) => dayName(day))),
      dailyBreakdown: someOf(used.map(([day, { cost }]) => this.#shownDay(day, cost))),
      dailyMessageCounts: someOf(days.map(([day, { messages }]) => ({ date: dayName(day), ...messages }))),
      utcQuarterHourMessageCounts: someOf(quarters.map(([at, { messages }]) => ({ ...nameOf(at), ...messages }))),
      utcQuarterHourTokenUsage: someOf(
        quarters.filter(([, { used }]) => used).map(([at, { cost }]) => ({ ...nameOf(at), ...tokensOf(cost) })),
      ),
      dailyLatency: someOf(
        days.flatMap(([day, { latency }]) =>
          latency === null ? [] : [{ date: dayName(day), ...shownLatency(latency) }],
        ),
      ),
      dailyModelUsage: someOf([...this.dayModels.values()].sort((a, b) => a.day - b.day).map(shownDayModel)),
    };
    const { missingCostByModel, ...totals } = this.cost.totals();
    return {
      ...totals,
      ...identity,
      missingCostByModel,
      firstActivity: this.first ?? undefined,
      lastActivity: this.last ?? undefined,
      durationMs: this.first === null || this.last === null ? undefined : this.last - this.first,
      ...(later ? { ...counted, ...dated } : { ...dated, ...counted }),
    };
  }

  #addCell({ figures }: Cell, model: ModelKey, quarter: QuarterHour, day: DayNumber | null): void {
    const { dialect } = this.#rules;
    const used = dialect === '2026.9' || (figures[RECORDS] as number) > 0;
    this.cost.addCell(figures, model, dialect);
    this.messages.addCell(figures, model);
    if (day === null) return;
    for (const sum of [this.#day(day), this.#quarter(quarter)]) {
      sum.cost.addCell(figures, model, dialect);
      sum.messages.addCell(figures, model);
      sum.used ||= used;
    }
  }

  #addActivity(digest: Digest, quarter: QuarterHour): void {
    const activity = digest.activity.get(quarter);
    if (activity === undefined) return;
    this.first = Math.min(this.first ?? activity.first, activity.first);
    this.last = Math.max(this.last ?? activity.last, activity.last);
  }

  #day(day: DayNumber): DaySum {
    return entryOf(this.days, day, () => ({
      cost: new CostSum(),
      messages: new MessageSum(),
      used: false,
      latency: null,
    }));
  }

  #quarter(quarter: QuarterHour): QuarterSum {
    return entryOf(this.#quarters, quarter, () => ({ cost: new CostSum(), messages: new MessageSum(), used: false }));
  }

  /** Of a transcript: 2026.9 sorts equally used ones by name, 2026.5 leaves them in the order of their first use. */
  #sortedTools(digest: Digest, tools: ReadonlyMap<number, number>): [name: string, calls: number][] {
    const named = [...tools].map(([tool, calls]): [string, number] => [digest.tools[tool] as string, calls]);
    const later = this.#rules.dialect === '2026.9';
    return named.sort(([a, fewer], [b, more]) => more - fewer || (later ? a.localeCompare(b) : 0));
  }

  #shownDay(day: DayNumber, cost: CostSum): object {
    const date = dayName(day);
    if (this.#rules.dialect === '2026.5') return { date, tokens: cost.componentTokens, cost: dollars(cost.totalCost) };
    return { date, tokens: cost.totalTokens, cost: dollars(cost.totalCost), ...cost.totals() };
  }
}

/** Tools of a quarter hour in the order in which the transcript came to use them. */
function byTool([a]: readonly [number, number], [b]: readonly [number, number]): number {
  return a - b;
}

export function toolsOf(tools: ReadonlyMap<string, number>): object {
  const sorted = [...tools].sort(([, a], [, b]) => b - a);
  return {
    totalCalls: sorted.reduce((sum, [, count]) => sum + count, 0),
    uniqueTools: sorted.length,
    tools: sorted.map(([name, count]) => ({ name, count })),
  };
}

function nameOf(quarter: QuarterHour): { readonly date: string; readonly quarterIndex: number } {
  const day = Math.floor(quarter / QUARTERS_A_DAY);
  return { date: dayName(day), quarterIndex: quarter - day * QUARTERS_A_DAY };
}

function tokensOf({ input, output, cacheRead, cacheWrite, totalTokens, totalCost }: CostSum): object {
  return { input, output, cacheRead, cacheWrite, totalTokens, totalCost: dollars(totalCost) };
}

/** Empty lists are left out of answers. */
function someOf<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}
