import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { lookAtService, statusFindings } from '../../../src/cli/doctor/service.ts';
import { RunningService } from '../../../src/cli/running-service.ts';
import { loadOptions } from '../../../src/config.ts';
import type { StatusAnswer } from '../../../src/snapshot/status.ts';
import { version } from '../../../src/version.ts';

function optionsWith(flags: Record<string, unknown>) {
  return loadOptions({ flags, env: {}, homedir: '/home/sam', readFile: () => '{}' });
}

const well = {
  version,
  snapshot: { state: 'fresh' },
  problems: [],
  setAside: [],
  shedding: { level: 0, reason: null, steps: [] },
} as unknown as StatusAnswer;

describe('a service that runs', () => {
  it('is well where it says nothing else', () => {
    expect(statusFindings(well, 'http://127.0.0.1:18790')).toEqual([
      expect.objectContaining({
        level: 'ok',
        says: `Version ${version} runs at http://127.0.0.1:18790, and its figures are fresh.`,
      }),
    ]);
  });

  it('of another version is to be started again', () => {
    expect(statusFindings({ ...well, version: '0.0.1' }, 'x')[0]).toMatchObject({ level: 'warn' });
  });

  it('has its problems told, with what it set aside and what it sheds', () => {
    const troubled = {
      ...well,
      problems: [{ code: 'store_unreadable', agent: 'ops', subject: 'agents/ops/sessions', detail: 'EACCES' }],
      setAside: [{ agent: 'ops', name: 'a.jsonl', detail: 'EIO' }],
      shedding: { level: 2, reason: 'memory is short', steps: [] },
    } as unknown as StatusAnswer;
    const [, ...findings] = statusFindings(troubled, 'x');
    expect(findings.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn']);
    expect(findings[0]?.says).toBe('store_unreadable: agents/ops/sessions: EACCES.');
  });

  it('that does not answer has failed', async () => {
    const found = { kind: 'service', service: new RunningService('http://127.0.0.1:1', null) } as const;
    expect(await lookAtService(found, optionsWith({}))).toEqual([
      expect.objectContaining({ check: 'service', level: 'fail' }),
    ]);
  });
});

describe('without a service', () => {
  it('its address has to be free', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const options = optionsWith({ port: String(port) });
    const [taken] = await lookAtService({ kind: 'nobody' }, options);
    expect(taken).toMatchObject({ level: 'fail', advice: 'End it, or choose another port with --port.' });
    if (process.platform === 'linux') expect(taken?.says).toContain(`Process ${process.pid} (`);
    await new Promise((resolve) => other.close(resolve));
    expect(await lookAtService({ kind: 'nobody' }, options)).toEqual([expect.objectContaining({ level: 'ok' })]);
  });

  it('its address has to be one of this machine', async () => {
    const elsewhere = optionsWith({ host: '192.0.2.1', token: 'a-token-of-sixteen-characters' });
    const [finding] = await lookAtService({ kind: 'nobody' }, elsewhere);
    expect(finding).toMatchObject({ level: 'fail', advice: 'Choose an address of this machine with --host.' });
  });

  it('a process that holds the directory and says nothing is named', async () => {
    expect(await lookAtService({ kind: 'silent', pid: 4711 }, optionsWith({}))).toEqual([
      expect.objectContaining({ level: 'fail', says: expect.stringMatching(/^Process 4711 holds /) }),
    ]);
  });
});
