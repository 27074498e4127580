/** The metrics of the packed service, read by a real Prometheus; the rules and the dashboard that ship with it. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { below, seededRandom } from '../support/random.ts';
import { smallStore, temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { freePort, hasPrometheus, Prometheus, promtool } from './prometheus.ts';
import { type Service, serve } from './service.ts';
import { append, message, writeTranscript } from './store-writer.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOKEN = 'a-token-of-sixteen-characters';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const TOKENS = 'sum(clawgauge_tokens_total)';

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

async function metricsOf(service: Service): Promise<string> {
  const answer = await fetch(`${service.url}/metrics`, { headers: AUTHORIZED });
  expect(answer.status).toBe(200);
  return answer.text();
}

async function tokensOf(service: Service): Promise<number> {
  const { body } = await service.get('/v1/usage?range=all', AUTHORIZED);
  const { input, output, cacheRead, cacheWrite } = (body as { totals: Record<string, number> }).totals;
  return (input ?? 0) + (output ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0);
}

describe.skipIf(!hasPrometheus)('for Prometheus', () => {
  it('the alerts and the example of a configuration are valid, and the alerts say what they should', async () => {
    await promtool(['check', 'config', join(ROOT, 'docs/prometheus/prometheus.yml')]);
    const tests = ['alerts', 'spending'].map((name) => join(ROOT, `test/fixtures/prometheus/${name}.test.yml`));
    await promtool(['test', 'rules', ...tests]);
  });

  it('the counters are what the stores add up to, and go on where they were after kill -9 and without digests', async () => {
    const { directory } = smallStore(61, { now: Date.now() });
    const live = writeTranscript(directory, 'live', message());
    const data = temporaryStateDir();
    const flags = { '--data-dir': data, '--token': TOKEN, '--port': String(await freePort()) };
    const credentials = join(data, 'scrape.token');
    writeFileSync(credentials, TOKEN);
    writeFileSync(
      join(data, 'config.json'),
      JSON.stringify({ budgets: [{ name: 'all', per: 'month', limit: { tokens: 10 } }] }),
    );
    const start = () => serve(directory, { ...flags, '--config': join(data, 'config.json') });
    let service = await start();
    const prometheus = await Prometheus.start(
      text('docs/prometheus/prometheus.yml')
        .replaceAll('interval: 30s', 'interval: 200ms')
        .replace('- alerts.yml', `- ${join(ROOT, 'docs/prometheus/alerts.yml')}`)
        .replace('127.0.0.1:18790', new URL(service.url).host)
        .replace(/# (authorization:)/, '$1')
        .replace(/# ( *credentials_file: ).*/, `$1${credentials}`),
    );
    const shown = (tokens: number) =>
      eventually(async () => expect(await prometheus.value(TOKENS)).toBe(tokens), 40_000);

    const first = await eventually(() => tokensOf(service));
    await shown(first);
    expect(await promtool(['check', 'metrics'], await metricsOf(service))).toBe('');
    // Families of counters have no suffix, and units are told, in OpenMetrics only: that is what it asked for.
    expect(await prometheus.metadata('clawgauge_read_bytes')).toMatchObject({ type: 'counter', unit: 'bytes' });

    append(live, message());
    await shown(first + 1);

    service.signal('SIGKILL');
    await service.ended;
    for (const name of ['digests.sqlite', 'digests.sqlite-wal', 'snapshot.bin'])
      rmSync(join(data, name), { force: true });
    append(live, message(), message());
    service = await start();
    await shown(first + 3);
    expect(await prometheus.value('sum(resets(clawgauge_tokens_total[10m]))')).toBe(0);

    await eventually(async () => {
      expect(await prometheus.value('clawgauge_state{state="fresh"}')).toBe(1);
      expect(Object.keys(await prometheus.query('ALERTS{alertname="ClawgaugeBudgetExceeded"}'))).toHaveLength(1);
    });
    for (const expr of dashboardQueries()) {
      await prometheus.query(expr.replaceAll(/\$(instance|agent)/g, '.*'));
    }
    await service.stop();
  }, 120_000);
});

it('no counter is ever smaller than somebody saw it, and none counts twice, in a service that is killed at random moments', async () => {
  const rnd = seededRandom(7);
  const { directory } = smallStore(62, { now: Date.now(), sessions: 4 });
  const live = writeTranscript(directory, 'live', message());
  const data = temporaryStateDir();
  const seen = new Map<string, number>();
  const look = async (service: Service) => {
    for (const [, series = '', value] of (await metricsOf(service)).matchAll(
      /^(clawgauge_(?:tokens|cost_usd|usage_records)_total\S+) (.*)$/gm,
    )) {
      expect(Number(value), series).toBeGreaterThanOrEqual(seen.get(series) ?? 0);
      seen.set(series, Number(value));
    }
    return [...seen].reduce((sum, [series, value]) => sum + (series.startsWith('clawgauge_tokens') ? value : 0), 0);
  };
  const flags = { '--data-dir': data, '--token': TOKEN };
  for (let kill = 1; kill <= 6; kill++) {
    const service = await serve(directory, flags);
    append(live, message());
    const end = performance.now() + below(1_500, rnd);
    while (performance.now() < end) {
      await look(service);
      // Ten a second are answered.
      await pause(100);
    }
    service.signal('SIGKILL');
    await service.ended;
    if (kill % 3 === 0) for (const name of readdirSync(data)) if (name.startsWith('digests')) rmSync(join(data, name));
  }
  const service = await serve(directory, flags);
  await eventually(async () => expect(await look(service)).toBe(await tokensOf(service)));
  await service.stop();
}, 120_000);

function dashboardQueries(): string[] {
  const { panels } = JSON.parse(text('docs/grafana/dashboard.json')) as Dashboard;
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

it('the dashboard and the alerts ask for metrics that there are', () => {
  const alerts = [...text('docs/prometheus/alerts.yml').matchAll(/expr: (?:>-\n)?((?:.*\n)*?) +(?:for|labels):/g)];
  expect(alerts).toHaveLength(10);
  const documented = new Set([...text('docs/metrics.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
  const asked = [...dashboardQueries(), ...alerts.map(([, expr = '']) => expr)].flatMap((expr) => [
    ...expr.matchAll(/\b(?:clawgauge|process)_\w+/g),
  ]);
  expect(asked.length).toBeGreaterThan(25);
  for (const [name] of asked) expect(documented).toContain(name.replace(/_bucket$/, ''));
});
