/** `clawgauge ledger`: the real command on the ledger of a real service, while it runs and after its end. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/cache/ledger.ts';
import { systemClock } from '../../src/clock.ts';
import { eventually } from '../e2e/eventually.ts';
import { runCommand, serve } from '../e2e/service.ts';
import { message, writeTranscript } from '../e2e/store-writer.ts';
import { temporaryStateDir } from '../support/stores.ts';

/** Agents and session ids of what a directory's ledger retains. */
function retained(directory: string): string[] {
  const ledger = new Ledger(directory, systemClock);
  try {
    return ledger.page('', 100).map(({ agent, sessionId }) => `${agent}/${sessionId}`);
  } finally {
    ledger.close();
  }
}

describe('clawgauge ledger', () => {
  it('copies what is retained beside a running service, and forgets it only where none runs and --yes is given', async () => {
    const [state, data, copies] = [temporaryStateDir(), temporaryStateDir(), temporaryStateDir()];
    writeTranscript(state, 'stays', message());
    const gone = ['one', 'two'].map((name) => writeTranscript(state, name, message()));
    const service = await (await serve(state, { '--data-dir': data })).ready();
    for (const path of gone) rmSync(path);
    await eventually(async () => {
      expect((await service.usage()).totals).toMatchObject({ records: 3, retained: { records: 2 } });
    });

    const backup = ['ledger', 'backup', join(copies, 'ledger.sqlite'), '--data-dir', data];
    expect(await runCommand(backup)).toMatchObject({ code: 0, stderr: '' });
    expect(retained(copies)).toEqual(['main/one', 'main/two']);
    const again = await runCommand(backup);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/expected a file that is not there yet/);

    const purge = ['ledger', 'purge', '--data-dir', data];
    const refused = await runCommand([...purge, '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(service.url);
    expect((await service.stop()).code).toBe(0);

    const asked = await runCommand(purge);
    expect(asked.code).toBe(2);
    expect(asked.stdout).toMatch(
      /would forget 2 deleted transcripts with 2 usage records that cost \$\d+\.\d\d\..*--yes/,
    );
    for (const others of [
      ['--agent', 'ops'],
      ['--before', '2020-01-01'],
    ]) {
      const { code, stdout } = await runCommand([...purge, ...others, '--yes']);
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'Nothing is retained that this would forget.\n' });
    }
    expect(retained(data)).toHaveLength(2);
    expect(await runCommand([...purge, '--agent', 'main', '--yes'])).toMatchObject({ code: 0, stderr: '' });
    expect(retained(data)).toEqual([]);

    const next = await (await serve(state, { '--data-dir': data })).ready();
    await eventually(async () => {
      expect((await next.usage()).totals).toMatchObject({ records: 1, retained: { records: 0, cost: 0 } });
    });
  });

  it('says what was expected of a day that is none, and of a directory without a ledger', async () => {
    const nothing = temporaryStateDir();
    const day = await runCommand(['ledger', 'purge', '--before', '2026-02-30', '--data-dir', nothing]);
    expect(day).toMatchObject({ code: 2, stderr: expect.stringContaining('expected a day such as 2026-01-31') });
    for (const command of [['backup', join(nothing, 'copy')], ['purge']]) {
      const { code, stderr } = await runCommand(['ledger', ...command, '--data-dir', nothing]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/expected a ledger; found nothing/);
    }
  });
});
