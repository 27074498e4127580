/**
 * What OpenClaw itself sends along with every call of a session, as the session's entry tells: asked for as the gateway's
 * own pages ask for it. Nothing is shown where the entry does not tell.
 */
import { useEffect, useState } from 'preact/hooks';
import { count } from '../../src/page/format.ts';
import { Share } from './figures.tsx';

interface ContextWeight {
  readonly systemPrompt?: { readonly chars?: number; readonly projectContextChars?: number };
  readonly skills?: { readonly promptChars?: number };
  readonly tools?: { readonly listChars?: number; readonly schemaChars?: number };
}

export function ContextWeightCard({ sessionKey }: { sessionKey: string }) {
  const [weight, setWeight] = useState<ContextWeight | null>(null);
  useEffect(() => {
    const left = new AbortController();
    contextWeightOf(sessionKey, left.signal).then(setWeight, () => {});
    return () => left.abort();
  }, [sessionKey]);
  const parts = weight === null ? [] : partsOf(weight);
  const whole = parts.reduce((sum, [, chars]) => sum + chars, 0);
  if (whole === 0) return null;
  return (
    <section class="card context">
      <header>
        <h2>What OpenClaw adds to each call</h2>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Characters</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(([name, chars]) => (
            <tr key={name}>
              <th scope="row">
                {name}
                <Share of={chars} whole={whole} />
              </th>
              <td>{count(chars)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <td>{count(whole)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

/** The list of tools, the skills and the files of the workspace stand in the system prompt; schemas go beside it. */
function partsOf({ systemPrompt, skills, tools }: ContextWeight): [name: string, chars: number][] {
  const [files, skill, list] = [
    systemPrompt?.projectContextChars ?? 0,
    skills?.promptChars ?? 0,
    tools?.listChars ?? 0,
  ];
  const rest = Math.max(0, (systemPrompt?.chars ?? 0) - files - skill - list);
  return [
    ['Files of the workspace', files],
    ['Skills', skill],
    ['List of tools', list],
    ['The rest of the system prompt', rest],
    ['Schemas of tools', tools?.schemaChars ?? 0],
  ];
}

/** Null where it is not told. Rejects when the service refuses, or cannot be reached. */
async function contextWeightOf(key: string, signal: AbortSignal): Promise<ContextWeight | null> {
  const params = { key, range: 'all', limit: 1, includeContextWeight: true };
  const response = await fetch('rpc', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ method: 'sessions.usage', params }),
    signal,
  });
  const { payload } = (await response.json()) as {
    readonly payload?: { readonly sessions?: readonly { readonly contextWeight?: ContextWeight | null }[] };
  };
  return payload?.sessions?.[0]?.contextWeight ?? null;
}
