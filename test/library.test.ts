/** A service in code, with its real threads on real stores. */

import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ClawgaugeError } from '../src/errors.ts';
import { createUsageService, type UsageService } from '../src/library.ts';
import type { ClawgaugeOptions } from '../src/library-options.ts';
import { linesOf } from './support/fold-text.ts';
import { writeWhole } from './support/random-store.ts';
import { smallStore, temporaryStateDir } from './support/stores.ts';

const services: UsageService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

async function started(stateDir: string, options: ClawgaugeOptions = {}): Promise<UsageService> {
  const service = await createUsageService({ stateDir, dataDir: temporaryStateDir(), timeZone: 'UTC', ...options });
  services.push(service);
  return service;
}

const record = {
  timestamp: '2026-11-22T10:00:00Z',
  message: { role: 'assistant', usage: { input: 10, cost: { total: 1 } } },
};

function oneSession(): { directory: string; transcript: string } {
  const directory = temporaryStateDir();
  const transcript = join(directory, 'agents/main/sessions/a.jsonl');
  writeWhole(transcript, linesOf([record]));
  return { directory, transcript };
}

/** The code of an error of the catalogue. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClawgaugeError);
  return (error as ClawgaugeError).code;
}

describe('a service in code', () => {
  it('answers as the routes do: with the figures of every record, and how fresh they are', async () => {
    const { directory, manifest } = smallStore(5);
    const service = await started(directory);
    expect(await service.ready()).toMatchObject({ state: 'fresh', coverage: { pending: 0 } });
    const usage = await service.usage({ range: 'all' });
    expect(usage.totals.records).toBe(manifest.totals.usageRecords);
    expect(usage.snapshot).toEqual(service.head());
    const { sessions, totals } = await service.sessions({ range: 'all', sort: 'cost', limit: 2 });
    expect([sessions.length, totals]).toEqual([2, usage.totals]);
    const [{ agent, sessionId } = { agent: '', sessionId: '' }] = sessions;
    const { session } = await service.session({ agent, sessionId }, { range: 'all' });
    expect(session.totals).toEqual(sessions[0]?.totals);
  });

  it('takes a text where a list of one is meant', async () => {
    const service = await started(smallStore(5).directory);
    const [one, list] = [
      { range: 'all', agent: 'main' },
      { range: 'all', agent: ['main'] },
    ] as const;
    expect((await service.usage(one)).totals).toEqual((await service.usage(list)).totals);
  });

  it('tells when figures change, and what refreshes did', async () => {
    const { directory, transcript } = oneSession();
    const service = await started(directory);
    const { id } = await service.ready();
    const changed = once(service, 'snapshot');
    appendFileSync(transcript, linesOf([record]));
    const [head] = await changed;
    expect(head.id).not.toBe(id);
    expect((await service.usage({ range: 'all' })).totals.input).toBe(20);
    const refreshed = once(service, 'refresh');
    const { verifiedAt } = await service.refresh();
    expect((await refreshed)[0]).toMatchObject({ ended: 'ok', error: null });
    expect(verifiedAt).toBeGreaterThanOrEqual(head.verifiedAt);
  });

  it('shows an append once it was asked to look', async () => {
    const { directory, transcript } = oneSession();
    const service = await started(directory, { refreshInterval: '24h' });
    await service.ready();
    appendFileSync(transcript, linesOf([record, record]));
    await service.refresh();
    expect((await service.usage({ range: 'all' })).totals.input).toBe(30);
  });

  it('refuses a question as the routes do', async () => {
    const service = await started(oneSession().directory);
    expect(await codeOf(service.usage({ range: '8d' as '7d' }))).toBe('invalid_parameter');
    expect(await codeOf(service.usage({ rnage: '7d' } as object))).toBe('unknown_parameter');
    expect(await codeOf(service.sessions({ limit: 0 }))).toBe('invalid_parameter');
    expect(await codeOf(service.sessions({ cursor: 'mine' }))).toBe('invalid_cursor');
    expect(await codeOf(service.session({ key: 'agent:main:nobody' }))).toBe('session_not_found');
    expect(await codeOf(service.session({ key: '' }))).toBe('invalid_parameter');
  });
});

describe('the options of a service in code', () => {
  const refusal = async (options: object): Promise<string> => {
    const error: unknown = await createUsageService({ dataDir: temporaryStateDir(), ...options }).catch(
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'invalid_option' });
    return (error as Error).message;
  };

  it('are checked as those of the command are', async () => {
    expect(await refusal({ memoryCap: '1mb' })).toMatch(
      /^memoryCap \(in code\): expected a size of at least .*; got "1mb"$/,
    );
    expect(await refusal({ token: 'short' })).toMatch(
      /^token \(in code\): expected .*; got something else, which is not shown$/,
    );
    expect(await refusal({ transcripts: true })).toMatch(/^token: with transcripts \(in code\)/);
    expect(await refusal({ allowedHost: ['a'] })).toBe(
      'in code: the option "allowedHost" is not known; did you mean allowedHosts?',
    );
  });

  it('can be those that have no flag', async () => {
    const { directory } = oneSession();
    const price = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
    const service = await started(directory, {
      prices: { acme: { m: price } },
      budgets: [{ name: 'all', per: 'day', limit: { usd: 1 } }],
    });
    await service.ready();
    expect(await refusal({ prices: { acme: { m: {} } } })).toMatch(/^prices\.acme\.m \(in code\)/);
  });

  it('leave the rest to the config file that they name', async () => {
    const { directory } = oneSession();
    const config = join(directory, 'mine.json');
    writeWhole(config, '{ timeZone: "Europe/Paris", redact: "perhaps" }');
    expect(await refusal({ config })).toContain(`redact (config file ${config})`);
    writeWhole(config, '{ timeZone: "Europe/Paris" }');
    const service = await started(directory, { config, timeZone: undefined });
    expect((await service.usage()).window.timeZone).toBe('Europe/Paris');
  });
});

describe('several services in a process', () => {
  it('each have figures of their own', async () => {
    const stores = [smallStore(6), smallStore(8, { agents: 2 })];
    const both = await Promise.all(stores.map(({ directory }) => started(directory)));
    await Promise.all(both.map((service) => service.ready()));
    const answers = await Promise.all(both.map((service) => service.usage({ range: 'all' })));
    expect(answers.map(({ totals }) => totals.records)).toEqual(
      stores.map(({ manifest }) => manifest.totals.usageRecords),
    );
  });

  it('do not share a data directory', async () => {
    const dataDir = temporaryStateDir();
    const { directory } = oneSession();
    const first = await started(directory, { dataDir });
    expect(await codeOf(createUsageService({ stateDir: directory, dataDir }))).toBe('data_directory_in_use');
    await first.close();
    await (await started(directory, { dataDir })).ready();
  });
});

describe('the end of a service in code', () => {
  it('leaves nothing behind, however early it comes', async () => {
    const { directory } = oneSession();
    const before = process.getActiveResourcesInfo();
    /** What there was not before; what others left may end meanwhile. */
    const left = () => {
      const known = [...before];
      return process.getActiveResourcesInfo().filter((name) => {
        const at = known.indexOf(name);
        if (at >= 0) known.splice(at, 1);
        return at < 0;
      });
    };
    for (const wait of [false, true, false]) {
      const service = await createUsageService({ stateDir: directory, dataDir: temporaryStateDir() });
      if (wait) await service.ready();
      await Promise.all([service.close(), service.close()]);
    }
    await expect.poll(left).toEqual([]);
  });

  it('rejects whoever waits, and whoever asks later', async () => {
    const service = await started(oneSession().directory);
    const waiting = [service.ready(), service.usage(), service.refresh()].map(codeOf);
    await service.close();
    expect(await Promise.all(waiting)).toEqual(['not_ready', 'not_ready', 'not_ready']);
    expect(await codeOf(service.usage())).toBe('not_ready');
    expect(await codeOf(service.refresh())).toBe('not_ready');
  });
});
