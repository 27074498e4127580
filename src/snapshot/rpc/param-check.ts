/**
 * Checks the parameters of a call as the gateway's own schema does, with its very words: the Control UI reads them to
 * find out what a gateway understands. Only the few rules that these calls use.
 */
import type { Dialect } from './answer.ts';

export type ParamRule =
  /** `pattern` is the source of a regular expression; without one, any text but the empty one. */
  | { readonly kind: 'text'; readonly pattern?: string }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'flag' }
  /** A whole number of at least 1. */
  | { readonly kind: 'count' };

export type ParamRules = Readonly<Record<string, ParamRule>>;

/** What is wrong with parameters, as the gateway says it; null when nothing is. Rules are tried in their order. */
export function checkParams(params: unknown, rules: ParamRules, dialect: Dialect): string | null {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return 'must be object';
  const given = params as Readonly<Record<string, unknown>>;
  const unexpected = Object.keys(given)
    .filter((name) => !Object.hasOwn(rules, name))
    .map((name) => `at root: unexpected property '${name}'`);
  // 2026.9 names the first one only.
  const problems = dialect === '2026.9' ? unexpected.slice(0, 1) : unexpected;
  for (const [name, rule] of Object.entries(rules)) {
    if (given[name] === undefined) continue;
    problems.push(...problemsOf(given[name], rule, dialect).map((problem) => `at /${name}: ${problem}`));
  }
  return problems.length === 0 ? null : problems.join('; ');
}

function problemsOf(value: unknown, rule: ParamRule, dialect: Dialect): string[] {
  switch (rule.kind) {
    case 'text':
      if (typeof value !== 'string') return ['must be string'];
      if (rule.pattern !== undefined) {
        return new RegExp(rule.pattern).test(value) ? [] : [`must match pattern "${rule.pattern}"`];
      }
      if (value.length > 0) return [];
      return [`must ${dialect === '2026.5' ? 'NOT' : 'not'} have fewer than 1 characters`];
    case 'choice': {
      if (rule.of.includes(value as string)) return [];
      const type = typeof value === 'string' ? [] : ['must be string'];
      const union = rule.of.length > 1 ? ['must match a schema in anyOf'] : [];
      return [...type, 'must be equal to constant', ...union];
    }
    case 'flag':
      return typeof value === 'boolean' ? [] : ['must be boolean'];
    case 'count': {
      const integer = Number.isInteger(value) ? [] : ['must be integer'];
      return typeof value === 'number' && value < 1 ? [...integer, 'must be >= 1'] : integer;
    }
  }
}
