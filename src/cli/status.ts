/** `clawgauge status`: what the service that runs says of itself. */
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError } from '../errors.ts';
import { bytes, count, duration } from '../page/format.ts';
import type { CacheAnswer, StatusAnswer } from '../snapshot/status.ts';
import type { Milliseconds } from '../units.ts';
import { plainText } from './cell-text.ts';
import { findService } from './running-service.ts';
import type { Screen } from './screen.ts';

/** Problems that are named one by one. */
const MAX_NAMED = 5;

/** Writes it. Throws `service_missing`, `service_silent`. @param url of the service; null for the one that runs here */
export async function status(options: ServiceOptions, url: string | null, asJson: boolean, out: Screen): Promise<void> {
  const found = await findService(options, url);
  if (found.kind === 'nobody') throw new ClawgaugeError('service_missing', `No service runs on ${options.dataDir}.`);
  if (found.kind === 'silent') {
    const who = found.pid === null ? 'a process' : `process ${found.pid}`;
    throw new ClawgaugeError(
      'service_silent',
      `${options.dataDir}: expected a service; ${who} holds it and says nothing.`,
    );
  }
  const { service } = found;
  const [its, cache] = await Promise.all([service.ask('/v1/status', 'refreshes'), service.ask('/v1/cache', 'memory')]);
  const answers = { service: service.url, status: its.body as StatusAnswer, cache: cache.body as CacheAnswer };
  out.write(asJson ? `${JSON.stringify(answers, null, 2)}\n` : textOf(answers, systemClock.now()));
}

function textOf(
  { service, status: its, cache }: { service: string; status: StatusAnswer; cache: CacheAnswer },
  now: Milliseconds,
): string {
  const { snapshot, refreshes, problems, setAside, shedding, failures, lastError } = its;
  const last = refreshes.find(({ ended }) => ended !== null);
  const rows: [string, string][] = [
    ['Service', `Clawgauge ${its.version} at ${service}, for ${duration(now - its.startedAt)}`],
    ['State of', [its.stateDirectory, ...its.otherStates.map(({ directory }) => directory)].join(', ')],
  ];
  if (snapshot === null) rows.push(['Figures', 'none yet']);
  else {
    const { transcripts, pending, failed, retained, bytes: read } = snapshot.coverage;
    rows.push(
      ['Figures', `${snapshot.state}, verified ${duration(Math.max(0, now - snapshot.verifiedAt))} ago`],
      [
        'Transcripts',
        `${count(transcripts)} (${bytes(read)}); to be read ${count(pending)}, set aside ${count(failed)}; of deleted ones ${count(retained)}`,
      ],
    );
  }
  if (last !== undefined) {
    const what =
      last.ended === 'failed'
        ? `failed: ${last.error?.detail}`
        : `${count(last.looked)} looked at, ${count(last.folded)} folded`;
    rows.push(['Last look', `${duration(now - last.startedAt)} ago, took ${duration(last.duration)}; ${what}`]);
  }
  rows.push([
    'Memory',
    `${bytes(cache.memory.rss)} of ${bytes(cache.memory.cap)}${shedding.level === 0 ? '' : `; work is shed: ${shedding.reason}`}`,
  ]);
  if (failures > 0 && lastError !== null)
    rows.push(['Failing', `${count(failures)} times since the last good look: ${lastError.detail}`]);
  for (const { code, subject, detail } of problems.slice(0, MAX_NAMED))
    rows.push(['Problem', `${code}: ${subject}: ${detail}`]);
  for (const { agent, name, detail } of setAside.slice(0, MAX_NAMED))
    rows.push(['Set aside', `${agent}/${name}: ${detail}`]);
  return rows.map(([name, text]) => `${name.padEnd(12)} ${plainText(text)}\n`).join('');
}
