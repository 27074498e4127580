/** The rule set of each era. */
import { rules2026_5 } from './accounting-2026-5.ts';
import { rules2026_9 } from './accounting-2026-9.ts';
import type { AccountingRules } from './accounting-rules.ts';
import type { Era } from './era.ts';

export const RULES: Readonly<Record<Era, AccountingRules>> = { '2026.5': rules2026_5, '2026.9': rules2026_9 };
