#!/usr/bin/env node
// Writes down what real gateways send and how they close, for test/fixtures/rpc: each fixture is a list of conversations,
// each of them what was sent and what came. What differs from run to run is written as <…>.
//
//   npm run build && node bench/peers/record-frames.mjs [VERSION…]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { run, stopAll } from '../lib/children.mjs';
import { conversations } from './conversations.mjs';
import { Gateway, versions } from './gateway.mjs';
import { RpcClient } from './rpc-client.mjs';

const fixtures = fileURLToPath(new URL('../../test/fixtures/rpc/', import.meta.url));
const generator = fileURLToPath(new URL('../../dist/demo/generate.js', import.meta.url));
/** How long a conversation stays open after its last answer, and at most. */
const QUIET = 400;
const DEADLINE = 30_000;

const work = mkdtempSync(join(tmpdir(), 'clawgauge-frames-'));
try {
  const asked = process.argv.slice(2);
  for (const version of asked.length === 0 ? versions : asked) await record(version);
} finally {
  await stopAll();
  rmSync(work, { recursive: true });
}

async function record(version) {
  const gateway = await Gateway.install(version, join(tmpdir(), 'clawgauge-bench'));
  const state = join(work, version);
  mkdirSync(state);
  await run(process.execPath, [generator, state, '--sessions', '6', '--now', '2026-11-22T12:00:00Z']);
  await gateway.prepare(state);
  const { url, token } = await gateway.start(state);
  // Conversations are about frames, and not about waiting.
  const client = await RpcClient.connect(url, token);
  await client.fresh('main');
  client.close();
  const fixture = { version, conversations: [] };
  for (const { name, versions = [version], frames, ...how } of conversations(token)) {
    if (!versions.includes(version)) continue;
    console.log(`${version}: ${name}`);
    const went = await converse(url, frames, how);
    fixture.conversations.push({
      name,
      ...(how.headers ? { headers: how.headers } : {}),
      frames: went.map((entry) => trimmed(entry, name)),
    });
  }
  await gateway.stop();
  mkdirSync(fixtures, { recursive: true });
  const text = linesOf(fixture).replaceAll(state, '<state>').replaceAll(token, '<token>');
  writeFileSync(join(fixtures, `${version}.json`), text);
}

/** A line for each frame. */
function linesOf({ version, conversations }) {
  const blocks = conversations.map(({ frames, ...about }) => {
    const lines = frames.map((frame) => `  ${JSON.stringify(frame)}`).join(',\n');
    return `${JSON.stringify(about).slice(0, -1)}, "frames": [\n${lines}\n]}`;
  });
  return `{"version": ${JSON.stringify(version)}, "conversations": [\n${blocks.join(',\n')}\n]}\n`;
}

/** Sends the first frame once something came, and each next one once the one before was answered. */
function converse(url, frames, { headers, stay = 0 }) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    const went = [];
    const left = [...frames];
    let timer = setTimeout(end, DEADLINE);
    const openedAt = Date.now();
    socket.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.type === 'event' && !['connect.challenge', 'tick'].includes(frame.event)) return;
      if (frame.event === 'tick' && stay === 0) return;
      went.push({ came: frame });
      if (frame.event !== 'tick') next();
    });
    socket.on('ping', () => went.push({ came: 'ping', afterSeconds: Math.round((Date.now() - openedAt) / 1000) }));
    socket.on('close', (code, reason) => {
      went.push({ closed: code, reason: String(reason) });
      clearTimeout(timer);
      resolve(went);
    });
    socket.on('unexpected-response', (_request, response) => {
      went.push({ refused: response.statusCode });
      clearTimeout(timer);
      resolve(went);
    });
    socket.on('error', () => {});

    function next() {
      clearTimeout(timer);
      const frame = left.shift();
      timer = setTimeout(end, frame === undefined ? Math.max(QUIET, stay) : DEADLINE);
      if (frame === undefined) return;
      went.push({ sent: frame });
      if (typeof frame === 'string') socket.send(frame);
      else if (frame.binary !== undefined) socket.send(Buffer.from(frame.binary));
      else socket.send(JSON.stringify(frame));
    }

    function end() {
      socket.removeAllListeners('close');
      socket.terminate();
      resolve(went);
    }
  });
}

/** Without what is of this machine or this run, and without figures: those are in the golden answers. */
function trimmed(entry, name) {
  const { came } = entry;
  if (came?.type === 'res' && came.ok) came.payload = cut(came.payload, name);
  const text = JSON.stringify(entry)
    .replaceAll(/"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"<uuid>"')
    .replaceAll(/"(ts|updatedAt)":\d+/g, '"$1":0')
    .replaceAll(/x{100,}/g, '<70000 times x>');
  return JSON.parse(text);
}

function cut(payload, name) {
  if (payload?.type !== 'hello-ok') {
    return payload?.aggregates !== undefined && name.startsWith('creators') ? creatorsOf(payload) : keysOf(payload);
  }
  const { type, protocol, server, features, snapshot, auth, policy } = payload;
  if (!name.startsWith('hello-ok')) return { type, protocol, auth: { role: auth.role, scopes: auth.scopes } };
  const about = (name) => /^(usage|sessions\.usage|health|status|connect|tick|shutdown|presence)/.test(name);
  return {
    type,
    protocol,
    server: { ...server, ...(server.buildId === undefined ? {} : { buildId: '<build>' }) },
    features: { methods: features.methods.filter(about), events: features.events.filter(about) },
    snapshot: { '<keys>': Object.keys(snapshot), sessionDefaults: snapshot.sessionDefaults },
    auth: { ...auth, ...(auth.recoveryScope === undefined ? {} : { recoveryScope: '<secret>' }) },
    policy,
  };
}

function keysOf(payload) {
  return payload === null || typeof payload !== 'object' ? payload : { '<keys>': Object.keys(payload) };
}

/** Who made which session, as 2026.9 tells it. */
function creatorsOf({ creatorOptions, aggregates, sessions, ...others }) {
  const byCreator = aggregates.byCreator.map(({ totals, daily, ...about }) => ({
    ...about,
    '<keys>': ['totals', 'daily'],
  }));
  const rows = sessions.map(({ key, label, creatorKey, createdActor, hasContextWeight }) => ({
    key,
    label,
    creatorKey,
    createdActor,
    hasContextWeight,
  }));
  return { '<keys>': Object.keys(others), creatorOptions, byCreator, sessions: rows };
}
