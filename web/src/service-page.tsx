/** What the process is doing: memory, caches, refreshes, and what cannot be read. Asked for while somebody looks. */
import { useEffect, useState } from 'preact/hooks';
import { csvOf } from '../../src/csv.ts';
import { bytes, count, duration, percent } from '../../src/page/format.ts';
import type { RefreshRecord } from '../../src/snapshot/refresh-record.ts';
import type { CacheAnswer, StatusAnswer } from '../../src/snapshot/status.ts';
import { Export } from './export.tsx';
import { Share } from './figures.tsx';
import { noteHead, noteOffline } from './live.ts';
import { momentOf, timeOf } from './moments.ts';
import { Waiting } from './placeholders.tsx';
import { Scroll } from './scroll.tsx';
import { Fact } from './session-page.tsx';

const ASK_EVERY = 5_000;
/** Ten minutes of looks. */
const MAX_LOOKS = 120;

interface Look {
  readonly status: StatusAnswer;
  readonly cache: CacheAnswer;
}

export function ServicePage() {
  const [looks, setLooks] = useState<readonly Look[]>([]);
  useEffect(() => {
    const look = async () => {
      if (document.hidden) return;
      try {
        const [status, cache] = await Promise.all([
          answerOf<StatusAnswer>('v1/status'),
          answerOf<CacheAnswer>('v1/cache'),
        ]);
        noteHead(status.snapshot);
        setLooks((before) => [...before, { status, cache }].slice(-MAX_LOOKS));
      } catch {
        noteOffline();
      }
    };
    void look();
    const timer = setInterval(look, ASK_EVERY);
    return () => clearInterval(timer);
  }, []);
  const latest = looks.at(-1);
  if (latest === undefined) return <Waiting />;
  const { status, cache } = latest;
  return (
    <>
      <div class="tables">
        <Process status={status} looks={looks} />
        <Memory cache={cache} />
        <Caches cache={cache} />
      </div>
      <Troubles status={status} />
      <Refreshes records={status.refreshes} answer={latest} />
    </>
  );
}

function Process({ status, looks }: { status: StatusAnswer; looks: readonly Look[] }) {
  const { version, startedAt, now, stateDirectory, snapshot, ledger, shedding } = status;
  const memory = looks.map(({ cache }) => cache.memory.rss);
  const cap = looks.at(-1)?.cache.memory.cap ?? 1;
  return (
    <section class="card">
      <header>
        <h2>Process</h2>
      </header>
      <dl>
        <Fact name="Version">{version}</Fact>
        <Fact name="Runs for">{duration(now - startedAt)}</Fact>
        <Fact name="Reads">{stateDirectory}</Fact>
        {snapshot === null ? null : (
          <>
            <Fact name="Transcripts">{`${count(snapshot.coverage.transcripts)}, ${bytes(snapshot.coverage.bytes)}`}</Fact>
            <Fact name="Still to be read">{count(snapshot.coverage.pending)}</Fact>
            <Fact name="Set aside">{count(snapshot.coverage.failed)}</Fact>
            <Fact name="Kept of deleted ones">{count(snapshot.coverage.retained)}</Fact>
          </>
        )}
        {ledger === null ? <Fact name="Deleted transcripts">not kept</Fact> : null}
        <Fact name="Shedding work">{shedding.level === 0 ? 'no' : (shedding.reason ?? 'yes')}</Fact>
      </dl>
      <MemoryLine values={memory} cap={cap} />
    </section>
  );
}

