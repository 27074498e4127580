/** Clawgauge as a library: the service, the application around it, and a Fastify plugin of both. */

export { type AppOptions, buildApp } from './app.ts';
export type { Budget } from './budget-options.ts';
export { loadOptions, type ServiceOptions } from './config.ts';
export { ClawgaugeError, type ErrorCode, errorCatalogue } from './errors.ts';
export type { UserOptions } from './options.ts';
export { clawgauge, clawgauge as default, createUsageService } from './plugin.ts';
export type { UsageService } from './routes/service.ts';
export { budgetsQuery, sessionQuery, sessionsQuery, usageQuery, type ViewQuery, viewKey } from './snapshot/query.ts';
export type * from './snapshot/shapes.ts';
export type { CacheAnswer, StatusAnswer } from './snapshot/status.ts';
export { SnapshotService } from './snapshot/usage-service.ts';
