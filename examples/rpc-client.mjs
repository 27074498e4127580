// Asks what a gateway is asked, of Clawgauge or of a gateway, over a WebSocket: the cost of the last days.
//
//   node examples/rpc-client.mjs [URL]        the token, if there is one, in CLAWGAUGE_TOKEN
import { once } from 'node:events';
import { WebSocket } from 'ws';

const [url = 'ws://127.0.0.1:18790/rpc'] = process.argv.slice(2);
const token = process.env.CLAWGAUGE_TOKEN;

const socket = new WebSocket(url);
await once(socket, 'message'); // connect.challenge
await call('connect', {
  minProtocol: 4,
  maxProtocol: 4,
  client: { id: 'gateway-client', version: '1.0.0', platform: process.platform, mode: 'backend' },
  role: 'operator',
  scopes: ['operator.read'],
  auth: { token },
});
const { daily, totals, cacheStatus } = await call('usage.cost', { days: 7 });
for (const { date, totalCost } of daily) console.log(`${date}  $${totalCost.toFixed(2)}`);
console.log(`$${totals.totalCost.toFixed(2)} in all, ${totals.totalTokens} tokens (${cacheStatus.status})`);
socket.close();

/** The payload of the answer to a call; throws its error. */
function call(method, params) {
  const id = crypto.randomUUID();
  socket.send(JSON.stringify({ type: 'req', id, method, params }));
  return new Promise((resolve, reject) => {
    const take = (data) => {
      const { type, id: answered, ok, payload, error } = JSON.parse(data);
      if (type !== 'res' || answered !== id) return;
      socket.off('message', take);
      if (ok) resolve(payload);
      else reject(new Error(`${error.code}: ${error.message}`));
    };
    socket.on('message', take);
    socket.once('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
  });
}
