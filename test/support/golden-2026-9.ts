/** The golden store and answers of OpenClaw 2026.9.6: two agents kept as fixtures, and all nine where they are beside the repository. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { GoldenSession, GoldenTotals, GoldenUsage } from './golden-shapes.ts';

/** Totals as this gateway gives them. */
export interface LaterTotals extends GoldenTotals {
  missingCostByModel?: Record<string, number>;
}

export interface LaterSession extends GoldenSession {
  agentId: string;
  usage: (GoldenUsage & LaterTotals) | null;
}

/** `sessions.usage`, with the part of its aggregates that sessions add up to. */
export interface LaterAnswer {
  sessions: LaterSession[];
  totals: LaterTotals;
  aggregates: {
    byAgent: Array<{ agentId: string; totals: LaterTotals }>;
    byModel: Array<{ provider?: string; model?: string; count: number; totals: LaterTotals }>;
    byProvider: Array<{ provider?: string; count: number; totals: LaterTotals }>;
    byChannel: Array<{ channel: string; totals: LaterTotals }>;
    messages: Record<string, number>;
    costDaily: Array<{ date: string } & LaterTotals>;
    tools: unknown;
    daily: unknown[];
    latency: unknown;
    dailyLatency: unknown[];
    modelDaily: unknown[];
  };
}

export interface LaterCost {
  daily: Array<{ date: string } & LaterTotals>;
  totals: LaterTotals;
}

export interface LaterSet {
  agents: string[];
  /** Whether the answers about all agents are about these. */
  whole: boolean;
  write(directory: string): void;
  answer(name: string): unknown;
}

const SHARED = fileURLToPath(new URL('../../../shared/openclaw/golden/2026.9.6', import.meta.url));
const FIXTURE = fileURLToPath(new URL('../fixtures/golden-2026.9', import.meta.url));
const DELETED = fileURLToPath(new URL('../fixtures/deleted-2026.9', import.meta.url));

export const laterFixture: LaterSet = { agents: ['main', 'finance'], whole: false, ...setIn(FIXTURE) };

/**
 * Two sessions that the gateway deleted (`sessions.delete`): the database has an archive blob of each, and the file of the
 * second is gone. Its answers are those after its next start.
 */
export const deletedFixture: LaterSet = { agents: ['main'], whole: false, ...setIn(DELETED) };

export const laterFullSet: LaterSet | null = existsSync(join(SHARED, 'store'))
  ? {
      agents: ['main', 'ops', 'research', 'family', 'coder', 'support', 'finance', 'night-shift', 'home-lab'],
      whole: true,
      ...setIn(SHARED),
    }
  : null;

function setIn(set: string): Pick<LaterSet, 'write' | 'answer'> {
  const store = join(set, 'store');
  return {
    write(directory) {
      for (const entry of readdirSync(store, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const source = join(entry.parentPath, entry.name);
        const packed = source.endsWith('.gz');
        const target = join(directory, source.slice(store.length, packed ? -'.gz'.length : undefined));
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, packed ? gunzipSync(readFileSync(source)) : readFileSync(source));
      }
    },
    answer: (name) => JSON.parse(gunzipSync(readFileSync(join(set, `${name}.json.gz`))).toString()),
  };
}
