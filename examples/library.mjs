// The figures without a server: reads the stores once, and prints what every model cost and which sessions cost most.
//
//   node examples/library.mjs [STATE_DIR]
import { createUsageService } from 'clawgauge';

const [stateDir] = process.argv.slice(2);
const service = await createUsageService({ stateDir });
try {
  // Until then there are the figures that the last run left on disk, if any.
  await service.ready();
  const { totals, byModel } = await service.usage({ range: 'all' });
  for (const { provider, model, totals } of byModel) console.log(`${dollars(totals)}  ${provider}/${model}`);
  const { sessions } = await service.sessions({ range: 'all', sort: 'cost', limit: 3 });
  for (const { agent, sessionId, totals } of sessions)
    console.log(`${dollars(totals)}  ${agent}, session ${sessionId}`);
  console.log(`${dollars(totals)}  in all, of ${totals.records} records, ${totals.missing} of them without a price`);
} finally {
  await service.close();
}

function dollars({ cost }) {
  return `$${cost.toFixed(2).padStart(9)}`;
}
