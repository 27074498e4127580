/** GET /v1/export as its clients see it. */
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { exportQuery } from '../../src/snapshot/export/export-query.ts';
import type { Window } from '../../src/snapshot/window.ts';
import { ask, listening } from './client.ts';
import { appOver, MemoryService } from './memory-service.ts';

const window = { startDate: '2026-11-01', endDate: '2026-11-22' } as Window;

const service = new MemoryService();
let app = appOver(service);

afterEach(async () => {
  await app.close();
  app = appOver(service);
});

/** Opens exports of these chunks. */
function exporting(make: () => Readable): void {
  service.exportReply = async () => ({ kind: 'open', window, stream: make() });
}

describe('an export', () => {
  test('comes as a file of its window, for nobody to keep', async () => {
    exporting(() => Readable.from(['a,b\r\n', '1,2\r\n']));
    const { statusCode, headers, body } = await app.inject('/v1/export');
    expect(statusCode).toBe(200);
    expect(body).toBe('a,b\r\n1,2\r\n');
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="clawgauge-usage-2026-11-01-2026-11-22.csv"',
      'cache-control': 'no-store',
      'cache-status': 'clawgauge; fwd=miss; detail=fresh',
      'x-content-type-options': 'nosniff',
    });
    const json = await app.inject('/v1/export?format=ndjson&what=sessions');
    expect(json.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="clawgauge-sessions-2026-11-01-2026-11-22.ndjson"',
    });
  });

  test('is asked for in the words of the views', async () => {
    exporting(() => Readable.from(['']));
    await app.inject('/v1/export?range=all&granularity=hour&timeZone=Europe/Paris&agent=ops&agent=main&format=ndjson');
    const zone = { range: 'all', granularity: 'hour', timeZone: 'Europe/Paris' } as const;
    expect(service.exported.at(-1)).toEqual(exportQuery(zone, { agent: ['main', 'ops'] }, { format: 'ndjson' }));
  });

  test.each([
    ['format=xml', 400, 'invalid_parameter'],
    ['split=model', 400, 'unknown_parameter'],
    ['what=sessions&granularity=hour', 400, 'invalid_parameter'],
    ['startDate=2026-11-01', 400, 'invalid_parameter'],
  ])('?%s is refused with %i %s', async (query, status, code) => {
    expect((await app.inject(`/v1/export?${query}`)).json()).toMatchObject({ status, code });
  });

  test('is not there before everything is known', async () => {
    service.exportReply = async () => ({ kind: 'pending' });
    const { headers, ...reply } = await app.inject('/v1/export');
    expect(reply.json()).toMatchObject({ status: 503, code: 'not_ready' });
    expect(headers['retry-after']).toBe('1');
  });

  test('is only for GET, and at most four are under way', async () => {
    expect((await app.inject({ method: 'HEAD', url: '/v1/export' })).statusCode).toBe(405);
    const streams: Readable[] = [];
    exporting(() => {
      const stream = new Readable({ read() {} });
      streams.push(stream);
      return stream;
    });
    const open = Array.from({ length: 4 }, () => app.inject('/v1/export').catch(() => null));
    await expect.poll(() => streams.length).toBe(4);
    expect((await app.inject('/v1/export')).json()).toMatchObject({ status: 429 });
    for (const stream of streams) stream.push(null);
    await Promise.all(open);
    service.time += 1000;
    exporting(() => Readable.from(['x']));
    expect((await app.inject('/v1/export')).statusCode).toBe(200);
  });

  test('that fails in the middle is cut short, so that its client can tell', async () => {
    exporting(() =>
      Readable.from(
        (async function* () {
          yield 'a,b\r\n';
          throw new Error('the keeper is gone');
        })(),
      ),
    );
    const port = await listening(app);
    await expect(ask(port, '/v1/export')).rejects.toThrow(/aborted|hang up/);
  });

  test('whose client leaves is given up, and one under way is when the service ends', async () => {
    const streams: Readable[] = [];
    exporting(() => {
      const stream = new Readable({ read() {} });
      stream.push('a,b\r\n');
      streams.push(stream);
      return stream;
    });
    const port = await listening(app);
    const leaving = connect(port, '127.0.0.1', () =>
      leaving.write(`GET /v1/export HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`),
    );
    leaving.once('data', () => leaving.destroy());
    await expect.poll(() => streams[0]?.destroyed).toBe(true);
    const cut = ask(port, '/v1/export').catch((error: Error) => error.message);
    await expect.poll(() => streams.length).toBe(2);
    await app.close();
    expect(await cut).toMatch(/aborted|hang up/);
    expect(streams[1]?.destroyed).toBe(true);
  });
});
