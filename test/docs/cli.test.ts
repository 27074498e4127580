/** docs/cli.md against the program: its commands and flags, the checks of the doctor, and the members of service.json. */
import { expect, it } from 'vitest';
import { programOf } from '../../src/cli/program.ts';
import { sumOfTotals } from '../../src/cli/report/periods.ts';
import { jsonTotals } from '../../src/cli/report/report-json.ts';
import { ABOUT } from '../../src/cli/report/report-kinds.ts';
import { page, shellLines } from './pages.ts';

const cli = page('docs/cli.md');
const { commands } = programOf(() => expect.fail('nothing is run here'));

it('docs/cli.md uses only commands and flags that there are', () => {
  const lines = shellLines(cli).filter((line) => line.startsWith('clawgauge '));
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const [, name, ...args] = line.replace(/ +[#>].*/, '').split(/ +/);
    const command = commands.find((it) => it.name() === name);
    for (const flag of args.filter((arg) => arg.startsWith('--'))) {
      expect(
        command?.options.map(({ long }) => long),
        line,
      ).toContain(flag);
    }
  }
});

it('docs/cli.md names every flag that a report has of its own, every kind, and every member of its JSON', () => {
  const report = commands.find((command) => command.name() === 'report');
  for (const { long } of report?.options ?? []) {
    if (['--config', '--profile', '--memory-cap', '--retain', '--redact', '--accounting'].includes(long ?? ''))
      continue;
    expect(cli).toContain(long);
  }
  for (const member of [
    ...Object.keys(ABOUT),
    ...Object.values(ABOUT).flat(),
    ...Object.keys(jsonTotals(sumOfTotals([]))),
  ]) {
    expect(cli, member).toContain(`\`${member}\``);
  }
});
