/**
 * What `--watch` goes on with until a signal: the figures of the service while one answers, else those of a reading of our
 * own beside the data directory, so that a service can begin at any moment and is asked from then on.
 */
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError, type ErrorCode } from '../errors.ts';
import type { SnapshotHead } from '../snapshot/shapes.ts';
import type { Milliseconds } from '../units.ts';
import type { Figures, Progress } from './figures.ts';
import { findService, type RunningService } from './running-service.ts';
import { ServiceFigures } from './service-figures.ts';

const READING = 'No service answers any more: reading here until one does.';
/** How often a service is looked for. */
const LOOK_EVERY: Milliseconds = 2_000;
/** What waiting does not put right. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'host_not_allowed', 'invalid_option']);

export interface Watch {
  /** Of the service to ask; null for whatever there is here. */
  readonly url: string | null;
  /** The address of the service that gave the figures that are shown; null where none did. */
  readonly asked: string | null;
  readonly options: ServiceOptions;
  readonly progress: Progress;
  /** Shows figures where they are others than the last ones. */
  show(figures: Figures): Promise<SnapshotHead>;
  /** Tells the user a sentence. */
  say(text: string): void;
}

/** Shows figures whenever they change. Ends only by rejecting, with what waiting cannot put right. */
export async function watchFigures(watch: Watch): Promise<never> {
  let { asked } = watch;
  /** What failed last; null while all is well. */
  let failure: string | null = null;
  for (;;) {
    try {
      const service = await serviceOf(watch);
      const url = service?.url ?? null;
      if (url !== asked) watch.say(url === null ? READING : `A service runs at ${url}: asking that.`);
      asked = url;
      if (service === null) await readUntilService(watch);
      else {
        await follow(watch, new ServiceFigures(service, watch.progress), () => {
          failure = null;
        });
      }
    } catch (error) {
      if (!(error instanceof ClawgaugeError) || FINAL.has(error.code)) throw error;
      // Of the service here it is told that it is gone.
      const isGone = watch.url === null && error.code === 'service_silent';
      if (!isGone && error.message !== failure) watch.say(`${error.message}; trying again.`);
      failure = error.message;
    }
    await pause();
  }
}

/** The service to ask; null where none answers and none is named. */
async function serviceOf({ url, options }: Pick<Watch, 'url' | 'options'>): Promise<RunningService | null> {
  const found = await findService(options, url);
  if (found.kind !== 'service') return null;
  return url !== null || (await found.service.answers()) ? found.service : null;
}

/** Reads for itself; resolves when there is a service to be asked. */
async function readUntilService(watch: Watch): Promise<void> {
  const { OwnFigures } = await import('./own-figures.ts');
  const figures = await OwnFigures.readBeside(watch.options, watch.progress);
  try {
    const followed = follow(watch, figures);
    // Whichever comes first; the other one is given up.
    followed.catch(() => {});
    for (;;) {
      await Promise.race([followed, pause()]);
      if ((await serviceOf(watch)) !== null) return;
    }
  } finally {
    await figures.close();
  }
}

/** Shows figures now and whenever they change; several changes while one is shown make one more. Ends only by rejecting. */
async function follow({ show }: Watch, figures: Figures, begun: () => void = () => {}): Promise<never> {
  const first = await show(figures);
  begun();
  let shown: Promise<SnapshotHead> | null = null;
  let again = false;
  return new Promise<never>((_, reject) => {
    const next = () => {
      again = shown !== null;
      if (again) return;
      shown = show(figures);
      shown.then(() => {
        shown = null;
        if (again) next();
      }, reject);
    };
    figures.follow(first, next).catch(reject);
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
}
