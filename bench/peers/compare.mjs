#!/usr/bin/env node
// Asks a real gateway and Clawgauge the same, with the same client, of the same generated store: prints how long each took
// and where the answers differ. Gateways are installed from npm when first needed. Ends with 1 if anything differs, or if
// both refuse what is to be answered: that they do it alike says nothing.
//
//   npm run build && node bench/peers/compare.mjs [VERSION…] [--sessions 20] [--rounds 5] [--show 5]
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run, stopAll } from '../lib/children.mjs';
import { machine } from '../lib/machine.mjs';
import { unpackPackage } from '../lib/package.mjs';
import { peakMemory } from '../lib/process-figures.mjs';
import { Service } from '../lib/service.mjs';
import { median, round } from '../lib/statistics.mjs';
import { table } from '../lib/table.mjs';
import { differences } from './differences.mjs';
import { Gateway, versions } from './gateway.mjs';
import { RpcClient } from './rpc-client.mjs';

const TOKEN = 'a-token-of-the-comparison';
const DAY = 86_400_000;
/** How many sessions of agent main are asked for by themselves. */
const SINGLE_SESSIONS = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sessions: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
    show: { type: 'string', default: '5' },
  },
});

const work = mkdtempSync(join(tmpdir(), 'clawgauge-peers-'));
try {
  console.log(JSON.stringify(machine()));
  const packageDirectory = await unpackPackage(join(work, 'package'));
  let found = 0;
  for (const version of positionals.length === 0 ? versions : positionals) {
    found += await compare(version, packageDirectory);
  }
  process.exitCode = found === 0 ? 0 : 1;
} finally {
  await stopAll();
  rmSync(work, { recursive: true });
}

/** Prints one version's table; gives the number of differences. */
async function compare(version, packageDirectory) {
  const gateway = await Gateway.install(version, join(tmpdir(), 'clawgauge-bench'));
  const stateDirectory = join(work, version);
  mkdirSync(stateDirectory);
  const generator = join(packageDirectory, 'dist/demo/generate.js');
  await run(process.execPath, [generator, stateDirectory, '--sessions', values.sessions]);
  nameCreators(join(stateDirectory, 'agents/main/sessions/sessions.json'));
  const moved = plantPrices(stateDirectory);
  await gateway.prepare(stateDirectory, gateway.isSqlite ? withoutDefaultAgent : undefined);
  const { url, token } = await gateway.start(stateDirectory);
  const service = await Service.start(packageDirectory, {
    stateDirectory,
    dataDirectory: join(work, `data-${version}`),
    options: ['--token', TOKEN, '--transcripts', '--time-zone', 'UTC'],
  });
  const peers = [
    { pid: gateway.pid, client: await RpcClient.connect(url, token) },
    { pid: service.pid, client: await RpcClient.connect(`ws://127.0.0.1:${service.port}/rpc`, TOKEN) },
  ];
  const agents = readdirSync(join(stateDirectory, 'agents'));
  console.log(`waiting for the figures of ${version}`);
  // A gateway reads an agent when it is first asked for it.
  for (const { client } of peers) for (const agent of agents) await client.fresh(agent);

  const { sessions } = await peers[0].client.fresh('main');
  const keys = sessions.slice(0, SINGLE_SESSIONS).map(({ key }) => key);
  const rows = [];
  const notes = [];
  for (const [method, params, isRefused = false] of callsOf(gateway, keys, moved)) {
    const [theirs, ours] = await timed(peers, method, params);
    const found = differences(theirs.answer, ours.answer);
    if (theirs.ok !== ours.ok || theirs.ok === isRefused) {
      found.unshift({ path: 'answered', theirs: theirs.ok || theirs.answer, ours: ours.ok || ours.answer });
    }
    rows.push([
      `${method} ${JSON.stringify(params)}${theirs.ok ? '' : ' (refused)'}`,
      ...[theirs, ours].map(({ ms, bytes }) => `${round(ms, 1)} ms, ${round(bytes / 1000, 1)} kB`),
      `${round(theirs.ms / ours.ms, 1)}`,
      String(found.length),
    ]);
    for (const { path, theirs: one, ours: other } of found.slice(0, Number(values.show))) {
      notes.push(`  ${method} ${JSON.stringify(params)}\n    ${path}: ${shown(one)} there, ${shown(other)} here`);
    }
  }
  const [there, here] = peers.map(({ pid }) => `${round(peakMemory(pid) / 2 ** 20)} MiB`);
  console.log(
    `\n${version}, ${agents.length} agents with ${values.sessions} transcripts each; peak memory ${there} and ${here}\n`,
  );
  console.log(table(['call', `gateway ${version}`, 'Clawgauge', 'times faster', 'differences'], rows));
  if (notes.length > 0) console.log(`\n${notes.join('\n')}`);
  for (const { client } of peers) client.close();
  await service.stop();
  await gateway.stop();
  return rows.reduce((sum, row) => sum + Number(row.at(-1)), 0);
}

