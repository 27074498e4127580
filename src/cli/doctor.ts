/** `clawgauge doctor`: looks at everything that a service needs, and says what is wrong and the one thing to do. */
import { totalmem } from 'node:os';
import { styleText } from 'node:util';
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { placesOf } from '../snapshot/state-places.ts';
import { zoneOf } from '../snapshot/zone.ts';
import { plainText } from './cell-text.ts';
import { lookAtClock } from './doctor/clock.ts';
import type { Finding, Level } from './doctor/finding.ts';
import { lookAtKeptFiles } from './doctor/kept-files.ts';
import { lookAtConfig, lookAtDirectories } from './doctor/own-files.ts';
import { lookAtMemory, lookAtNode } from './doctor/runtime.ts';
import { lookAtService } from './doctor/service.ts';
import { lookIntoState } from './doctor/state.ts';
import { lookAtWatching } from './doctor/watching.ts';
import { findService } from './running-service.ts';
import { coloursOn, type Screen } from './screen.ts';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<Level, string>;

/** Writes what it finds; false where something would keep a service from its work. @param configPath of our config file */
export async function doctor(
  options: ServiceOptions,
  configPath: string,
  asJson: boolean,
  out: Screen,
): Promise<boolean> {
  const findings = await examine(options, configPath);
  const well = findings.every(({ level }) => level !== 'fail');
  out.write(
    asJson ? `${JSON.stringify({ ok: well, findings }, null, 2)}\n` : textOf(findings, coloursOn(out, process.env)),
  );
  return well;
}

async function examine(options: ServiceOptions, configPath: string): Promise<Finding[]> {
  const states = placesOf(options).map((place) => lookIntoState(place, options.accounting));
  const writes = states.flatMap(({ lastWrite }) => lastWrite ?? []);
  return [
    ...states.flatMap(({ findings }) => findings),
    ...lookAtDirectories(options),
    ...lookAtKeptFiles(options),
    ...lookAtConfig(configPath),
    lookAtNode(process.versions.node),
    lookAtMemory({ cap: options.memoryCap, limit: process.constrainedMemory(), total: totalmem() }),
    await lookAtWatching(states.flatMap(({ directories }) => directories)),
    lookAtClock(systemClock.now(), writes.length === 0 ? null : Math.max(...writes), zoneOf(options.timeZone).name),
    ...(await lookAtService(await findService(options), options)),
  ];
}

function textOf(findings: readonly Finding[], colours: boolean): string {
  const lines = findings.flatMap(({ check, level, says, advice }) => {
    const mark = level.padEnd(4);
    const shown = colours ? styleText(COLOURS[level], mark, { validateStream: false }) : mark;
    const first = `${shown}  ${check.padEnd(8)}  ${plainText(says)}`;
    return advice === null ? [first] : [first, `${' '.repeat(16)}→ ${plainText(advice)}`];
  });
  const count = (wanted: Level) => findings.filter(({ level }) => level === wanted).length;
  const [fails, warns] = [count('fail'), count('warn')];
  const verdict = fails + warns === 0 ? 'All is well.' : `To be put right: ${fails}. Worth a look: ${warns}.`;
  return [...lines, '', verdict, ''].join('\n');
}
