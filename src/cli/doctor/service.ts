/** The service: whether one runs and how it is, else whether its address is free for one. */
import { createServer } from 'node:net';
import type { ServiceOptions } from '../../config.ts';
import { messageOf } from '../../errors.ts';
import type { StatusAnswer } from '../../snapshot/status.ts';
import { version } from '../../version.ts';
import type { Found, RunningService } from '../running-service.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { listenerOn } from './listener.ts';

/** Problems that are named one by one. */
const MAX_NAMED = 5;

export async function lookAtService(found: Found, options: ServiceOptions): Promise<Finding[]> {
  switch (found.kind) {
    case 'service':
      return runningFindings(found.service);
    case 'silent': {
      const who = found.pid === null ? 'A process' : `Process ${found.pid}`;
      return [
        fail(
          'service',
          `${who} holds ${options.dataDir} and says nothing.`,
          'Wait if it has just begun, or is a report; else end it and start the service again.',
        ),
      ];
    }
    case 'nobody':
      return [await addressFinding(options)];
  }
}

async function runningFindings(service: RunningService): Promise<Finding[]> {
  try {
    const status = (await service.ask('/v1/status', 'refreshes')).body as StatusAnswer;
    return statusFindings(status, service.url);
  } catch (error) {
    return [fail('service', messageOf(error), 'Look at its log, and start it again.')];
  }
}

export function statusFindings(
  { version: its, snapshot, problems, setAside, shedding }: StatusAnswer,
  url: string,
): Finding[] {
  const state = snapshot?.state ?? 'warming';
  const says = `Version ${its} runs at ${url}, and its figures are ${state}.`;
  const findings = [
    its === version
      ? ok('service', says)
      : warn('service', says, `Start it again: this command is of version ${version}.`),
  ];
  for (const { subject, detail, code } of problems.slice(0, MAX_NAMED)) {
    findings.push(warn('service', `${code}: ${subject}: ${detail}.`, `docs/errors.md says what to do about ${code}.`));
  }
  if (setAside.length > 0) {
    const [first] = setAside;
    findings.push(
      warn(
        'service',
        `${setAside.length} transcripts are set aside; the first is ${first?.agent}/${first?.name}: ${first?.detail}.`,
        'They are tried again by themselves; "clawgauge status --json" names them.',
      ),
    );
  }
  if (shedding.level > 0) {
    findings.push(
      warn('service', `Work is shed: ${shedding.reason ?? 'memory is short'}.`, 'Give it more with --memory-cap.'),
    );
  }
  return findings;
}

async function addressFinding({ host, port }: ServiceOptions): Promise<Finding> {
  const place = `${host}:${port}`;
  const code = await listeningFails(host, port);
  if (code === null) return ok('service', `None runs; ${place} is free for it.`);
  switch (code) {
    case 'EADDRINUSE': {
      const who = listenerOn(port);
      const what = who === null ? 'Something else' : `Process ${who}`;
      return fail(
        'service',
        `${what} listens on ${place}, and holds another data directory.`,
        'End it, or choose another port with --port.',
      );
    }
    case 'EACCES':
      return fail('service', `This user may not listen on ${place}.`, 'Choose a port above 1023 with --port.');
    default:
      return fail(
        'service',
        `Nobody can listen on ${place}: ${code}.`,
        'Choose an address of this machine with --host.',
      );
  }
}

/** The code of the error; null where it works. */
function listeningFails(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
