/** `clawgauge serve`: the service on the user's own stores. */
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { type RunningServer, startServer } from '../server.ts';
import { ConsoleReporter } from './console.ts';

export async function serve(options: ServiceOptions): Promise<RunningServer> {
  const reporter = new ConsoleReporter(process.stdout, options.stateDirectory, systemClock.monotonic);
  const server = await startServer(options, {
    progress: (coverage, bytes) => reporter.progress(coverage, bytes),
    refreshed: (record, problems) => reporter.refreshed(record, problems),
  });
  reporter.listening(server.url);
  return server;
}
