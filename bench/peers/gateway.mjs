// A real OpenClaw gateway as a child process, installed from npm when first needed, on a state directory that is ours.
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run, start, stop } from '../lib/children.mjs';
import { until } from '../lib/wait.mjs';
import { RpcClient } from './rpc-client.mjs';

/** The last one with JSONL stores, and one with SQLite stores. */
export const versions = ['2026.5.22', '2026.9.6'];

/** The lowest Node that both run on, from npm too. */
const NODE = 'node@24';
const INSTALL_DEADLINE = 600_000;
const START_DEADLINE = 600_000;

export class Gateway {
  version;
  #directory;
  #node;
  #child = null;

  /** Throws when it cannot be had. */
  static async install(version, cacheDirectory) {
    const gateway = new Gateway();
    gateway.version = version;
    gateway.#directory = join(cacheDirectory, `openclaw-${version}`);
    mkdirSync(join(gateway.#directory, 'home'), { recursive: true });
    if (!existsSync(gateway.#entry)) {
      const flags = ['--prefix', gateway.#directory, '--ignore-scripts', '--no-audit', '--no-fund'];
      await run('npm', ['install', ...flags, `openclaw@${version}`], { deadline: INSTALL_DEADLINE });
    }
    const { stdout } = await run('npx', ['--yes', '--package', NODE, 'node', '-p', 'process.execPath']);
    gateway.#node = stdout.trim();
    return gateway;
  }

  get isSqlite() {
    return this.version !== '2026.5.22';
  }

  get pid() {
    return this.#child?.pid;
  }

  get #entry() {
    return join(this.#directory, 'node_modules/openclaw/openclaw.mjs');
  }

  /** Makes a state directory with JSONL stores one that this gateway starts on: its configuration, and its kind of store. */
  async prepare(stateDirectory, changes = (config) => config) {
    const file = join(stateDirectory, 'openclaw.json');
    const config = changes(JSON.parse(readFileSync(file, 'utf8')));
    config.gateway = { mode: 'local', bind: 'loopback' };
    config.agents.defaults = { ...config.agents.defaults, skipBootstrap: true, heartbeat: { every: '0m' } };
    config.agents.defaults.workspace = join(stateDirectory, 'workspace');
    if (this.isSqlite) delete config.models?.pricing;
    // No price lists from the network: both are to know the same prices.
    else config.models = { ...config.models, pricing: { enabled: false } };
    writeFileSync(file, JSON.stringify(config));
    // Without its registry of plugins, 2026.5.22 looks through all of them for the price of every record.
    const args = this.isSqlite
      ? ['doctor', '--session-sqlite', 'import', '--session-sqlite-all-agents', '--json']
      : ['plugins', 'registry', '--refresh'];
    await run(this.#node, [this.#entry, ...args], { env: this.#environment(stateDirectory) });
  }

  /** Starts it and waits until it answers calls; gives its address and token. */
  async start(stateDirectory) {
    const port = await freePort();
    const token = 'peer-token-of-the-bench';
    const log = openSync(join(this.#directory, 'gateway.log'), 'a');
    const flags = ['--port', String(port), '--bind', 'loopback', '--auth', 'token', '--token', token];
    this.#child = start(this.#node, [this.#entry, 'gateway', 'run', ...flags], {
      stdio: ['ignore', log, log],
      env: this.#environment(stateDirectory),
    });
    const url = `ws://127.0.0.1:${port}`;
    const answers = async () => {
      if (this.#child.exitCode !== null) throw new Error(`the gateway ended: ${this.#directory}/gateway.log`);
      const client = await RpcClient.connect(url, token).catch(() => null);
      const { ok = false } = (await client?.call('usage.cost', { days: 1, agentId: 'main' })) ?? {};
      client?.close();
      return ok ? { url, token } : null;
    };
    return until(`the gateway ${this.version}`, answers, { every: 500, deadline: START_DEADLINE });
  }

  async stop() {
    if (this.#child !== null) await stop(this.#child);
    this.#child = null;
  }

  #environment(stateDirectory) {
    return {
      PATH: process.env.PATH,
      HOME: join(this.#directory, 'home'),
      TZ: 'UTC',
      OPENCLAW_STATE_DIR: stateDirectory,
      OPENCLAW_SKIP_CHANNELS: '1',
      OPENCLAW_NO_UPDATE_CHECK: '1',
      // It would look for plugins of the providers in the configuration.
      npm_config_offline: 'true',
    };
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
