/** SIGHUP: another configuration under the same connections, without a moment in which nobody answers. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { type Service, serve } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';
import { Vigil } from './vigil.ts';

const TOKEN = 'the-first-token-of-the-service';
const OTHER = 'the-second-token-of-the-service';

describe('a service that is told to read its configuration again', () => {
  const { directory } = smallStore(41, { now: Date.now() });
  const live = writeTranscript(directory, 'live', message());
  const config = join(temporaryStateDir(), 'config.json');
  const configure = (options: object) => {
    writeFileSync(`${config}.new`, JSON.stringify(options));
    renameSync(`${config}.new`, config);
  };
  let service: Service;

  beforeAll(async () => {
    configure({});
    service = await (await serve(directory, { '--config': config, '--log-level': 'info' })).ready();
  });

  async function hangUp(options: object): Promise<void> {
    configure(options);
    service.signal('SIGHUP');
  }

  it('goes on with the same figures, never failing anybody, while the service behind it is another', async () => {
    const known = await service.usage();
    const { startedAt } = await service.status();
    const vigil = new Vigil(service, ({ body }) => expect((body as typeof known).totals).toEqual(known.totals));
    await hangUp({ retain: '10d', timeZones: ['Europe/Paris'] });
    await eventually(async () => {
      const status = await service.status();
      expect(status.startedAt).toBeGreaterThan(startedAt);
      expect(status.snapshot?.state).toBe('fresh');
    });
    const { faults } = await vigil.end();
    expect(faults).toEqual([]);
    append(live, message());
    await eventually(async () => expect((await service.usage()).totals.records).toBe(known.totals.records + 1));
  });

  it('changes the token alone without another service, as often as it is told to', async () => {
    const { startedAt } = await service.status();
    const vigil = new Vigil(service);
    for (let round = 0; round < 12; round++) {
      await hangUp({ retain: '10d', timeZones: ['Europe/Paris'], allowedHosts: [`host-${round}.example`] });
      await eventually(() => expect(service.logged().split('"allowedHosts"').length).toBe(round + 2));
    }
    expect((await vigil.end()).faults).toEqual([]);
    await hangUp({ retain: '10d', timeZones: ['Europe/Paris'], token: TOKEN });
    await eventually(async () => expect((await service.get('/v1/status')).status).toBe(401));
    const status = await service.get('/v1/status', { authorization: `Bearer ${TOKEN}` });
    expect(status).toMatchObject({ status: 200, body: { startedAt } });
    await hangUp({ retain: '10d', timeZones: ['Europe/Paris'], token: OTHER });
    await eventually(async () =>
      expect((await service.get('/v1/status', { authorization: `Bearer ${OTHER}` })).status).toBe(200),
    );
    expect((await service.get('/v1/status', { authorization: `Bearer ${TOKEN}` })).status).toBe(401);
  });

  it('keeps what is in force where the new one is wrong or has to wait, says so, and repeats no secret', async () => {
    await hangUp({ token: 'short', memoryCap: '1gb' });
    await eventually(() => expect(service.logged()).toContain('refused'));
    await hangUp({ retain: '10d', timeZones: ['Europe/Paris'], token: OTHER, memoryCap: '1gb' });
    await eventually(() => expect(service.logged()).toContain('next start'));
    expect((await service.get('/v1/status', { authorization: `Bearer ${OTHER}` })).status).toBe(200);
    const { code, stderr } = await service.stop();
    expect(code).toBe(0);
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { level: number; msg: string; reason?: string; waiting?: string[] });
    const refused = lines.find(({ msg }) => msg.includes('refused'));
    expect(refused).toMatchObject({ level: 50, reason: expect.stringMatching(/^token \(config file /) });
    expect(lines).toContainEqual(expect.objectContaining({ level: 40, waiting: ['memoryCap'] }));
    for (const secret of [TOKEN, OTHER, 'short']) expect(stderr).not.toContain(secret);
    expect(stderr).not.toMatch(/MaxListeners|refresh failed/);
  });
});