/** Resident memory since the page was opened, under the cap. */
function MemoryLine({ values, cap }: { values: readonly number[]; cap: number }) {
  const step = 300 / (MAX_LOOKS - 1);
  const from = MAX_LOOKS - values.length;
  const points = values.map((value, at) => `${(from + at) * step},${60 - (Math.min(value, cap) / cap) * 60}`).join(' ');
  return (
    <figure>
      <svg
        class="spark"
        viewBox="0 0 300 60"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Memory: ${bytes(values.at(-1) ?? 0)} of ${bytes(cap)}`}
      >
        <line x1="0" x2="300" y1="0.5" y2="0.5" class="cap" />
        <polyline points={points} />
      </svg>
      <figcaption>
        Memory, the last ten minutes: {bytes(values.at(-1) ?? 0)} of {bytes(cap)}
      </figcaption>
    </figure>
  );
}

const OWNER_WORDS: Readonly<Record<string, string>> = {
  runtime: 'Node itself',
  mainHeap: 'Serving',
  keeperHeap: 'Adding up',
  buffers: 'Buffers',
  digestCache: 'Digests',
  rollup: 'Sums',
  renderedViews: 'Ready answers',
};

function Memory({ cache: { memory } }: { cache: CacheAnswer }) {
  return (
    <section class="card">
      <header>
        <h2>Memory</h2>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">Owner</th>
            <th scope="col">Uses</th>
            <th scope="col">Of its share</th>
          </tr>
        </thead>
        <tbody>
          {memory.owners.map(({ owner, used, budget }) => (
            <tr key={owner}>
              <th scope="row">
                {OWNER_WORDS[owner] ?? owner.replace('scanHeap', 'Reading ')}
                <Share of={used} whole={budget} color={used > budget ? 'over' : undefined} />
              </th>
              <td>{bytes(Math.max(0, used))}</td>
              <td>{bytes(budget)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <td>{bytes(memory.rss)}</td>
            <td>{bytes(memory.cap)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function Caches({ cache: { digests, rollup, views, threads } }: { cache: CacheAnswer }) {
  const asked =
    digests === null ? 0 : digests.hits + digests.misses.cold + digests.misses.capacity + digests.misses.stale;
  return (
    <section class="card">
      <header>
        <h2>Caches and threads</h2>
      </header>
      <dl>
        {digests === null ? null : (
          <>
            <Fact name="Digests in memory">{`${count(digests.entries)}, ${bytes(digests.bytes)} of ${bytes(digests.cap)}`}</Fact>
            <Fact name="Found there">{asked === 0 ? 'nothing asked for' : percent(digests.hits / asked)}</Fact>
            <Fact name="Never seen before">{count(digests.misses.cold)}</Fact>
            <Fact name="Pushed out before">{count(digests.misses.capacity)}</Fact>
            <Fact name="Changed since">{count(digests.misses.stale)}</Fact>
          </>
        )}
        {rollup === null ? null : <Fact name="Sums">{`${count(rollup.rows)} rows, ${bytes(rollup.bytes)}`}</Fact>}
        <Fact name="Answers made ahead">{`${count(views.precomputed.entries)}, ${bytes(views.precomputed.bytes)}`}</Fact>
        <Fact name="Answers kept">{`${count(views.asked.entries)}, ${bytes(views.asked.bytes)} of ${bytes(views.asked.cap)}`}</Fact>
        <Fact name="Threads that read">{count(threads.scan)}</Fact>
        <Fact name="Oldest task">{duration(threads.oldestTaskMs)}</Fact>
      </dl>
    </section>
  );
}

function Troubles({ status: { problems, setAside, lastError } }: { status: StatusAnswer }) {
  if (problems.length + setAside.length === 0 && lastError === null) return null;
  return (
    <section class="card wide">
      <header>
        <h2>Troubles</h2>
      </header>
      <Scroll label="Troubles">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Why</th>
              <th scope="col">Since</th>
              <th scope="col">Next try</th>
            </tr>
          </thead>
          <tbody>
            {lastError === null ? null : (
              <tr>
                <th scope="row">The last refresh that failed</th>
                <td class="text">{lastError.detail}</td>
                <td>{momentOf(lastError.at)}</td>
                <td />
              </tr>
            )}
            {problems.map(({ code, agent, subject, detail }) => (
              <tr key={`${code} ${agent} ${subject}`}>
                <th scope="row">
                  {subject} <small>{agent}</small>
                </th>
                <td class="text">{detail}</td>
                <td />
                <td />
              </tr>
            ))}
            {setAside.map(({ agent, name, detail, since, retryAt }) => (
              <tr key={`${agent} ${name}`}>
                <th scope="row">
                  {name} <small>{agent}</small>
                </th>
                <td class="text">{detail}</td>
                <td>{momentOf(since)}</td>
                <td>{timeOf(retryAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

const TRIGGER_WORDS = { start: 'the start', timer: 'the timer', request: 'somebody', change: 'a change' };

function Refreshes({ records, answer }: { records: readonly RefreshRecord[]; answer: Look }) {
  return (
    <section class="card wide">
      <header>
        <h2>
          Refreshes <small>the last {records.length}</small>
        </h2>
        <Export name="service" csv={() => refreshesCsv(records)} json={() => answer} />
      </header>
      <Scroll label="Refreshes">
        <table>
          <thead>
            <tr>
              <th scope="col">Began</th>
              <th scope="col">Because of</th>
              <th scope="col">Took</th>
              <th scope="col">Looking</th>
              <th scope="col">Restoring</th>
              <th scope="col">Reading</th>
              <th scope="col">Publishing</th>
              <th scope="col">Changed</th>
              <th scope="col">Read</th>
              <th scope="col">Appended</th>
            </tr>
          </thead>
          <tbody>
            {records.map((record) => (
              <tr key={record.startedAt} class={record.ended === 'failed' ? 'failed' : ''}>
                <th scope="row">{new Date(record.startedAt).toLocaleTimeString('en-GB')}</th>
                <td>{TRIGGER_WORDS[record.trigger]}</td>
                <td>
                  {record.ended === null ? 'runs' : record.ended === 'failed' ? 'failed' : duration(record.duration)}
                </td>
                {PHASES.map((phase) => (
                  <td key={phase}>{record.phases[phase].ms === 0 ? '' : duration(record.phases[phase].ms)}</td>
                ))}
                <td>{count(record.added + record.changed + record.removed)}</td>
                <td>{bytes(record.bytesRead)}</td>
                <td>{bytes(record.bytesAppended)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

const PHASES = ['inventory', 'restore', 'scan', 'publish'] as const;

function refreshesCsv(records: readonly RefreshRecord[]): string {
  return csvOf([
    ['startedAt', 'trigger', 'ended', 'ms', ...PHASES, 'bytesRead', 'bytesAppended'],
    ...records.map((record) => [
      new Date(record.startedAt).toISOString(),
      record.trigger,
      record.ended,
      record.duration,
      ...PHASES.map((phase) => record.phases[phase].ms),
      record.bytesRead,
      record.bytesAppended,
    ]),
  ]);
}

async function answerOf<Answer>(address: string): Promise<Answer> {
  const response = await fetch(address);
  if (response.status === 401) location.reload();
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return (await response.json()) as Answer;
}
