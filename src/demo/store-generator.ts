/**
 * Generates a realistic OpenClaw 2026.5.22 state directory: agents, months of sessions, every kind of record and file
 * that a reader has to cope with. Works synchronously, in memory that does not grow with the store.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ClawgaugeError } from '../errors.ts';
import { AgentStore } from './agent-store.ts';
import { type DemoAgent, demoAgents } from './agents.ts';
import { addFigures, emptyStoreFigures, type StoreFigures, type StoreManifest, writeManifest } from './manifest.ts';
import { configuredProviders } from './models.ts';
import { type StoreOptions, storeOptions } from './options.ts';

/**
 * Writes a store into a directory that holds none yet, and says what it wrote. The same options give the same bytes,
 * except for absolute paths inside. Throws `invalid_option` for options outside their limits and for a directory in use.
 */
export function generateStore(
  directory: string,
  given: Partial<StoreOptions> & Pick<StoreOptions, 'now'>,
): StoreManifest {
  const options = storeOptions(given);
  const root = resolve(directory);
  for (const name of ['agents', 'openclaw.json']) {
    if (!existsSync(join(root, name))) continue;
    throw new ClawgaugeError('invalid_option', `expected a directory without a state in it, but ${root} has ${name}`);
  }
  mkdirSync(root, { recursive: true, mode: 0o700 });

  const roster = demoAgents(options.agents);
  writeConfiguration(root, roster);
  const agents: Record<string, StoreFigures> = {};
  const totals = emptyStoreFigures();
  roster.forEach((agent, index) => {
    const figures = new AgentStore(join(root, 'agents', agent.id, 'sessions'), agent, index, options).generate();
    agents[agent.id] = figures;
    addFigures(totals, figures);
  });
  const manifest = { options, agents, totals };
  writeManifest(root, manifest);
  return manifest;
}

/** Some prices are configured, some generated into the model catalogue, some known to nobody. */
function writeConfiguration(root: string, agents: readonly DemoAgent[]): void {
  const config = {
    gateway: { mode: 'local', bind: 'loopback' },
    agents: {
      defaults: { workspace: join(root, 'workspace') },
      list: agents.map(({ id }, index) => (index === 0 ? { id, default: true } : { id })),
    },
    models: { providers: configuredProviders('openclaw.json'), pricing: { enabled: false } },
  };
  writeFileSync(join(root, 'openclaw.json'), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  const catalogue = join(root, 'agents', 'main', 'agent');
  mkdirSync(catalogue, { recursive: true, mode: 0o700 });
  const models = { providers: configuredProviders('models.json') };
  writeFileSync(join(catalogue, 'models.json'), `${JSON.stringify(models, null, 2)}\n`);
}
