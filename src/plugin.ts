/** Clawgauge inside somebody's Fastify: the service and its routes, begun and ended with the application. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { clawgaugePlugin } from './app.ts';
import { loadOptions, type ServiceOptions } from './config.ts';
import { lockDirectory } from './lock/directory-lock.ts';
import type { UserOptions } from './options.ts';
import { SnapshotService } from './snapshot/usage-service.ts';
import { version } from './version.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The service behind the routes of the plugin. */
    clawgauge: SnapshotService;
  }
}

/**
 * A service with the options of the configuration (docs/configuration.md); `start()` begins it. Its caller sees to it
 * that no other process uses its data directory. Throws `invalid_option`.
 */
export function createUsageService(options: UserOptions = {}): SnapshotService {
  return new SnapshotService({ ...filled(options), version });
}

/** The Fastify plugin. Throws `invalid_option`, `data_directory_in_use`. Session keys can be long: give the application `routerOptions: { maxParamLength: 16384 }`. */
export const clawgauge = fastifyPlugin(
  async (host: FastifyInstance, options: UserOptions) => {
    const settings = filled(options);
    const lock = await lockDirectory(settings.dataDir);
    const service = new SnapshotService({ ...settings, version, unguarded: lock.problem });
    host.decorate('clawgauge', service);
    host.addHook('onReady', async () => service.start());
    host.addHook('onClose', async () => {
      await service.close();
      await lock.release();
    });
    await host.register(clawgaugePlugin, { ...settings, version, service });
  },
  { name: 'clawgauge-service', fastify: '5.x' },
);

/** Options of code stand where the command line's do; the environment and the config file fill the rest. */
function filled(options: UserOptions): ServiceOptions {
  return loadOptions({
    flags: options,
    env: process.env,
    homedir: homedir(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}
