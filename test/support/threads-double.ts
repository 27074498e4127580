/** Threads that answer when a test says so: what a refresh asks of them, in which order, and how many at once. */
import { pack } from '../../src/compute/envelope.ts';
import type { ScanRequest } from '../../src/compute/scan-batch.ts';
import { BATCHES_AT_ONCE, type BatchOutcome, type KeeperReport } from '../../src/snapshot/keeper-calls.ts';
import type { SnapshotHeader } from '../../src/snapshot/publisher.ts';
import type { RefreshContext } from '../../src/snapshot/refresh.ts';
import { settled } from './manual-clock.ts';

type Call = 'scan' | 'accept' | 'planMore' | 'publish';

interface Waiting {
  readonly call: Call;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

const COVERAGE = { transcripts: 0, pending: 0, failed: 0, retained: 0, bytes: 0 };
const LINES = { lines: 0, fast: 0, parsed: 0, streamed: 0 };
const ACCEPTED: BatchOutcome = {
  folded: 1,
  failed: 0,
  bytesRead: 1,
  bytesAppended: 1,
  counts: LINES,
  duration: 1,
  coverage: COVERAGE,
};

export class ThreadsDouble {
  /** Batches of one transcript each that the keeper plans. */
  readonly #batches: Uint8Array<ArrayBuffer>[];
  /** How many batches may be scanned at once. */
  lanes: number;
  #inventoryTasks: number;
  /** Whether the keeper says that nothing was ever folded. */
  isNew = false;
  /** Scan threads that were told to be up before there is work for them. */
  prepared = 0;
  /** The steps that were taken, in their order. */
  readonly steps: string[] = [];
  readonly #waiting: Waiting[] = [];

  constructor(batches: number, lanes: number, inventoryTasks = 1) {
    const item = {
      directory: '',
      name: '',
      size: 1,
      resumes: false,
      lookFrom: null,
      era: '2026.5',
      predecessors: [],
    } as const;
    this.#batches = Array.from({ length: batches }, (_, at) =>
      pack({ priceEpoch: '', items: [{ ...item, id: String(at) }] } satisfies ScanRequest),
    );
    this.lanes = lanes;
    this.#inventoryTasks = inventoryTasks;
  }

  /** The calls that wait for their answer, oldest first. */
  get waiting(): Call[] {
    return this.#waiting.map(({ call }) => call);
  }

  /** Answers the oldest call of a kind, and lets everything happen that follows. */
  async answer(call: Call): Promise<void> {
    const { answer } = this.#take(call);
    if (call === 'accept') answer(ACCEPTED);
    else if (call === 'planMore') answer(this.#batches.splice(0, BATCHES_AT_ONCE));
    else answer(call === 'scan' ? pack({}) : pack(SNAPSHOT));
    await settled();
  }

  async fail(call: Call, error: unknown): Promise<void> {
    this.#take(call).fail(error);
    await settled();
  }

  /** What a refresh is given for its threads. */
  readonly threads: RefreshContext['threads'] = {
    limits: { askedViews: 0, readSessions: 0, digestCache: 0, scans: 0, batchBytes: 0 },
    prepare: () => {
      this.prepared++;
      return Promise.resolve();
    },
    concurrency: () => this.lanes,
    scan: (name) => {
      if (name === 'scan') return this.#wait('scan');
      this.steps.push(name);
      return Promise.resolve(pack({}));
    },
    endIdleScans: () => {
      this.steps.push('endIdleScans');
      return Promise.resolve();
    },
    step: ((name: string) => this.#step(name)) as RefreshContext['threads']['step'],
  };

  #step(name: string): Promise<unknown> {
    this.steps.push(name);
    const found = {
      stores: 1,
      sessions: 1,
      looked: 1,
      added: 1,
      changed: 0,
      removed: 0,
      problems: [],
      directories: [],
    };
    const report = { incarnation: 'k', coverage: COVERAGE } as KeeperReport;
    switch (name) {
      case 'begin':
        return Promise.resolve({ incarnation: 'k', task: pack({}), isNew: this.isNew });
      case 'takeInventory':
        if (this.#inventoryTasks-- > 1) return Promise.resolve({ task: pack({}) });
        return Promise.resolve({
          task: null,
          outcome: { ...found, pending: this.#batches.length },
          report: this.#batches.length === 0 ? report : null,
        });
      case 'restore':
        return Promise.resolve(false);
      case 'plan':
        return Promise.resolve(this.#batches.splice(0, BATCHES_AT_ONCE));
      case 'report':
        return Promise.resolve(report);
      default:
        return this.#wait(name as Call);
    }
  }

  #wait<Answer>(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, answer: resolve as (value: unknown) => void, fail: reject });
    });
  }

  #take(call: Call): Waiting {
    const at = this.#waiting.findIndex((it) => it.call === call);
    if (at === -1) throw new Error(`no ${call} waits`);
    return this.#waiting.splice(at, 1)[0] as Waiting;
  }
}

const SNAPSHOT: SnapshotHeader = {
  id: 'k.1',
  generation: 'k.1',
  coverage: COVERAGE,
  views: [],
  keys: null,
  unavailable: 0,
};
