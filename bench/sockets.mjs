// The gateway's calls over WebSockets: handshakes and pings while a whole store is read, against at rest; and a million
// small frames of one client, with what they cost in memory and what everybody else notices of them.
import { connect } from 'node:net';
import { median, percentile, round } from './lib/statistics.mjs';
import { RpcClient } from './peers/rpc-client.mjs';

export const name = 'sockets';

const FRAMES = 1_000_000;
/** Frames written at a time. */
const BATCH = 10_000;
/** Handshakes at rest, for as many as fit into a cold start. */
const LEAST_AT_REST = 200;

export async function run(context) {
  const cold = { first: [], busy: [], rest: [], pings: { busy: [], rest: [] } };
  const store = await context.store('1g');
  for (let count = 0; count < context.options.rounds; count++) {
    await context.withService({ stateDirectory: store.directory }, (service) => measureCold(service, cold));
  }
  const small = await context.generated({ sessions: 20 });
  const floods = {};
  for (const [what, frame] of [
    ['calls of usage.cost', '{"type":"req","id":"x","method":"usage.cost","params":{"days":1}}'],
    ['frames that are none', '{}'],
  ]) {
    floods[what] = await context.withService({ stateDirectory: small.directory }, (service) => flood(service, frame));
  }
  return {
    rows: [
      { what: 'the first handshake, from when the service listens', measured: times(cold.first) },
      compared('handshake of a WebSocket while 1 GB is read', cold.busy, cold.rest),
      compared('ping meanwhile', cold.pings.busy, cold.pings.rest),
      ...Object.entries(floods).map(([what, { ms, grown, others }]) => ({
        what: `a million ${what}`,
        measured: `${round(FRAMES / ms)} a ms, ${round(grown / 2 ** 20)} MiB more`,
        detail: `others meanwhile: ${times(others)}`,
      })),
    ],
    raw: { cold, floods },
  };
}

/** Handshakes one after the other, each with a ping, until the store is read; then as many again. */
async function measureCold(service, { first, busy, rest, pings }) {
  // With it, what speaks on sockets is loaded.
  await measureOne(service, first, []);
  const complete = service.complete().then(() => true);
  let done = false;
  complete.then(() => {
    done = true;
  });
  while (!done) await measureOne(service, busy, pings.busy);
  await service.firstRefresh();
  for (let count = 0; count < LEAST_AT_REST; count++) await measureOne(service, rest, pings.rest);
}

async function measureOne(service, handshakes, pings) {
  const began = performance.now();
  const client = await RpcClient.connect(urlOf(service));
  handshakes.push(performance.now() - began);
  pings.push(await client.ping());
  client.close();
}

/** Sends one frame a million times, as fast as it is taken, and waits for every answer. */
async function flood(service, frame) {
  await service.complete();
  const other = await RpcClient.connect(urlOf(service));
  const others = [];
  const before = service.residentMemory;
  const began = performance.now();
  const sending = { done: false };
  const all = sendAll(service.port, frame).finally(() => {
    sending.done = true;
  });
  while (!sending.done) {
    const { ms } = await other.call('usage.cost', { days: 1 });
    others.push(ms);
  }
  await all;
  const ms = performance.now() - began;
  other.close();
  return { ms, grown: service.peakMemory - before, others };
}

function sendAll(port, frame) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answers = 0;
    let sent = 0;
    let rest = '';
    const batch = Buffer.concat(Array.from({ length: BATCH }, () => masked(frame)));
    const send = () => {
      while (sent < FRAMES) {
        sent += BATCH;
        if (!socket.write(batch)) return;
      }
    };
    socket.on('error', reject).on('drain', send);
    socket.on('data', (data) => {
      // Every answer begins alike, that to connect too.
      const parts = (rest + data.toString('latin1')).split('{"type":"res"');
      answers += parts.length - 1;
      rest = parts.at(-1).slice(-12);
      if (answers <= FRAMES) return;
      socket.destroy();
      resolve();
    });
    socket.write(
      `GET /rpc HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    const client = { id: 'test', version: '1', platform: 'linux', mode: 'test' };
    const params = { minProtocol: 4, maxProtocol: 4, client, scopes: ['operator.read'] };
    socket.write(masked(JSON.stringify({ type: 'req', id: 'c', method: 'connect', params })));
    send();
  });
}

/** A client's text frame of less than 64 KiB, masked with zeros. */
function masked(text) {
  const body = Buffer.from(text);
  const head = Buffer.alloc(body.length < 126 ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (body.length < 126 ? body.length : 126);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function compared(what, busy, rest) {
  return {
    what,
    measured: `p99 ${round(percentile(busy, 0.99), 1)} ms against ${round(percentile(rest, 0.99), 1)} ms at rest`,
    detail: `busy ${times(busy)}; at rest ${times(rest)}`,
  };
}

function times(samples) {
  return `${samples.length} samples, p50 ${round(median(samples), 1)} ms, max ${round(percentile(samples, 1), 1)} ms`;
}

function urlOf({ port }) {
  return `ws://127.0.0.1:${port}/rpc`;
}
