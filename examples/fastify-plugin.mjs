// Clawgauge inside an application of one's own. Its options are those of docs/configuration.md, by their names:
//
//   node examples/fastify-plugin.mjs [STATE_DIR]
import clawgauge from 'clawgauge';
import Fastify from 'fastify';

const [stateDir] = process.argv.slice(2);
// Session keys, which are part of a path, can be long.
const app = Fastify({ routerOptions: { maxParamLength: 16_384 } });

// Whoever can reach the application can ask: give it a `token` if it listens beyond loopback.
await app.register(clawgauge, { prefix: '/clawgauge', stateDir });
app.get('/', async () => {
  const { totals } = await app.clawgauge.usage({ range: 'today' });
  return { hello: 'world', today: totals.cost, more: '/clawgauge/v1/usage' };
});

const url = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
console.log(`usage at ${url}/clawgauge/v1/usage`);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
