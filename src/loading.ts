/**
 * Loads large packages in pieces, with a turn of the event loop after each, so that what arrives meanwhile is answered:
 * as one import they kept the thread for 170 ms (docs/performance.md).
 * Whoever imports them afterwards finds them loaded.
 */
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';

/** The larger parts of Fastify, in an order in which none needs much of a later one. One that a later version is without is no loss. */
const PARTS_OF_FASTIFY = [
  'node:https',
  'node:http2',
  'semver/classes/semver',
  'semver/ranges/subset',
  'semver',
  'avvio',
  'find-my-way',
  'pino',
  './lib/errors.js',
  './lib/initial-config-validation.js',
  './lib/server.js',
  './lib/reply.js',
  './lib/route.js',
];

/** What the service is made of, threads apart. */
export function loadServiceParts(): Promise<void> {
  return inTurns([
    () => import('piscina'),
    () => import('lru-cache'),
    () => import('./snapshot/threads.ts'),
    () => import('./snapshot/rpc/call-desk.ts'),
  ]);
}

/** What the application is made of. */
export function loadApplicationParts(): Promise<void> {
  const fastifyRequire = createRequire(import.meta.resolve('fastify'));
  return inTurns([
    ...PARTS_OF_FASTIFY.map((part) => () => {
      try {
        fastifyRequire(part);
      } catch {
        // Fastify itself says what it lacks.
      }
    }),
    () => import('fastify'),
  ]);
}

async function inTurns(loads: readonly (() => unknown)[]): Promise<void> {
  for (const load of loads) {
    await load();
    await setImmediate();
  }
}
