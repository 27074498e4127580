/** `clawgauge serve`: the service on the user's own stores. */
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { type RunningServer, type ServerEvents, startServer } from '../server.ts';
import { ConsoleReporter, outliveReaders } from './console.ts';

/** @param readAgain gives the options anew, for SIGHUP */
export function serve(options: ServiceOptions, readAgain: () => ServiceOptions): Promise<RunningServer> {
  const stateDirectories = [options.stateDirectory, ...options.otherStates.map(({ directory }) => directory)];
  const reporter = new ConsoleReporter(process.stdout, stateDirectories, systemClock.monotonic);
  const events: ServerEvents = {
    listening: (url) => {
      outliveReaders();
      reporter.listening(url);
    },
    progress: (coverage, bytes) => reporter.progress(coverage, bytes),
    refreshed: (record, problems) => reporter.refreshed(record, problems),
  };
  // A terminal that hangs up takes its programs with it.
  return startServer(options, events, undefined, process.stdout.isTTY ? null : readAgain);
}
