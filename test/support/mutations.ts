/**
 * Ways to write a transcript line as no well-behaved writer would, and as power cuts, foreign tools and attackers do.
 * Given the same line and the same randomness, each gives the same bytes.
 */
import type { Mutation } from './mutation.ts';
import { BROKEN } from './mutations-broken.ts';
import { STRUCTURE } from './mutations-structure.ts';
import { VALUES } from './mutations-values.ts';
import { WRITING } from './mutations-writing.ts';

export const mutations: readonly Mutation[] = [...WRITING, ...STRUCTURE, ...VALUES, ...BROKEN];
