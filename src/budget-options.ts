/** Budgets as the config file gives them: how much may be used of what, in which time, and when to say so. */
import { choice, type Kind, Mismatch, text } from './option-kinds.ts';
import { type Filters, SESSION_KINDS } from './snapshot/query.ts';

/** A budget of the service, in its zone. */
export interface Budget {
  readonly name: string;
  /** Which usage it is about, as in /v1/usage; without any, all of it. */
  readonly filters: Filters;
  readonly per: 'day' | 'week' | 'month';
  readonly unit: 'usd' | 'tokens';
  /** US dollars at list prices, or tokens. */
  readonly limit: number;
  /** Percent of the limit, ascending. */
  readonly thresholds: readonly number[];
}

type Names = string | readonly string[];

/** The same as a user writes it. */
export interface WrittenBudget {
  readonly name: string;
  readonly agent?: Names;
  readonly channel?: Names;
  readonly kind?: Names;
  readonly provider?: Names;
  readonly model?: Names;
  readonly per: Budget['per'];
  readonly limit: { readonly usd: number } | { readonly tokens: number };
  /** 50, 80 and 100 where none are given. */
  readonly thresholds?: readonly number[];
}

const MAX_BUDGETS = 64;
/** As in the filters of /v1/usage. */
const MAX_NAMES = 64;
const MAX_LIMITS = { usd: 1e6, tokens: 1e15 } as const;
const MEMBERS = ['name', 'agent', 'channel', 'kind', 'provider', 'model', 'per', 'limit', 'thresholds'];
const DEFAULT_THRESHOLDS = [50, 80, 100];

/** Budgets with names of their own. */
export const budgets: Kind<readonly Budget[], readonly WrittenBudget[]> = (input) => {
  if (!Array.isArray(input) || input.length > MAX_BUDGETS) {
    throw new Mismatch(`a list of at most ${MAX_BUDGETS} budgets`, input);
  }
  const all = input.map((value, at) => within(`[${at}]`, () => budget(value)));
  all.forEach(({ name }, at) => {
    if (all.findIndex((other) => other.name === name) !== at) {
      throw new Mismatch('a name that no other budget has', name, `[${at}].name`);
    }
  });
  return all;
};

function budget(input: unknown): Budget {
  const given = objectOf(input, MEMBERS);
  const member = <Value>(name: string, kind: Kind<Value>): Value => within(`.${name}`, () => kind(given[name]));
  return {
    name: member('name', nameOf),
    filters: {
      agent: member('agent', namesOf(filterName)),
      channel: member('channel', namesOf(filterName)),
      kind: member('kind', namesOf(choice(...SESSION_KINDS))),
      provider: member('provider', namesOf(filterName)),
      model: member('model', namesOf(filterName)),
    },
    per: member('per', choice('day', 'week', 'month')),
    ...member('limit', limitOf),
    thresholds: member('thresholds', thresholdsOf),
  };
}

const nameOf = text('a name of at most 64 characters', (name) => name.trim() !== '' && name.length <= 64);
const filterName = text('a name', (name) => name !== '' && name.length <= 512);

/** None where nothing is given; sorted, as filters are everywhere. */
function namesOf(name: Kind<string>): Kind<readonly string[]> {
  return (input) => {
    if (input === undefined) return [];
    const names = Array.isArray(input) ? input : [input];
    if (names.length === 0 || names.length > MAX_NAMES) throw new Mismatch(`1 to ${MAX_NAMES} names`, input);
    return [...new Set(names.map((it) => name(it)))].sort();
  };
}

const limitOf: Kind<Pick<Budget, 'unit' | 'limit'>> = (input) => {
  const expected = 'either { usd } with a number above 0, or { tokens } with a whole one';
  const [[unit, limit] = [], ...others] = Object.entries(objectOf(input, ['usd', 'tokens'], expected));
  const fits = typeof limit === 'number' && limit > 0 && others.length === 0;
  if (fits && unit === 'usd' && limit <= MAX_LIMITS.usd) return { unit, limit };
  if (fits && unit === 'tokens' && Number.isInteger(limit) && limit <= MAX_LIMITS.tokens) return { unit, limit };
  throw new Mismatch(expected, input);
};

const thresholdsOf: Kind<readonly number[]> = (input = DEFAULT_THRESHOLDS) => {
  const known = Array.isArray(input) && input.length > 0 && input.length <= 10;
  if (!known || !input.every((it) => Number.isInteger(it) && it >= 1 && it <= 1000)) {
    throw new Mismatch('1 to 10 whole numbers of percent, from 1 to 1000', input);
  }
  return [...new Set(input as number[])].sort((a, b) => a - b);
};

function objectOf(input: unknown, members: readonly string[], expected = 'an object'): Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new Mismatch(expected, input);
  for (const name of Object.keys(input)) {
    if (!members.includes(name)) throw new Mismatch(`one of ${members.join(', ')}`, name);
  }
  return input as Record<string, unknown>;
}

/** Says of a mismatch where it is. */
function within<Value>(at: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new Mismatch(error.expected, error.came, at + error.at);
  }
}
