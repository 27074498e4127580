/** Clawgauge inside somebody's Fastify: the service and its routes, begun and ended with the application. */
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { clawgaugePlugin } from './app.ts';
import { EmbeddedService, type UsageService } from './library.ts';
import { type ClawgaugeOptions, libraryOptions } from './library-options.ts';
import { lockDirectory } from './lock/directory-lock.ts';
import { version } from './version.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The service behind the routes of the plugin. */
    clawgauge: UsageService;
  }
}

/** Without `logLevel`, which Fastify itself takes from a plugin's options. */
export type PluginOptions = Omit<ClawgaugeOptions, 'logLevel'> & {
  /** The same as `basePath`, by the name that it has in Fastify. */
  readonly prefix?: string;
};

/** The Fastify plugin. Throws `invalid_option`, `data_directory_in_use`. Session keys can be long: give the application `routerOptions: { maxParamLength: 16384 }`. */
export const clawgauge = fastifyPlugin(
  async (host: FastifyInstance, { prefix, ...options }: PluginOptions) => {
    const settings = libraryOptions({ ...options, basePath: options.basePath ?? prefix });
    const service = new EmbeddedService(settings, await lockDirectory(settings.dataDir));
    host.decorate('clawgauge', service);
    host.addHook('onReady', async () => service.start());
    host.addHook('onClose', () => service.close());
    await host.register(clawgaugePlugin, { ...settings, version, service: service.inner });
  },
  { name: 'clawgauge-service', fastify: '5.x' },
);
