/**
 * What one transcript adds up to, while it is being added up: figures per quarter hour and model, activity per quarter
 * hour, and the little that the next record needs to know of those before it. Holds no text of a conversation.
 */
import type { Milliseconds, QuarterHour } from '../units.ts';
import { quarterOf } from '../units.ts';
import { latencyOf, type Message } from './accounting.ts';
import { increment } from './counts.ts';
import { addFigures, type Figures, FiguresPool, LATENCY_COUNT, LATENCY_SUM } from './figures.ts';
import { EXACT_LATENCIES, quantised } from './latency.ts';

/** The quarter hour of records without a timestamp: before any that a Date can name. */
export const UNDATED: QuarterHour = -1e10;

/** Different models and tools of one transcript that are told apart; the rest are counted under OTHER. */
export const MAX_MODELS = 256;
export const MAX_TOOLS = 1024;
export const OTHER = '(other)';

/**
 * Cells of one transcript: with so many, what would need another one counts by UTC day, and with so many more without a
 * time. Whoever holds a digest needs a kilobyte for each.
 */
export const MAX_CELLS = 16_384;
export const MAX_DAY_CELLS = 4_096;
const QUARTERS_A_DAY = 96;

/** What figures are told apart by inside a transcript. */
export interface ModelKey {
  readonly role: 'user' | 'assistant';
  readonly provider: string | null;
  readonly model: string | null;
}

export interface Cell {
  readonly figures: Figures;
  /** Tool index to calls. */
  readonly tools: Map<number, number>;
  /** Latency in milliseconds to count. */
  latencies: Map<Milliseconds, number>;
}

/** First and last counted message of a quarter hour. */
export interface Activity {
  first: Milliseconds;
  last: Milliseconds;
}

export class Digest {
  readonly models: ModelKey[] = [];
  readonly tools: string[] = [];
  /** Quarter hour, then model index. */
  readonly cells = new Map<QuarterHour, Map<number, Cell>>();
  readonly activity = new Map<QuarterHour, Activity>();
  /** Time of the last user message that has one: what the next assistant's latency counts from. */
  lastUser: Milliseconds | null = null;
  latencyCount = 0;
  /** Messages with an amount cut to the plausible limit. */
  capped = 0;
  /** Lines that were examined and are not JSON. */
  malformed = 0;
  /** Lines too long to hold of which a member was dropped. */
  cut = 0;

  /** Cells. */
  #size = 0;
  readonly #figures = new FiguresPool();
  readonly #toolIndex = new Map<string, number>();
  /** Messages of one model mostly follow each other, with those of a user between them. */
  readonly #latestModel = { user: 0, assistant: 0 };

  /** Adds one message; the order of calls is the order of the transcript. */
  add(message: Message): void {
    const latency = latencyOf(message, this.lastUser);
    // What a tool gave back stands on the user's side, where no model's figures are.
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const model = this.model(role, message.provider, message.model);
    const quarter = message.timestamp === null ? UNDATED : this.#roomFor(quarterOf(message.timestamp), model);
    const cell = this.cell(quarter, model);
    addFigures(cell.figures, message.figures);
    for (const name of message.tools) increment(cell.tools, this.tool(name), 1);
    if (latency !== null) this.#addLatency(cell, latency);
    if (message.capped) this.capped++;
    if (message.timestamp === null) return;
    if (message.role === 'user') this.lastUser = message.timestamp;
    if (quarter === UNDATED) return;
    const activity = this.activity.get(quarter);
    if (activity === undefined) {
      this.activity.set(quarter, { first: message.timestamp, last: message.timestamp });
    } else {
      activity.first = Math.min(activity.first, message.timestamp);
      activity.last = Math.max(activity.last, message.timestamp);
    }
  }

  /** The index of a model, entered on first sight. */
  model(role: ModelKey['role'], provider: string | null, model: string | null): number {
    const latest = this.models[this.#latestModel[role]];
    if (latest?.role === role && latest.provider === provider && latest.model === model) return this.#latestModel[role];
    const known = this.models.findIndex((it) => it.model === model && it.role === role && it.provider === provider);
    if (known >= 0) {
      this.#latestModel[role] = known;
      return known;
    }
    const other = provider === null && model === OTHER;
    if (this.models.length >= MAX_MODELS && !other) return this.model(role, null, OTHER);
    return this.models.push({ role, provider, model }) - 1;
  }

  /** Cells that it has: what it takes in memory. */
  get size(): number {
    return this.#size;
  }

  tool(name: string): number {
    const known = this.#toolIndex.get(name);
    if (known !== undefined) return known;
    if (this.tools.length >= MAX_TOOLS && name !== OTHER) return this.tool(OTHER);
    const index = this.tools.push(name) - 1;
    this.#toolIndex.set(name, index);
    return index;
  }

  cell(quarter: QuarterHour, model: number): Cell {
    let models = this.cells.get(quarter);
    if (models === undefined) {
      models = new Map();
      this.cells.set(quarter, models);
    }
    let cell = models.get(model);
    if (cell === undefined) {
      cell = { figures: this.#figures.take(), tools: new Map(), latencies: new Map() };
      models.set(model, cell);
      this.#size++;
    }
    return cell;
  }

  /** Where a model's messages of a quarter hour count. */
  #roomFor(quarter: QuarterHour, model: number): QuarterHour {
    if (this.#size < MAX_CELLS) return quarter;
    const isThere = (at: QuarterHour) => this.cells.get(at)?.has(model) === true;
    if (isThere(quarter)) return quarter;
    const day = Math.floor(quarter / QUARTERS_A_DAY) * QUARTERS_A_DAY;
    return this.#size < MAX_CELLS + MAX_DAY_CELLS || isThere(day) ? day : UNDATED;
  }

  #addLatency(cell: Cell, latency: Milliseconds): void {
    cell.figures[LATENCY_COUNT] = (cell.figures[LATENCY_COUNT] as number) + 1;
    cell.figures[LATENCY_SUM] = (cell.figures[LATENCY_SUM] as number) + latency;
    this.latencyCount++;
    if (this.latencyCount === EXACT_LATENCIES + 1) this.#quantise();
    increment(cell.latencies, this.latencyCount > EXACT_LATENCIES ? quantised(latency) : latency, 1);
  }

  #quantise(): void {
    for (const models of this.cells.values()) {
      for (const cell of models.values()) {
        const exact = cell.latencies;
        cell.latencies = new Map();
        for (const [latency, count] of exact) increment(cell.latencies, quantised(latency), count);
      }
    }
  }
}
