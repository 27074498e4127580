/**
 * Checks the parameters of a request against the same JSON Schema that the API's description shows.
 * Only the few keywords that parameters use, so that an error can say what was expected and what came,
 * and so that no schema compiler has to be loaded by the thread that answers.
 */
import { ClawgaugeError } from '../errors.ts';
import { parseDay } from '../snapshot/zone.ts';

export interface TextSchema {
  readonly type: 'string';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly format?: 'date';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: string;
}

export interface CountSchema {
  readonly type: 'integer';
  readonly description?: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

/** A parameter that may be repeated. */
export interface ListSchema {
  readonly type: 'array';
  readonly description?: string;
  readonly items: TextSchema;
  readonly maxItems: number;
}

export interface ParametersSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, TextSchema | CountSchema | ListSchema>>;
}

type TextOf<S> = S extends { enum: readonly (infer Value)[] } ? Value : string;
type ValueOf<S> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'array'; items: infer Item }
    ? TextOf<Item>[]
    : TextOf<S>;

/** The parameters that a schema lets through. */
export type Parameters<S extends ParametersSchema> = {
  readonly [Name in keyof S['properties']]?: ValueOf<S['properties'][Name]>;
};

/**
 * The parameters of a query string (or body) with their types.
 * Throws `unknown_parameter` or `invalid_parameter`, naming what was expected and what came.
 */
export function checkParameters<S extends ParametersSchema>(schema: S, given: unknown): Parameters<S> {
  if (given === null || given === undefined) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new ClawgaugeError('invalid_parameter', `The body must be an object; got ${shown(given)}.`);
  }
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (rule === undefined) throw unknownParameter(name, Object.keys(schema.properties));
    checked[name] = checkValue(name, rule, value);
  }
  return checked as Parameters<S>;
}

/** An `invalid_parameter` error in the words of all others. */
export function invalidParameter(name: string, expected: string, came: unknown): ClawgaugeError {
  return new ClawgaugeError('invalid_parameter', `${shown(name)} must be ${expected}; got ${shown(came)}.`);
}

/** An `unknown_parameter` error, with what is known instead. */
export function unknownParameter(name: string, known: readonly string[]): ClawgaugeError {
  const offer = known.length === 0 ? 'none is known here' : `known here: ${known.join(', ')}`;
  return new ClawgaugeError('unknown_parameter', `The parameter ${shown(name)} is not known; ${offer}.`);
}

function checkValue(name: string, rule: TextSchema | CountSchema | ListSchema, value: unknown): unknown {
  if (rule.type === 'array') {
    const values = Array.isArray(value) ? value : [value];
    if (values.length > rule.maxItems) {
      throw invalidParameter(name, `given at most ${rule.maxItems} times`, `${values.length} times`);
    }
    return values.map((item) => checkText(name, rule.items, item));
  }
  if (Array.isArray(value)) throw invalidParameter(name, 'given once', `${value.length} times`);
  return rule.type === 'integer' ? checkCount(name, rule, value) : checkText(name, rule, value);
}

function checkCount(name: string, rule: CountSchema, value: unknown): number {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (count >= rule.minimum && count <= rule.maximum) return count;
  throw invalidParameter(name, `a whole number from ${rule.minimum} to ${rule.maximum}`, value);
}

function checkText(name: string, rule: TextSchema, value: unknown): string {
  if (typeof value !== 'string') throw invalidParameter(name, 'text', value);
  if (rule.enum !== undefined && !rule.enum.includes(value)) {
    throw invalidParameter(name, `one of ${rule.enum.join(', ')}`, value);
  }
  if (rule.format === 'date' && parseDay(value) === null) {
    throw invalidParameter(name, 'a day of the calendar as YYYY-MM-DD', value);
  }
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = rule;
  if (value.length < minLength) throw invalidParameter(name, 'not empty', value);
  if (value.length > maxLength) {
    throw invalidParameter(name, `at most ${maxLength} characters long`, `${value.length} characters`);
  }
  return value;
}

/** A value from outside, quoted and cut, so that a message stays a message. */
function shown(value: unknown): string {
  if (typeof value === 'string' && value.length > 80) return JSON.stringify(`${value.slice(0, 80)}…`);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}
