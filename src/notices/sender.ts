/** The thread that sends notices: there only while something is sent. */
import { ThreadPool } from '../snapshot/thread-pool.ts';
import { workerFile } from '../snapshot/worker-file.ts';
import { MIB, type Milliseconds } from '../units.ts';
import type { Delivery, DeliveryResult } from './notice.ts';

/** Longer than any single attempt may take. */
const DEADLINE: Milliseconds = 30_000;

export class Sender {
  #pool: ThreadPool | null = null;

  /** Makes one attempt at each; rejects when the thread comes to grief. */
  send(deliveries: readonly Delivery[]): Promise<DeliveryResult[]> {
    this.#pool ??= new ThreadPool({
      filename: workerFile('../notices/sender.worker'),
      threads: 1,
      heap: 16 * MIB,
      idleTimeout: 0,
    });
    return this.#pool.run('send', { deliveries }, { deadline: DEADLINE });
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