/** So that of several agents none is meant more than another. */
function withoutDefaultAgent(config) {
  config.agents.ownership = 'explicit';
  for (const agent of config.agents.list) delete agent.default;
  return config;
}

/** Lets sessions say in turn who made them, as 2026.9 keeps it. */
function nameCreators(file) {
  const entries = JSON.parse(readFileSync(file, 'utf8'));
  const actors = [
    { type: 'agent', id: 'ops' },
    { type: 'human', source: 'channel', id: 'u1' },
    { type: 'human', source: 'profile', id: 'p1' },
    { type: 'system', id: 'cron' },
    { type: 'system' },
  ];
  for (const [at, entry] of Object.values(entries).entries()) {
    const actor = actors[at % (actors.length + 1)];
    if (actor !== undefined) entry.createdActor = actor;
  }
  writeFileSync(file, JSON.stringify(entries));
}

/**
 * Lists a model of openclaw.json in models.json too, without a price: there the look-up ends in 2026.5, and goes on in 2026.9.
 * Gives the id of an agent whose models.json lies elsewhere, with another price for that model.
 */
function plantPrices(stateDirectory) {
  const file = join(stateDirectory, 'openclaw.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const [[provider, settings]] = Object.entries(config.models.providers);
  const providerWith = (costOf) => {
    const models = settings.models.map((model) => ({ ...model, cost: costOf(model.cost) }));
    return { ...settings, models };
  };
  const catalogFile = join(stateDirectory, 'agents/main/agent/models.json');
  const catalog = JSON.parse(readFileSync(catalogFile, 'utf8'));
  catalog.providers[provider] = providerWith(() => ({}));
  writeFileSync(catalogFile, JSON.stringify(catalog));
  const moved = config.agents.list[1];
  moved.agentDir = join(stateDirectory, 'elsewhere');
  mkdirSync(moved.agentDir);
  const providers = { [provider]: providerWith((cost) => ({ ...cost, output: cost.output * 2 })) };
  writeFileSync(join(moved.agentDir, 'models.json'), JSON.stringify({ providers }));
  writeFileSync(file, JSON.stringify(config));
  return moved.id;
}

/** What is asked: as the Control UI of that version does, over everything, and of single sessions; and what is to be refused. */
function callsOf({ isSqlite }, keys, moved) {
  const day = (ago) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);
  const month = { startDate: day(29), endDate: day(0), mode: 'utc' };
  const all = { startDate: day(120), endDate: day(0), mode: 'utc' };
  const page = { groupBy: 'instance', limit: 1000 };
  return [
    ['usage.cost', { agentId: 'main', ...month }],
    ['usage.cost', { agentId: 'main', ...all }],
    ['sessions.usage', { agentId: 'main', ...month, ...page, ...(isSqlite ? {} : { includeHistorical: true }) }],
    ['sessions.usage', { agentId: 'main', ...all, ...page, groupBy: 'family', includeContextWeight: true }],
    ['sessions.usage', { agentId: moved, ...all, ...page }],
    // In 2026.5, totals are cut at the limit; ours never are.
    ...(isSqlite
      ? [
          ['sessions.usage', { agentId: 'main', ...all, limit: 5 }],
          ['usage.cost', { agentScope: 'all', ...month }],
          ['sessions.usage', { agentScope: 'all', ...month, ...page, includeContextWeight: false }],
          ['sessions.usage', { agentId: 'main', ...all, creatorKey: '["agent","ops"]' }],
          ['usage.cost', month, true],
          ['sessions.usage', { ...month, key: 'main' }, true],
          ['sessions.usage', { ...month, agentScope: 'all', agentId: 'main' }, true],
        ]
      : []),
    ...keys.flatMap((key) => [
      ['sessions.usage.timeseries', { key }],
      ['sessions.usage.logs', { key, limit: 1000 }],
    ]),
  ];
}

/** Asks both in turn, in rounds; gives the last answer of each, and the median of its times. */
async function timed(peers, method, params) {
  const rounds = [];
  for (let count = 0; count < Number(values.rounds); count++) {
    const answers = [];
    for (const { client } of peers) answers.push(await client.call(method, params));
    rounds.push(answers);
  }
  return peers.map((_, peer) => {
    const answers = rounds.map((round) => round[peer]);
    const { ok, payload, error, bytes } = answers.at(-1);
    return { ok, answer: ok ? payload : error, ms: median(answers.map(({ ms }) => ms)), bytes };
  });
}

function shown(value) {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
