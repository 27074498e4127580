/** The packed command as a child process, asked over HTTP and ended by its own pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { leastMemoryCap } from '../../src/cache/memory-budget.ts';
import type { StatusAnswer } from '../../src/snapshot/status.ts';
import { MIB, type Milliseconds } from '../../src/units.ts';
import type { UsageAnswer } from '../oracle/v1-shapes.ts';
import { temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';
import { unpackedPackage } from './package.ts';

/** The smallest memory cap that is taken. */
export const LEAST_MEMORY = { '--memory-cap': `${leastMemoryCap() / MIB}mb` };

/** No answer takes this long unless the main thread stands still. */
const ANSWER_WITHIN: Milliseconds = 5_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed. */
  readonly body: unknown;
}

export interface Ended {
  /** Null after a signal that ended it at once. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** Instead of the package that all tests share. */
  readonly packageDirectory?: string;
  /** A program and its arguments that run the command given behind them, in the same process. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

type Started = Awaited<ReturnType<typeof startCommand>>;

type Flags = Readonly<Record<`--${string}`, string>>;

const running = new Set<ChildProcess>();
afterAll(async () => {
  const left = [...running];
  for (const child of left) child.kill('SIGKILL');
  await Promise.all(left.map((child) => once(child, 'close')));
});

/** Runs the command to its end. */
export async function runCommand(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const { ended } = await startCommand(args, surroundings);
  return ended;
}

/** A command that serves until it is told to end. */
export class Service {
  /** Ends in no slash. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;

  /** What it has written to standard error so far. */
  readonly logged: () => string;

  private constructor(url: string, { child, ended, logged }: Omit<Started, 'said'>) {
    // A wildcard is where a service listens, but no name to ask it by.
    this.url = url.replace('//0.0.0.0:', '//127.0.0.1:');
    this.#child = child;
    this.#ended = ended;
    this.logged = logged;
  }

  /** Starts `clawgauge` with these arguments and waits until it says where it listens; throws when it ends before. */
  static async start(args: readonly string[], surroundings: Surroundings = {}): Promise<Service> {
    const started = await startCommand(args, surroundings);
    const { ended, said } = started;
    const listens = said(/listens on (\S+)/).then((match) => match[1] as string);
    const early = ended.then(({ code, stdout, stderr }) => {
      throw new Error(`it ended with ${code} instead of listening: ${stdout}${stderr}`);
    });
    return new Service(await Promise.race([listens, early]), started);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What a client gets; throws when nothing comes in time. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#fetch(path, { headers });
  }

  async usage(query = 'range=all'): Promise<UsageAnswer> {
    const { status, body } = await this.get(`/v1/usage?${query}`);
    if (status !== 200) throw new Error(`/v1/usage?${query}: ${status}`);
    return body as UsageAnswer;
  }

  async status(): Promise<StatusAnswer> {
    return (await this.get('/v1/status')).body as StatusAnswer;
  }

  /** Asks for a refresh, again if too many were asked for; does not wait for its end. */
  async refresh(): Promise<void> {
    await eventually(async () => {
      const { status } = await this.#fetch('/v1/refresh', { method: 'POST' });
      if (status !== 202) throw new Error(`/v1/refresh: ${status}`);
    });
  }

  /** Waits for the first complete snapshot. */
  async ready(): Promise<this> {
    await eventually(async () => {
      const { status } = await this.get('/ready');
      if (status !== 200) throw new Error(`/ready: ${status}`);
    });
    return this;
  }

  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'): void {
    process.kill(this.pid, signal);
  }

  /** Asks it to end, and gives what it said in its life. */
  async stop(): Promise<Ended> {
    this.signal('SIGTERM');
    return this.#ended;
  }

  /** From now on nobody reads what it says. */
  leaveAlone(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Resolves when it has ended, for whatever reason. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.url + path, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }
}

/** `serve` on a state directory, with a data directory of its own and quick refreshes unless the flags say otherwise. */
export function serve(stateDirectory: string, flags: Flags = {}, surroundings: Surroundings = {}): Promise<Service> {
  return Service.start(serveArguments(stateDirectory, flags), surroundings);
}

/** The arguments of that. */
export function serveArguments(stateDirectory: string, flags: Flags): string[] {
  const all = {
    '--state-dir': stateDirectory,
    '--port': '0',
    '--time-zone': 'UTC',
    '--log-level': 'warn',
    '--refresh-interval': '1s',
    ...flags,
  };
  const own = '--data-dir' in flags ? {} : { '--data-dir': temporaryStateDir() };
  return ['serve', ...Object.entries({ ...all, ...own }).flat()];
}

/** Starts the command and waits for nothing. */
export async function startCommand(args: readonly string[], { packageDirectory, through = [], env }: Surroundings) {
  const cli = join(packageDirectory ?? (await unpackedPackage()), 'dist', 'cli.js');
  const home = temporaryStateDir();
  const command = [...through, process.execPath, cli, ...args];
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: home,
    // Nothing of whoever runs the tests: no OpenClaw of theirs, no options, no time zone.
    env: { PATH: process.env.PATH, HOME: home, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      rmSync(home, { recursive: true, force: true });
      resolve({ code, stdout, stderr });
    });
  });
  const said = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const match = pattern.exec(stdout);
        if (match === null) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
    });
  return { child, ended, said, logged: () => stderr };
}
