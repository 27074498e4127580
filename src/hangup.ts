/** SIGHUP: the configuration is read again, one time after the other. */
import type { FastifyBaseLogger } from 'fastify';
import type { ServiceOptions } from './config.ts';
import { ClawgaugeError } from './errors.ts';
import { type Reload, reloadOf } from './reload.ts';

export interface HangupParts {
  /** Reads all options again. Throws `invalid_option`. */
  readonly read: () => ServiceOptions;
  /** Takes them over; what it rejects with ends the process. */
  readonly apply: (reload: Reload) => Promise<void>;
  readonly log: () => FastifyBaseLogger;
}

/** Answers SIGHUP from now on. @param options those in force */
export function reloadOnHangup(options: ServiceOptions, parts: HangupParts): void {
  let current = options;
  let last: Promise<void> = Promise.resolve();
  process.on('SIGHUP', () => {
    last = last.then(async () => {
      const reload = readAgain(current, parts);
      if (reload === null) return;
      current = reload.options;
      await parts.apply(reload);
      parts.log().info({ changed: reload.changed }, 'the new configuration is in force');
    });
  });
}

/** Null where there is nothing to take over; that is logged, by names only, since values can be secrets. */
function readAgain(current: ServiceOptions, { read, log }: HangupParts): Reload | null {
  try {
    const reload = reloadOf(current, read());
    const { changed, waiting } = reload;
    if (waiting.length > 0) log().warn({ waiting }, 'these options change with the next start only');
    if (changed.length > 0) return reload;
    log().info('the configuration was read again: nothing to change');
  } catch (error) {
    if (!(error instanceof ClawgaugeError)) throw error;
    log().error({ reason: error.message }, 'the new configuration is refused; the old one stays in force');
  }
  return null;
}
