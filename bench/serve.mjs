// Throughput of a ready view, every check and header on, against node:http alone with the same headers and bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BareServer, freePort, writeAnswer } from './lib/bare.mjs';
import { atLeast } from './lib/budget.mjs';
import { Client } from './lib/client.mjs';
import { assertUsage } from './lib/expected.mjs';
import { median, round } from './lib/statistics.mjs';
import { until } from './lib/wait.mjs';
import { keepBusy, wrkVersion } from './lib/wrk.mjs';
import { ratesInTurns } from './lib/wrk-turns.mjs';

export const name = 'serve';

/** Of what bare node:http sends. */
const BUDGET = { bar: 0.9, stretch: 0.95 };
const SECONDS = 10;
/** Until V8 has compiled what both run; after a second the service's helper threads still did. */
const WARM_SECONDS = 5;
/** Bodies of about these sizes. */
const SMALL = 1_000;
const LARGE = 40_000;
/** Views that every snapshot holds ready. */
const CANDIDATES = ['today', '7d', '30d', '90d', 'all']
  .map((range) => `/v1/usage?range=${range}`)
  .concat('/v1/sessions');

export async function run(context) {
  const version = wrkVersion();
  if (version === null) {
    return {
      rows: [{ what: 'skipped', measured: 'there is no wrk here (Debian: apt-get install wrk)' }],
      raw: null,
    };
  }
  const large = await context.store('33m');
  const small = storeOfOneMessage(context.directory());
  const results = [
    await compare(context, { stateDirectory: small, wanted: SMALL }),
    await compare(context, { stateDirectory: large.directory, wanted: LARGE, store: large }),
  ];
  return { rows: results.map(rowOf), raw: { version, results } };
}

async function compare(context, subject) {
  const rounds = [];
  for (let round = 0; round < context.options.rounds; round++) rounds.push(await compareOnce(context, subject, round));
  return rounds;
}

/** Both are started anew for each round: two starts of the same server differ, too. */
async function compareOnce(context, { stateDirectory, wanted, store = null }, count) {
  return context.withService({ stateDirectory }, async (service) => {
    const all = await service.complete('/v1/usage?range=all');
    if (store !== null) assertUsage(store, all);
    await service.firstRefresh();
    const { path, answer } = await closest(service, wanted);
    const file = join(context.directory(), 'answer.json');
    writeAnswer(file, answer);
    const bare = new BareServer(await freePort(), file);
    await sameAnswer(bare, answer);
    const ports = Object.entries({ clawgauge: service.port, bare: bare.port });
    const ordered = count % 2 === 0 ? ports : ports.toReversed();
    const urls = Object.fromEntries(ordered.map(([name, port]) => [name, `http://127.0.0.1:${port}${path}`]));
    for (const url of Object.values(urls)) await keepBusy(url, WARM_SECONDS);
    const rates = await ratesInTurns(urls, SECONDS);
    await bare.stop();
    return { path, bytes: answer.body.length, rates };
  });
}

async function closest(service, wanted) {
  const answers = [];
  for (const path of CANDIDATES) answers.push({ path, answer: await service.client.ask('GET', path) });
  const distance = ({ answer }) => Math.abs(answer.body.length - wanted);
  return answers.sort((a, b) => distance(a) - distance(b))[0];
}

async function sameAnswer({ port }, { body }) {
  const client = new Client(port);
  const ask = () => client.ask('GET', '/').catch(() => null);
  const answer = await until('the bare server', ask, { every: 20, deadline: 5_000 });
  client.close();
  if (!answer.body.equals(body)) throw new Error('expected the bare server to give the same bytes');
}

/** The smallest answer that still has a figure in it. */
function storeOfOneMessage(stateDirectory) {
  const sessions = join(stateDirectory, 'agents', 'main', 'sessions');
  mkdirSync(sessions, { recursive: true });
  const usage = { input: 1, output: 1, totalTokens: 2, cost: { total: 0.001 } };
  const timestamp = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const record = {
    type: 'message',
    id: '1',
    timestamp,
    message: { role: 'assistant', provider: 'p', model: 'm', content: [], usage },
  };
  writeFileSync(join(sessions, '00000000-0000-4000-8000-000000000000.jsonl'), `${JSON.stringify(record)}\n`);
  return stateDirectory;
}

/** @param rounds at least one */
function rowOf(rounds) {
  const { path, bytes } = rounds[0];
  const ratios = rounds.map(({ rates }) => rates.clawgauge / rates.bare);
  const ratio = round(median(ratios), 3);
  const rates = (name) => rounds.map((each) => each.rates[name]);
  const list = (values, digits = 0) => values.map((value) => round(value, digits)).join(' ');
  return {
    what: `${path}, ${bytes} B, against bare node:http`,
    measured: `${ratio}, ${round(median(rates('clawgauge')))}/s against ${round(median(rates('bare')))}/s`,
    detail: `${list(ratios, 3)}: ${list(rates('clawgauge'))} against ${list(rates('bare'))}`,
    ...atLeast(ratio, BUDGET),
  };
}
