/** What was said in a session, the last messages first asked for. Only where the service may show it, and only on request. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { dollars, shortCount } from '../../src/page/format.ts';
import { logsAddress } from '../../src/page/route.ts';
import { momentOf } from './moments.ts';
import { place } from './place.ts';

interface Entry {
  readonly sessionId: string;
  readonly time: number | null;
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
  readonly cut: boolean;
  readonly model: string | null;
  readonly tokens: number | null;
  readonly cost: number | null;
}

interface LogAnswer {
  /** Null while the service still reads. */
  readonly entries: readonly Entry[] | null;
  readonly next: string | null;
}

type Progress = 'closed' | 'reading' | 'shown' | 'failed';

const ASK_AGAIN_AFTER = 1_000;
const ROLE_WORDS = { user: 'Person', assistant: 'Model', tool: 'Tool' };

export function SessionLog() {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [progress, setProgress] = useState<Progress>('closed');
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);
  const read = async (cursor: string | null) => {
    setProgress('reading');
    try {
      const answer = await readPage(logsAddress(place.value, cursor), left.current.signal);
      setEntries((later) => [...(answer.entries ?? []), ...later]);
      setNext(answer.next);
      setProgress('shown');
    } catch {
      if (!left.current.signal.aborted) setProgress('failed');
    }
  };
  return (
    <section class="card">
      <header>
        <h2>What was said</h2>
        {progress === 'closed' ? (
          <button type="button" onClick={() => void read(null)}>
            Show
          </button>
        ) : null}
      </header>
      {progress === 'failed' ? <p role="alert">It cannot be read now.</p> : null}
      {progress === 'reading' ? <p role="status">The transcript is being read …</p> : null}
      {progress === 'shown' && next !== null ? (
        <button type="button" onClick={() => void read(next)}>
          Show earlier messages
        </button>
      ) : null}
      {progress === 'shown' && entries.length === 0 ? <p class="empty">Nothing was said.</p> : null}
      <ol class="log">
        {entries.map((entry, at) => (
          <li key={entries.length - at} class={entry.role}>
            <p class="note">
              {ROLE_WORDS[entry.role]}
              {entry.model === null ? '' : ` ${entry.model}`} · {momentOf(entry.time)}
              {entry.tokens === null ? '' : ` · ${shortCount(entry.tokens)} tokens`}
              {entry.cost === null ? '' : ` · ${dollars(entry.cost)}`}
            </p>
            <p class="said">
              {entry.text}
              {entry.cut ? ' …' : ''}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Asks again for as long as the service reads. Rejects for every other answer, and when the reader leaves. */
async function readPage(address: string, signal: AbortSignal): Promise<LogAnswer> {
  for (;;) {
    const response = await fetch(address, { signal });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    const answer = (await response.json()) as LogAnswer;
    if (answer.entries !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER));
  }
}
