// Throughput of a ready view, every check and header on, against node:http alone with the same headers and bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BareServer, freePort, writeAnswer } from './lib/bare.mjs';
import { atLeast } from './lib/budget.mjs';
import { Client } from './lib/client.mjs';
import { assertUsage } from './lib/expected.mjs';
import { alternate } from './lib/rounds.mjs';
import { median, round } from './lib/statistics.mjs';
import { delay, until } from './lib/wait.mjs';
import { requestsPerSecond, wrkVersion } from './lib/wrk.mjs';

export const name = 'serve';

/** Of what bare node:http sends. */
const BUDGET = { bar: 0.9, stretch: 0.95 };
const SECONDS = 4;
const WARM_SECONDS = 2;
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

async function compare(context, { stateDirectory, wanted, store = null }) {
  return context.withService({ stateDirectory }, async (service) => {
    const all = await service.complete('/v1/usage?range=all');
    if (store !== null) assertUsage(store, all);
    const { path, answer } = await closest(service, wanted);
    const file = join(context.directory(), 'answer.json');
    writeAnswer(file, answer);
    const bare = new BareServer(await freePort(), file);
    await sameAnswer(bare, answer);
    const raw = await alternate(context.options.rounds, {
      clawgauge: () => measured(`http://127.0.0.1:${service.port}${path}`),
      bare: () => measured(`http://127.0.0.1:${bare.port}${path}`),
    });
    await bare.stop();
    return { path, bytes: answer.body.length, ...raw };
  });
}

/** The first seconds run code that is not compiled yet. */
async function measured(url) {
  await requestsPerSecond(url, WARM_SECONDS);
  const rate = await requestsPerSecond(url, SECONDS);
  await delay(200);
  return rate;
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

function rowOf({ path, bytes, clawgauge, bare }) {
  const [ours, theirs] = [median(clawgauge), median(bare)];
  const ratio = round(ours / theirs, 3);
  const list = (values) => values.map((value) => round(value)).join(' ');
  return {
    what: `${path}, ${bytes} B, against bare node:http`,
    measured: `${ratio}, ${round(ours)}/s against ${round(theirs)}/s`,
    detail: `${list(clawgauge)} against ${list(bare)}`,
    ...atLeast(ratio, BUDGET),
  };
}
