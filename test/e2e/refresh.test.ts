/** Keeping up with whatever the gateway does to its files, and with a restart. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quarterOf } from '../../src/units.ts';
import { readStateDir } from '../oracle/sessions.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { expectUsage, expectUsageOf } from './against-oracle.ts';
import { eventually } from './eventually.ts';
import { type Service, serve } from './service.ts';
import { append, message, sessionsDirectory, writeTranscript } from './store-writer.ts';

describe('a service that begins again', () => {
  it('answers at once with what it last knew, and reads no transcript again to confirm it', async () => {
    const { directory } = smallStore(3, { now: Date.now() });
    const data = { '--data-dir': temporaryStateDir() };
    const first = await (await serve(directory, data)).ready();
    const before = await first.usage();
    expect((await first.stop()).code).toBe(0);

    const second = await serve(directory, data);
    // The first answer of all is that of the last life.
    const { snapshot, ...figures } = await second.usage();
    expect(snapshot).toMatchObject({ id: before.snapshot.id, builtAt: before.snapshot.builtAt });
    expect(figures.totals).toEqual(before.totals);
    expect((await second.get('/ready')).status).toBe(200);
    const status = await eventually(async () => {
      const now = await second.status();
      expect(now.refreshes.at(-1)).toMatchObject({ trigger: 'start', ended: 'ok' });
      return now;
    });
    expect(status.refreshes.at(-1)).toMatchObject({ folded: 0, bytesRead: 0, sessions: snapshot.coverage.transcripts });
    await expectUsageOf(directory, second);
  });
});

describe('a service that knows everything', () => {
  it('shows what was appended, as a new snapshot, and keeps the snapshot when nothing was', async () => {
    const { directory } = smallStore(4, { now: Date.now() });
    const path = writeTranscript(directory, 'live', message());
    const service = await (await serve(directory, { '--refresh-interval': '1h' })).ready();

    // The time alone changes some views with each quarter hour.
    await withinOneQuarterHour(async () => {
      const before = await seen(service);
      append(path, message(), message());
      await service.refresh();
      const after = await eventually(async () => {
        const now = await seen(service);
        expect(now.records).toBe(before.records + 2);
        return now;
      });
      expect(after.id).not.toBe(before.id);
      expect(after.etag).not.toBe(before.etag);

      await service.refresh();
      const verified = await eventually(async () => {
        const now = await seen(service);
        expect(now.verifiedAt).toBeGreaterThan(after.verifiedAt);
        return now;
      });
      expect(verified).toEqual({ ...after, verifiedAt: verified.verifiedAt });
      const conditional = await service.get('/v1/usage?range=all', { 'if-none-match': before.etag });
      expect(conditional.status).toBe(200);
    });
    await expectUsageOf(directory, service);
  });

  it('follows archives, new agents, new prices and a session that becomes known, by itself', async () => {
    const { directory } = smallStore(5, { now: Date.now() });
    const service = await (await serve(directory)).ready();
    const live = writeTranscript(directory, 'newcomer', message() + message());
    await expectUsageOf(directory, service);
    expect((await service.usage('range=all&kind=orphan')).totals.records).toBeGreaterThanOrEqual(2);

    const index = join(sessionsDirectory(directory), 'sessions.json');
    const entries = JSON.parse(readFileSync(index, 'utf8')) as object;
    const entry = { sessionId: 'newcomer', updatedAt: Date.now(), channel: 'signal' };
    writeFileSync(index, JSON.stringify({ ...entries, 'agent:main:signal:direct:+1': entry }));
    await expectUsageOf(directory, service);

    renameSync(live, `${live}.reset.2026-11-22T12-00-00.000Z`);
    mkdirSync(join(directory, 'agents', 'brand-new', 'sessions'), { recursive: true });
    writeFileSync(join(directory, 'agents', 'brand-new', 'sessions', 'a.jsonl'), message());
    await expectUsageOf(directory, service);

    const config = join(directory, 'openclaw.json');
    const { models, ...rest } = JSON.parse(readFileSync(config, 'utf8'));
    const cost = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
    const providers = { ...models.providers, p: { models: [{ id: 'm', cost }] } };
    writeFileSync(config, JSON.stringify({ ...rest, models: { ...models, providers } }));
    await expectUsageOf(directory, service);
    expect((await service.usage('range=all&model=m')).totals).toMatchObject({ records: 3, estimated: 3, missing: 0 });

    const gone = readStateDir(directory).filter(({ agent }) => agent === 'brand-new');
    rmSync(join(directory, 'agents', 'brand-new'), { recursive: true });
    const retained = gone.map((session) => ({ ...session, retained: true }));
    const sessions = [...readStateDir(directory), ...retained];
    await expectUsage(sessions, service, 'range=all', { range: 'all', timeZone: 'UTC' });
    expect((await service.status()).ledger).toMatchObject({ available: true, retained: 1, waiting: 0 });
  });
});

/** What tells one published moment from another. */
async function seen(service: Service) {
  const { headers, body } = await service.get('/v1/usage?range=all');
  const { snapshot, totals } = body as Awaited<ReturnType<Service['usage']>>;
  const { id, builtAt, verifiedAt } = snapshot;
  return { id, builtAt, verifiedAt, etag: headers.get('etag') as string, records: totals.records };
}

/** Runs a check, once more if a quarter hour ended in the middle of it. */
async function withinOneQuarterHour(check: () => Promise<void>): Promise<void> {
  const quarter = quarterOf(Date.now());
  try {
    await check();
  } catch (error) {
    if (quarterOf(Date.now()) === quarter) throw error;
    await check();
  }
}
