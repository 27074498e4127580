/** `clawgauge serve`: the service on the user's own stores. */
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { type RunningServer, startServer } from '../server.ts';
import { ConsoleReporter } from './console.ts';

export function serve(options: ServiceOptions): Promise<RunningServer> {
  const stateDirectories = [options.stateDirectory, ...options.otherStates.map(({ directory }) => directory)];
  const reporter = new ConsoleReporter(process.stdout, stateDirectories, systemClock.monotonic);
  return startServer(options, {
    listening: (url) => reporter.listening(url),
    progress: (coverage, bytes) => reporter.progress(coverage, bytes),
    refreshed: (record, problems) => reporter.refreshed(record, problems),
  });
}
