/** The service's own part of the metrics: how fresh it is, what its refreshes did, and what it holds in memory. */
import type { Problem } from '../../compute/transcript.ts';
import type { Bytes, Milliseconds } from '../../units.ts';
import type { KeeperReport } from '../keeper-calls.ts';
import type { MemoryOwner } from '../memory-owners.ts';
import type { RefreshRecord } from '../refresh-record.ts';
import type { SnapshotHead } from '../shapes.ts';
import { Histogram, histograms, metric, type Sample, single } from './exposition.ts';

/** What is so at the moment of a scrape. */
export interface ServiceFacts {
  readonly version: string;
  readonly startedAt: Milliseconds;
  readonly head: SnapshotHead | null;
  readonly failures: number;
  readonly shedding: number;
  readonly problems: readonly Problem[];
  readonly report: KeeperReport | null;
  readonly cap: Bytes;
  readonly owners: readonly MemoryOwner[];
  readonly threads: { readonly scan: number; readonly keeper: number; readonly oldestTask: Milliseconds };
}

const STATES = ['fresh', 'stale', 'warming', 'degraded'] as const;
/** Seconds. */
const REFRESH_BOUNDS = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60] as const;

export class ServiceMetrics {
  readonly #askKeeper: () => Promise<string>;
  readonly #refreshes = new Sums(['trigger', 'result']);
  readonly #durations = new Histogram(REFRESH_BOUNDS);
  readonly #phases = new Sums(['phase']);
  readonly #work = new Sums(['what']);
  readonly #misses = new Sums(['kind']);
  readonly #lines = new Sums(['way']);
  /** The keeper's part, and which it is. */
  #keeper = { text: '', is: '' };

  /** @param askKeeper asks the keeper for its part; may reject */
  constructor(askKeeper: () => Promise<string>) {
    this.#askKeeper = askKeeper;
  }

  /** Takes note of a refresh that ended, and fetches what the keeper has to say if that changed. */
  ended(record: RefreshRecord, report: KeeperReport | null): void {
    const { trigger, ended, phases, lines, cache } = record;
    this.#refreshes.add([trigger, ended ?? 'failed'], 1);
    this.#durations.observe(record.duration / 1000);
    for (const [phase, { ms }] of Object.entries(phases)) this.#phases.add([phase], ms / 1000);
    for (const what of ['looked', 'folded', 'failed', 'bytesRead', 'bytesAppended'] as const) {
      this.#work.add([what], record[what]);
    }
    for (const way of ['fast', 'parsed', 'streamed'] as const) this.#lines.add([way], lines[way]);
    this.#work.add(['hits'], cache.hits);
    for (const [kind, count] of Object.entries(cache.misses)) this.#misses.add([kind], count);
    if (report !== null) void this.#follow(`${report.incarnation}.${report.metrics}`, report.metrics);
  }

  /** Everything as text. */
  text(facts: ServiceFacts): string {
    return this.#keeper.text + this.#freshness(facts) + this.#workDone(facts) + memoryText(facts) + processText(facts);
  }

  async #follow(is: string, version: number): Promise<void> {
    if (version === 0 || is === this.#keeper.is) return;
    try {
      this.#keeper = { text: await this.#askKeeper(), is };
    } catch {
      // The next refresh asks again.
    }
  }

