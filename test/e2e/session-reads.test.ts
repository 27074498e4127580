/** One session's points and log, asked of the built service: by hostile keys, of a session that goes on, and of an endless transcript. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { type Answer, type Service, serve } from './service.ts';
import { append, makeEndless, message, messages, sessionsDirectory, writeTranscript } from './store-writer.ts';

const TOKEN = 'correct-horse-battery-staple';
const AUTHORISED = { authorization: `Bearer ${TOKEN}` };
const SHOWING = { env: { CLAWGAUGE_TOKEN: TOKEN, CLAWGAUGE_TRANSCRIPTS: 'true' } };
const KEY = 'agent:main:web:direct:"><script>alert(1)</script>/🦀 ü\'%2F..';
const MINUTE = 60_000;

/** As JSON: the tests look into it member by member. */
interface Body {
  readonly snapshot: object;
  readonly session: { readonly key: string; readonly sessionIds: readonly string[] };
  readonly points: readonly { readonly records: number; readonly cumulativeTokens: number }[];
  readonly partial: boolean;
  readonly reading: { readonly share: number };
  readonly entries: readonly { readonly text: string; readonly role: string }[];
  readonly next: string | null;
}

/** One gateway call. */
async function call(service: Service, method: string, params: object): Promise<{ status: number; body: unknown }> {
  return eventually(async () => {
    const body = JSON.stringify({ method, params });
    const headers = { ...AUTHORISED, 'content-type': 'application/json' };
    const answer = await fetch(`${service.url}/rpc`, { method: 'POST', headers, body });
    if (answer.status === 503) throw new Error('nothing is known yet');
    return { status: answer.status, body: await answer.json() };
  });
}

/** Asks again while it is read. */
async function read(service: Service, path: string): Promise<Answer & { readonly body: Body }> {
  return eventually(async () => {
    const answer = await service.get(path, AUTHORISED);
    if (answer.status === 202) throw new Error('it is read');
    return answer as Answer & { readonly body: Body };
  });
}

function said(text: string): string {
  const record = { type: 'message', timestamp: new Date().toISOString(), message: { role: 'user', content: text } };
  return `${JSON.stringify(record)}\n`;
}

it('are those of its transcripts, whatever its key, and follow them', async () => {
  const directory = temporaryStateDir();
  const path = writeTranscript(directory, 'one', messages(500, Date.now() - 500 * MINUTE, MINUTE) + said('hello'));
  const index = { [KEY]: { sessionId: 'one', updatedAt: Date.now() } };
  writeFileSync(join(sessionsDirectory(directory), 'sessions.json'), JSON.stringify(index));
  const service = await serve(directory, {}, SHOWING);
  const session = `/v1/sessions/${encodeURIComponent(KEY)}`;

  const series = await read(service, `${session}/timeseries?points=100`);
  expect(series.status).toBe(200);
  expect(series.body.session).toMatchObject({ key: KEY, sessionIds: ['one'] });
  expect(series.body.points.map(({ records }) => records)).toEqual(Array.from({ length: 100 }, () => 5));
  expect(series.body).toMatchObject({ partial: false, undated: null, reading: { share: 1 } });
  const etag = series.headers.get('etag') as string;
  const unchanged = await service.get(`${session}/timeseries?points=100`, { ...AUTHORISED, 'if-none-match': etag });
  expect(unchanged.status).toBe(304);

  const logs = await read(service, `${session}/logs?limit=1`);
  expect(logs.headers.get('cache-control')).toBe('no-store');
  expect(logs.body.entries.map(({ role, text }) => [role, text])).toEqual([['user', 'hello']]);

  append(path, message(), said('and more'));
  await eventually(async () => {
    expect((await read(service, `${session}/timeseries?points=1`)).body.points).toMatchObject([{ records: 501 }]);
    expect((await read(service, `${session}/logs?limit=2`)).body.entries.map(({ text }) => text)).toEqual([
      'hello',
      'and more',
    ]);
  });
  const logsCall = await call(service, 'sessions.usage.logs', { key: KEY, limit: 1 });
  expect(logsCall.body).toMatchObject({ ok: true, payload: { logs: [{ role: 'user', content: 'and more' }] } });
  const seriesCall = await call(service, 'sessions.usage.timeseries', { key: KEY });
  expect(seriesCall.body).toMatchObject({ ok: true, payload: { sessionId: 'one' } });
  expect((await service.get(`${session}/logs`)).status).toBe(401);
  expect((await service.get('/v1/sessions/nobody/timeseries', AUTHORISED)).status).toBe(404);
  await service.stop();
});

it('say nothing of what people wrote unless that is asked for at the start', async () => {
  const directory = temporaryStateDir();
  writeTranscript(directory, 'one', said('secret'));
  const service = await serve(directory, { '--token': TOKEN });
  const answer = await service.get('/v1/sessions/main/one/logs', AUTHORISED);
  expect([answer.status, (answer.body as { code: string }).code]).toEqual([403, 'transcripts_not_served']);
  const refused = await call(service, 'sessions.usage.logs', { key: 'agent:main:one' });
  expect(refused).toMatchObject({ status: 400, body: { ok: false, error: { code: 'INVALID_REQUEST' } } });
  expect(JSON.stringify(refused)).not.toContain('secret');
  await service.stop();
});

it('end early, and say so, where a transcript takes longer than there is time', async () => {
  const directory = temporaryStateDir();
  makeEndless(writeTranscript(directory, 'endless', messages(10, Date.now() - 10 * MINUTE, MINUTE)));
  const service = await serve(directory, { '--task-deadline': '1s' }, SHOWING);
  const session = '/v1/sessions/main/endless';
  const { body } = await read(service, `${session}/timeseries`);
  expect(body).toMatchObject({ partial: true });
  expect(body.points).toHaveLength(10);
  expect(body.reading.share).toBeLessThan(1);
  const logs = await read(service, `${session}/logs`);
  expect(logs.body).toMatchObject({ partial: true, entries: [] });
  expect(logs.body.next).not.toBeNull();
  await service.stop();
});
