/** What usage adds up to in the gateway's answers: tokens, dollars, and what has no price. */
import type { ModelKey } from '../../compute/digest.ts';
import {
  CACHE_READ,
  CACHE_READ_COST,
  CACHE_WRITE,
  CACHE_WRITE_COST,
  COST,
  ESTIMATED_CACHE_READ_COST,
  ESTIMATED_CACHE_WRITE_COST,
  ESTIMATED_INPUT_COST,
  ESTIMATED_OUTPUT_COST,
  type Figures,
  INPUT,
  INPUT_COST,
  MISSING,
  OUTPUT,
  OUTPUT_COST,
  TOTAL_TOKENS,
} from '../../compute/figures.ts';
import type { NanoDollars } from '../../units.ts';
import { dollars } from '../totals.ts';
import type { Dialect } from './answer.ts';

/** As answers have it; dollars. */
export interface CostTotals {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly totalTokens: number;
  readonly totalCost: number;
  readonly inputCost: number;
  readonly outputCost: number;
  readonly cacheReadCost: number;
  readonly cacheWriteCost: number;
  readonly missingCostEntries: number;
  /** Of 2026.9, where there is any; by `provider/model`. */
  readonly missingCostByModel?: Readonly<Record<string, number>> | undefined;
}

export class CostSum {
  input = 0;
  output = 0;
  cacheRead = 0;
  cacheWrite = 0;
  totalTokens = 0;
  totalCost: NanoDollars = 0;
  #inputCost: NanoDollars = 0;
  #outputCost: NanoDollars = 0;
  #cacheReadCost: NanoDollars = 0;
  #cacheWriteCost: NanoDollars = 0;
  #missing = 0;
  #missingByModel: Map<string, number> | null = null;

  /** Adds a cell of a digest. 2026.5 leaves estimates out of the parts of a cost, and does not tell what lacks a price. */
  addCell(figures: Figures, { provider, model }: ModelKey, dialect: Dialect): void {
    this.input += figures[INPUT] as number;
    this.output += figures[OUTPUT] as number;
    this.cacheRead += figures[CACHE_READ] as number;
    this.cacheWrite += figures[CACHE_WRITE] as number;
    this.totalTokens += figures[TOTAL_TOKENS] as number;
    this.totalCost += figures[COST] as number;
    this.#inputCost += figures[INPUT_COST] as number;
    this.#outputCost += figures[OUTPUT_COST] as number;
    this.#cacheReadCost += figures[CACHE_READ_COST] as number;
    this.#cacheWriteCost += figures[CACHE_WRITE_COST] as number;
    const missing = figures[MISSING] as number;
    this.#missing += missing;
    if (dialect === '2026.5') {
      this.#inputCost -= figures[ESTIMATED_INPUT_COST] as number;
      this.#outputCost -= figures[ESTIMATED_OUTPUT_COST] as number;
      this.#cacheReadCost -= figures[ESTIMATED_CACHE_READ_COST] as number;
      this.#cacheWriteCost -= figures[ESTIMATED_CACHE_WRITE_COST] as number;
    } else if (missing > 0) {
      this.#addMissing(`${provider ?? 'unknown'}/${model ?? 'unknown'}`, missing);
    }
  }

  add(other: CostSum): void {
    this.input += other.input;
    this.output += other.output;
    this.cacheRead += other.cacheRead;
    this.cacheWrite += other.cacheWrite;
    this.totalTokens += other.totalTokens;
    this.totalCost += other.totalCost;
    this.#inputCost += other.#inputCost;
    this.#outputCost += other.#outputCost;
    this.#cacheReadCost += other.#cacheReadCost;
    this.#cacheWriteCost += other.#cacheWriteCost;
    this.#missing += other.#missing;
    for (const [model, count] of other.#missingByModel ?? []) this.#addMissing(model, count);
  }

  /** Tokens by kind, which a recorded total need not agree with. */
  get componentTokens(): number {
    return this.input + this.output + this.cacheRead + this.cacheWrite;
  }

  totals(): CostTotals {
    return {
      input: this.input,
      output: this.output,
      cacheRead: this.cacheRead,
      cacheWrite: this.cacheWrite,
      totalTokens: this.totalTokens,
      totalCost: dollars(this.totalCost),
      inputCost: dollars(this.#inputCost),
      outputCost: dollars(this.#outputCost),
      cacheReadCost: dollars(this.#cacheReadCost),
      cacheWriteCost: dollars(this.#cacheWriteCost),
      missingCostEntries: this.#missing,
      missingCostByModel: this.#missingByModel === null ? undefined : Object.fromEntries(this.#missingByModel),
    };
  }

  #addMissing(model: string, count: number): void {
    this.#missingByModel ??= new Map();
    this.#missingByModel.set(model, (this.#missingByModel.get(model) ?? 0) + count);
  }
}
