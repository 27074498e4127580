/** A real Prometheus to read metrics with, if this machine has one. Debian: apt-get install prometheus. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll } from 'vitest';
import { temporaryStateDir } from '../support/stores.ts';
import { eventually } from './eventually.ts';

/** Whether both programs are there. */
export const hasPrometheus = ['prometheus', 'promtool'].every((name) =>
  (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, name))),
);

if (!hasPrometheus) console.warn('There is no Prometheus here: what needs it is skipped.');

const running = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

/** Runs promtool, and gives what it says; rejects with that when it is not content. */
export function promtool(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('promtool', args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`));
    });
    child.stdin?.end(input);
  });
}

export class Prometheus {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Starts one with a configuration, which names its rules by absolute paths; waits until it answers. */
  static async start(config: string): Promise<Prometheus> {
    const directory = temporaryStateDir();
    writeFileSync(join(directory, 'prometheus.yml'), config);
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { cwd: directory, stdio: 'ignore' },
    );
    running.add(child);
    const prometheus = new Prometheus(`http://${address}`);
    await eventually(async () => {
      const { ok, status } = await fetch(`${prometheus.#url}/-/ready`);
      if (!ok) throw new Error(`Prometheus: ${status}`);
    });
    return prometheus;
  }

  /** The values of an instant query, by the text of their labels; rejects for what is no query. */
  async query(expression: string): Promise<Record<string, number>> {
    const answer = await fetch(`${this.#url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
    const { data, error } = (await answer.json()) as {
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${expression}: ${error}`);
    return Object.fromEntries(
      data.result.map(({ metric, value: [, value] }) => [Object.values(metric).join(' '), Number(value)]),
    );
  }

  /** What a scrape said of a family of metrics: its type and unit. */
  async metadata(family: string): Promise<{ readonly type: string; readonly unit: string } | undefined> {
    const answer = await fetch(`${this.#url}/api/v1/metadata?${new URLSearchParams({ metric: family })}`);
    const { data } = (await answer.json()) as { data: Record<string, { type: string; unit: string }[]> };
    return data[family]?.[0];
  }

  /** The one value of an instant query. */
  async value(expression: string): Promise<number> {
    const values = Object.values(await this.query(expression));
    if (values.length !== 1) throw new Error(`${expression}: ${values.length} values`);
    return values[0] as number;
  }
}

/** A port that nobody uses, as far as can be known. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
