import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookIntoState } from '../../../src/cli/doctor/state.ts';
import { writeJson, writeWhole } from '../../support/random-store.ts';
import { smallStore, temporaryStateDir } from '../../support/stores.ts';

function lookInto(stateDir: string) {
  return lookIntoState({ stateDirectory: stateDir, configPath: join(stateDir, 'openclaw.json') }, 'auto');
}

describe('the state directory', () => {
  it('is well where it holds transcripts, and is counted by the rules of its era', () => {
    const { directory, manifest } = smallStore(51);
    const { findings, directories } = lookInto(directory);
    expect(findings).toEqual([
      {
        check: 'state',
        level: 'ok',
        says: `${directory} holds ${manifest.totals.transcripts} transcripts of 3 agents, by the rules of 2026.5.`,
        advice: null,
      },
    ]);
    expect(directories).toContain(join(directory, 'agents'));
  });

  it('is to be named where it is missing, with those that lie beside it', () => {
    const home = temporaryStateDir();
    mkdirSync(join(home, '.openclaw-work'));
    mkdirSync(join(home, '.openclawish'));
    const [finding, ...others] = lookInto(join(home, '.openclaw')).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ check: 'state', level: 'fail' });
    expect(finding?.advice).toMatch(/; beside it there is \.openclaw-work\.$/);
  });

  it('without any transcript is worth a look', () => {
    expect(lookInto(temporaryStateDir()).findings).toEqual([
      expect.objectContaining({ check: 'state', level: 'warn' }),
    ]);
  });

  it('tells which version of OpenClaw wrote its configuration, and of what cannot be read in it', () => {
    const { directory } = smallStore(52);
    writeJson(directory, 'openclaw.json', {
      meta: { lastTouchedVersion: '2026.5.22' },
      agents: { list: [{ id: 'main' }] },
    });
    expect(lookInto(directory).findings).toContainEqual(
      expect.objectContaining({ check: 'openclaw', level: 'ok', says: expect.stringContaining('OpenClaw 2026.5.22') }),
    );
    writeWhole(join(directory, 'openclaw.json'), '{ agents: ');
    expect(lookInto(directory).findings).toContainEqual(expect.objectContaining({ check: 'openclaw', level: 'warn' }));
  });

  it('tells when a transcript was last written', () => {
    const { directory } = smallStore(53);
    const late = join(directory, 'agents/main/sessions/late.jsonl');
    writeFileSync(late, '');
    utimesSync(late, new Date(), new Date('2030-01-01T00:00:00Z'));
    expect(lookInto(directory).lastWrite).toBe(Date.parse('2030-01-01T00:00:00Z'));
    expect(lookInto(temporaryStateDir()).lastWrite).toBeNull();
  });
});
