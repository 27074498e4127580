// The figures without a server: reads the stores once and prints what every model cost.
//
//   node examples/library.mjs [STATE_DIR]
import { createUsageService, usageQuery } from 'clawgauge';

const [stateDir] = process.argv.slice(2);
const service = createUsageService(stateDir === undefined ? {} : { stateDir });
service.start();
try {
  // Not service.complete(): what the last run left on disk is complete too, and older than the first refresh.
  while (!service.status().refreshes.some(({ ended }) => ended === 'ok')) {
    const { lastError } = service.status();
    if (lastError !== null) throw new Error(`${lastError.code}: ${lastError.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { totals, byModel } = await figures(usageQuery({ range: 'all', timeZone: 'UTC' }));
  for (const { provider, model, totals } of byModel) console.log(`${dollars(totals)}  ${provider}/${model}`);
  console.log(`${dollars(totals)}  in all, of ${totals.records} records, ${totals.missing} of them without a price`);
} finally {
  await service.close();
}

/** The answer to a question, without its `snapshot`. Views are kept as bytes, and without their opening brace. */
async function figures(query) {
  const answer = await service.ask(query);
  if (answer.kind !== 'ready') throw answer.error ?? new Error('the view was not ready in time');
  return JSON.parse(`{${Buffer.from(answer.view.rest)}`);
}

function dollars({ cost }) {
  return `$${cost.toFixed(2).padStart(9)}`;
}
