// A packed `clawgauge serve` with default options, as a child process.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { start, stop } from './children.mjs';
import { Client } from './client.mjs';
import { cpuTime, peakMemory, residentMemory } from './process-figures.mjs';
import { until } from './wait.mjs';

const loopDelayModule = fileURLToPath(new URL('./loop-delay.mjs', import.meta.url));
const onDemandModule = fileURLToPath(new URL('./on-demand.mjs', import.meta.url));
const START_DEADLINE = 20_000;
const WARM_DEADLINE = 300_000;

/** How often a question is asked again while figures are on their way; the resolution of times until an answer. */
const POLL_EVERY = 10;

export class Service {
  /** performance.now() at the spawn. */
  spawnedAt;
  port;
  client;
  #child;

  /**
   * Starts it and waits until it listens.
   * @param stateDirectory what it reads
   * @param dataDirectory what it writes; made if it is not there
   * @param watchLoop also record the delays of its main thread's event loop (loop-delay.mjs)
   * @param onDemand also refresh whenever it is told to (on-demand.mjs); not together with watchLoop
   * @param options more flags of `clawgauge serve`
   */
  static async start(
    packageDirectory,
    { stateDirectory, dataDirectory, port = 0, watchLoop = false, onDemand = false, options = [] },
  ) {
    mkdirSync(dataDirectory, { recursive: true });
    const service = new Service();
    const cli = join(packageDirectory, 'dist/cli.js');
    const log = openSync(join(dataDirectory, 'service.log'), 'a');
    const module = watchLoop ? loopDelayModule : onDemand ? onDemandModule : null;
    const preload = module === null ? [] : ['--import', module];
    const flags = ['--state-dir', stateDirectory, '--data-dir', dataDirectory, '--port', String(port), ...options];
    service.spawnedAt = performance.now();
    service.#child = start(process.execPath, [...preload, cli, 'serve', ...flags], {
      stdio: ['ignore', 'pipe', log, ...(module === null ? [] : ['ipc'])],
      env: ownEnvironment(),
    });
    closeSync(log);
    service.port = port === 0 ? await listeningPort(service.#child) : port;
    service.client = new Client(service.port);
    return service;
  }

  get pid() {
    return this.#child.pid;
  }

  get peakMemory() {
    return peakMemory(this.pid);
  }

  get residentMemory() {
    return residentMemory(this.pid);
  }

  get cpuTime() {
    return cpuTime(this.pid);
  }

  /** The first answer with figures and nothing pending. @param limits how often it is asked for, and how long */
  complete(path = '/v1/usage?range=30d', limits = {}) {
    const ask = async () => {
      const { status, body } = await this.client.json(path);
      const { snapshot } = body;
      return status === 200 && snapshot.coverage.transcripts > 0 && snapshot.coverage.pending === 0 ? body : null;
    };
    return until(`${path} with nothing pending`, ask, { every: POLL_EVERY, deadline: WARM_DEADLINE, ...limits });
  }

  /** Every refresh that ended and is still remembered, oldest first. */
  async refreshes() {
    const { body } = await this.client.json('/v1/status');
    return body.refreshes.filter(({ ended }) => ended !== null).reverse();
  }

  /** The slots of loop-delay.mjs so far. */
  loopDelays() {
    return this.#tell('report');
  }

  /** A refresh now (on-demand.mjs); gives its record once it ended. */
  refreshNow() {
    return this.#tell('refresh');
  }

  /** What the main thread holds open, by kind (on-demand.mjs). */
  resources() {
    return this.#tell('resources');
  }

  /** Asks the preloaded module. */
  #tell(question) {
    return new Promise((resolve, reject) => {
      this.#child.once('message', resolve);
      this.#child.send(question, (error) => error !== null && reject(error));
    });
  }

  /** The refresh of the start, once it ended. */
  firstRefresh() {
    const ask = async () => (await this.refreshes())[0] ?? null;
    return until('the end of the first refresh', ask, { every: POLL_EVERY, deadline: WARM_DEADLINE });
  }

  async stop() {
    this.client.close();
    await stop(this.#child);
  }
}

/** Nobody's options but the defaults: whatever the user has in the environment for Clawgauge, OpenClaw or Node. */
function ownEnvironment() {
  const names = Object.keys(process.env).filter((name) => !/^(CLAWGAUGE|OPENCLAW|NODE|XDG)_/.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function listeningPort(child) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it did not listen within ${START_DEADLINE} ms`)), START_DEADLINE);
    child.once('exit', (code) => reject(new Error(`clawgauge serve ended with ${code} before it listened`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = / on http:\/\/[^ ]+:(\d+)/.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
