/** Clawgauge as a library: a service to ask in code, and a Fastify plugin of the same with its routes (docs/library.md). */
export { ClawgaugeError, type ErrorCode, errorCatalogue } from './errors.ts';
export {
  type Answered,
  createUsageService,
  type SessionName,
  type SessionQuestion,
  type SessionsQuestion,
  type UsageQuestion,
  type UsageService,
  type UsageServiceEvents,
} from './library.ts';
export type { ClawgaugeOptions } from './library-options.ts';
export { clawgauge, clawgauge as default, type PluginOptions } from './plugin.ts';
export type { RefreshRecord } from './snapshot/refresh-record.ts';
export type * from './snapshot/shapes.ts';
export type { CacheAnswer, StatusAnswer } from './snapshot/status.ts';
