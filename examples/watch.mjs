// Prints what today cost so far, again each time that figures change, until it is interrupted:
//
//   node examples/watch.mjs [STATE_DIR]
import { createUsageService } from 'clawgauge';

const [stateDir] = process.argv.slice(2);
const service = await createUsageService({ stateDir });
service.on('snapshot', () => void print());
service.on('refresh', ({ error }) => error !== null && console.error(`${error.code}: ${error.detail}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => service.close());

async function print() {
  const { totals, snapshot } = await service.usage({ range: 'today' });
  console.log(`$${totals.cost.toFixed(2)} today, ${totals.records} records (${snapshot.state})`);
}