  #freshness({ version, head, failures, problems, report }: ServiceFacts): string {
    const coverage = head?.coverage;
    return [
      metric('clawgauge_build_info', 'gauge', 'What runs.', [[{ version, node: process.versions.node }, 1]]),
      metric(
        'clawgauge_state',
        'gauge',
        'The state of the figures: 1 for the one that holds.',
        STATES.map((state): Sample => [{ state }, (head?.state ?? 'warming') === state ? 1 : 0]),
      ),
      head === null
        ? ''
        : single(
            'clawgauge_verified_timestamp_seconds',
            'gauge',
            'When the figures were last found to be right.',
            head.verifiedAt / 1000,
          ) +
          single(
            'clawgauge_built_timestamp_seconds',
            'gauge',
            'When the inventory began whose result is shown.',
            head.builtAt / 1000,
          ),
      metric(
        'clawgauge_transcripts',
        'gauge',
        'Transcripts: all that there are; of them, those still to be read and those set aside; those deleted and retained.',
        coverage === undefined
          ? []
          : [
              [{ is: 'there' }, coverage.transcripts],
              [{ is: 'pending' }, coverage.pending],
              [{ is: 'set_aside' }, coverage.failed],
              [{ is: 'retained' }, coverage.retained],
            ],
      ),
      single('clawgauge_covered_bytes', 'gauge', 'Bytes of transcripts that are counted.', coverage?.bytes ?? 0),
      single('clawgauge_failed_refreshes', 'gauge', 'Refreshes that failed since the last good one.', failures),
      metric('clawgauge_problems', 'gauge', 'What the last refresh could not do, by code.', counted(problems)),
      report?.notices == null
        ? ''
        : metric('clawgauge_notices', 'gauge', 'Notices of budgets that wait, and that were given up.', [
            [{ is: 'waiting' }, report.notices.waiting],
            [{ is: 'failed' }, report.notices.failed],
          ]),
      metric('clawgauge_store_available', 'gauge', 'Whether a file that Clawgauge keeps can be used.', [
        ...(report === null ? [] : [[{ file: 'digests' }, Number(report.store.problem === null)] as const]),
        ...(report?.ledger ? [[{ file: 'ledger' }, Number(report.ledger.available)] as const] : []),
      ]),
    ].join('');
  }

  #workDone({ report }: ServiceFacts): string {
    const work = (name: string, help: string, what: string) => single(name, 'counter', help, this.#work.get([what]));
    return [
      metric('clawgauge_refreshes_total', 'counter', 'Refreshes that ended.', this.#refreshes.samples()),
      histograms('clawgauge_refresh_duration_seconds', 'How long a refresh took.', [[{}, this.#durations]]),
      metric('clawgauge_refresh_phase_seconds_total', 'counter', 'Time by phase.', this.#phases.samples()),
      work('clawgauge_transcripts_looked_at_total', 'Looks at a transcript.', 'looked'),
      work('clawgauge_transcripts_folded_total', 'Transcripts read, whole or from where they had grown.', 'folded'),
      work('clawgauge_transcripts_failed_total', 'Transcripts that could not be read.', 'failed'),
      work('clawgauge_read_bytes_total', 'Bytes of transcripts read.', 'bytesRead'),
      work('clawgauge_appended_bytes_total', 'Bytes that came to transcripts.', 'bytesAppended'),
      metric('clawgauge_lines_total', 'counter', 'Lines read, by the way they were read.', this.#lines.samples()),
      work('clawgauge_digest_cache_hits_total', 'Digests found in memory.', 'hits'),
      metric(
        'clawgauge_digest_cache_misses_total',
        'counter',
        'Digests not in memory: never there, pushed out, or of older content.',
        this.#misses.samples(),
      ),
      report?.oldestLook == null
        ? ''
        : single(
            'clawgauge_oldest_look_seconds',
            'gauge',
            'How long ago the last look at any transcript can be.',
            report.oldestLook / 1000,
          ),
    ].join('');
  }
}

function memoryText({ owners, cap, shedding, threads }: ServiceFacts): string {
  return [
    metric(
      'clawgauge_memory_bytes',
      'gauge',
      'Memory by owner; adds up to what is resident.',
      owners.map(({ owner, used }): Sample => [{ owner }, used]),
    ),
    metric(
      'clawgauge_memory_budget_bytes',
      'gauge',
      'What each owner may hold; adds up to the cap.',
      owners.map(({ owner, budget }): Sample => [{ owner }, budget]),
    ),
    single('clawgauge_memory_cap_bytes', 'gauge', 'What the whole process may hold.', cap),
    single('clawgauge_shedding_level', 'gauge', 'Steps taken to stay under the cap; 0 for none.', shedding),
    metric('clawgauge_threads', 'gauge', 'Worker threads.', [
      [{ kind: 'scan' }, threads.scan],
      [{ kind: 'keeper' }, threads.keeper],
    ]),
    single(
      'clawgauge_oldest_task_seconds',
      'gauge',
      'How long the oldest task has been at work.',
      threads.oldestTask / 1000,
    ),
  ].join('');
}

/** By the names that Prometheus' own libraries give them. */
function processText({ startedAt, owners }: ServiceFacts): string {
  const { user, system } = process.cpuUsage();
  const rss = owners.reduce((sum, { used }) => sum + used, 0);
  return [
    single('process_cpu_seconds_total', 'counter', 'CPU time of the process.', (user + system) / 1e6),
    single('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', rss),
    single('process_start_time_seconds', 'gauge', 'When the process began its work.', startedAt / 1000),
  ].join('');
}

function counted(problems: readonly Problem[]): Sample[] {
  const byCode = new Sums(['code']);
  for (const { code } of problems) byCode.add([code], 1);
  return byCode.samples();
}

/** Sums by the values of a few labels. */
class Sums {
  readonly #names: readonly string[];
  readonly #sums = new Map<string, { readonly values: readonly string[]; sum: number }>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  add(values: readonly string[], by: number): void {
    const entry = this.#sums.get(values.join(' '));
    if (entry === undefined) this.#sums.set(values.join(' '), { values, sum: by });
    else entry.sum += by;
  }

  get(values: readonly string[]): number {
    return this.#sums.get(values.join(' '))?.sum ?? 0;
  }

  samples(): Sample[] {
    return [...this.#sums.values()].map(({ values, sum }) => [
      Object.fromEntries(this.#names.map((name, at) => [name, values[at] ?? ''])),
      sum,
    ]);
  }
}
