import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyLineFigures } from '../../src/demo/manifest.ts';
import { storeOptions } from '../../src/demo/options.ts';
import { generateStore } from '../../src/demo/store-generator.ts';
import { countedRecords, type PlainTranscript, readTranscripts, sessionFiles } from '../support/plain-reading.ts';
import { smallStore, storeNow, temporaryStateDir } from '../support/stores.ts';

/** Enough sessions, most of them damaged, for every kind to occur. */
const { directory, manifest } = smallStore(7, { agents: 4, sessions: 80, meanKb: 60, malformed: 0.3 });
const transcripts = readTranscripts(directory);
const counted = countedRecords(transcripts);
const blocks = counted.flatMap(({ message }) => (Array.isArray(message.content) ? message.content : [])) as {
  type: string;
  is_error?: boolean;
}[];
const usages = counted.flatMap(({ message, usage }): Record<string, unknown>[] => {
  const used = message.usage ?? usage;
  return used === undefined ? [] : [used];
});
const entries = Object.keys(manifest.agents).flatMap((agent) => Object.entries(index(agent)));

interface Entry {
  sessionId: string;
  sessionFile: string;
  updatedAt: number;
  channel?: string;
  origin?: { provider: string };
  usageFamilyKey: string;
  usageFamilySessionIds: string[];
}

function index(agent: string): Record<string, Entry> {
  return JSON.parse(readFileSync(join(directory, 'agents', agent, 'sessions', 'sessions.json'), 'utf8'));
}

describe('a generated store', () => {
  it('is the same for the same options, apart from its own path', () => {
    const one = smallStore(3);
    const two = smallStore(3);
    expect(fingerprint(one.directory)).toEqual(fingerprint(two.directory));
    expect(two.manifest).toEqual(one.manifest);
  });

  it('is another one for another seed', () => {
    expect(smallStore(3).manifest.totals).not.toEqual(smallStore(4).manifest.totals);
  });

  it('has exactly the transcripts that were asked for', () => {
    for (const figures of Object.values(manifest.agents)) expect(figures.transcripts).toBe(manifest.options.sessions);
    for (const sessions of [1, 2, 5]) {
      expect(smallStore(sessions, { sessions }).manifest.totals.transcripts).toBe(3 * sessions);
    }
  });

  it('is counted in its manifest as a plain reading counts it', () => {
    for (const [agent, figures] of Object.entries(manifest.agents)) {
      const own = transcripts.filter((transcript) => transcript.agent === agent);
      expect(figures).toMatchObject({ transcripts: own.length, ...plainFigures(own) });
      const names = sessionFiles(directory, agent);
      expect(figures.entries).toBe(Object.keys(index(agent)).length);
      expect(figures.others + figures.transcripts + 1).toBe(names.length);
      for (const name of ['topic', 'reset', 'deleted'] as const) {
        expect(figures[name]).toBe(own.filter((transcript) => transcript.class === name).length);
      }
      expect(figures.primary + figures.orphan).toBe(own.filter((transcript) => transcript.class === 'primary').length);
    }
  });

  it('adds the agents up in its totals', () => {
    const sum = Object.values(manifest.agents).reduce((lines, figures) => lines + figures.lines, 0);
    expect(manifest.totals.lines).toBe(sum);
    expect(manifest.totals).toMatchObject(plainFigures(transcripts));
  });

  it('ends at its now and reaches back as many days', () => {
    const times = counted.map(({ timestamp }) => Date.parse(timestamp ?? '')).filter((time) => !Number.isNaN(time));
    const first = times.reduce((a, b) => Math.min(a, b));
    const last = times.reduce((a, b) => Math.max(a, b));
    expect(last).toBeLessThanOrEqual(storeNow);
    expect(last).toBeGreaterThan(storeNow - 120_000);
    expect(first).toBeGreaterThanOrEqual(storeNow - 90 * 86_400_000);
    expect(first).toBeLessThan(storeNow - 60 * 86_400_000);
  });

  it('dates each file as its last message', () => {
    for (const { path, records } of transcripts) {
      const last = records.findLast(({ timestamp }) => timestamp !== undefined && timestamp !== 'not a date');
      const behind = statSync(path).mtimeMs - Date.parse(last!.timestamp!);
      // A lost or undated last message leaves the file younger than what can be read of it.
      expect(behind).toBeGreaterThan(-1);
    }
    const exact = transcripts.filter(
      ({ path, records }) => Math.abs(statSync(path).mtimeMs - Date.parse(records.at(-1)?.timestamp ?? '')) < 1,
    );
    expect(exact.length).toBeGreaterThan(transcripts.length * 0.8);
  });

  it('is quieter by night and at the weekend in an office, and grows', () => {
    const times = (own: readonly PlainTranscript[]) =>
      countedRecords(own)
        .map(({ timestamp }) => new Date(timestamp ?? ''))
        .filter((time) => !Number.isNaN(+time));
    const share = (of: readonly Date[], matches: (time: Date) => boolean) => of.filter(matches).length / of.length;
    const office = times(transcripts.filter(({ agent }) => agent === 'coder'));
    expect(share(office, (time) => time.getUTCHours() < 6)).toBeLessThan(0.15);
    expect(share(office, (time) => [0, 6].includes(time.getUTCDay()))).toBeLessThan(0.22);
    expect(share(times(transcripts), (time) => +time > storeNow - 45 * 86_400_000)).toBeGreaterThan(0.5);
  });
});

describe('the sessions of a generated store', () => {
  it('are of every kind', () => {
    for (const agent of Object.keys(manifest.agents)) {
      const keys = Object.keys(index(agent));
      expect(keys[0]).toBe(`agent:${agent}:main`);
      for (const kind of [/:\w+:direct:\d+$/, /:\w+:group:-\d+$/, /:cron:[0-9a-f-]{36}$/, /:subagent:[0-9a-f-]{36}$/]) {
        expect(keys.some((key) => kind.test(key))).toBe(true);
      }
    }
  });

  it('come from every channel, told by the entry, by its origin or only by the key', () => {
    const channels = new Set(entries.map(([, { channel }]) => channel));
    expect(channels).toEqual(new Set([undefined, 'telegram', 'whatsapp', 'discord', 'slack', 'signal', 'webchat']));
    const people = entries.filter(([key]) => /:(direct|group):/.test(key)).map(([, entry]) => entry);
    expect(people.some(({ channel, origin }) => channel === undefined && origin !== undefined)).toBe(true);
    expect(people.some(({ channel, origin }) => channel === undefined && origin === undefined)).toBe(true);
  });

  it('name files that exist', () => {
    for (const [, { sessionFile }] of entries) expect(existsSync(sessionFile)).toBe(true);
  });

  it('have archived predecessors in their family', () => {
    for (const [key, entry] of entries) {
      expect(entry.usageFamilyKey).toBe(key);
      expect(entry.usageFamilySessionIds.at(-1)).toBe(entry.sessionId);
    }
    const members = new Set(entries.flatMap(([, { usageFamilySessionIds }]) => usageFamilySessionIds));
    const resets = transcripts.filter((transcript) => transcript.class === 'reset');
    expect(resets.length).toBeGreaterThan(0);
    for (const { sessionId } of resets) expect(members.has(sessionId)).toBe(true);
  });

  it('are forgotten by the index where they are orphans or deleted', () => {
    const members = new Set(entries.flatMap(([, { usageFamilySessionIds }]) => usageFamilySessionIds));
    const unknown = transcripts.filter((it) => it.class !== 'topic' && !members.has(it.sessionId));
    expect(unknown.length).toBe(manifest.totals.orphan + manifest.totals.deleted);
    expect(manifest.totals.orphan).toBeGreaterThan(0);
    expect(manifest.totals.deleted).toBeGreaterThan(0);
  });

  it('have topics beside their own transcript and instead of it', () => {
    const parents = transcripts
      .filter((transcript) => transcript.class === 'topic')
      .map(({ path }) => existsSync(path.replace(/-topic-\d+\.jsonl$/, '.jsonl')));
    expect(new Set(parents)).toEqual(new Set([true, false]));
  });

  it('lie beside files that count nowhere', () => {
    const names = Object.keys(manifest.agents).flatMap((agent) => sessionFiles(directory, agent));
    for (const kind of [
      /\.checkpoint\.[0-9a-f-]{36}\.jsonl$/,
      /\.trajectory\.jsonl$/,
      /\.trajectory-path\.json$/,
      /\.jsonl\.bak\.[\dT-]+\.\d{3}Z$/,
      /^sessions\.json\.bak\.\d+$/,
      /^\.usage-cost-cache\.json$/,
    ]) {
      expect(names.some((name) => kind.test(name))).toBe(true);
    }
  });
});

describe('the records of a generated store', () => {
  it('cost something in every way', () => {
    const costs = usages.map(({ cost }) => cost as Record<string, number> | undefined);
    expect(costs.some((cost) => cost === undefined)).toBe(true);
    expect(costs.some((cost) => cost?.total === 0)).toBe(true);
    expect(costs.some((cost) => cost !== undefined && cost.total! > 0 && cost.input === undefined)).toBe(true);
    expect(costs.some((cost) => cost !== undefined && cost.total! > 0 && cost.input! > 0)).toBe(true);
  });

  it('spell usage in every way', () => {
    const names = new Set(usages.flatMap((usage) => Object.keys(usage)));
    for (const name of ['input', 'input_tokens', 'prompt_tokens', 'timings', 'prompt_tokens_details']) {
      expect(names).toContain(name);
    }
    expect(counted.some(({ usage, message }) => usage !== undefined && message.usage === undefined)).toBe(true);
    expect(counted.some(({ message, usage }) => message.role === 'assistant' && !message.usage && !usage)).toBe(true);
  });

  it('have prices that are configured, tiered, in the model catalogue, and missing', () => {
    const config = JSON.parse(readFileSync(join(directory, 'openclaw.json'), 'utf8'));
    const catalogue = JSON.parse(readFileSync(join(directory, 'agents', 'main', 'agent', 'models.json'), 'utf8'));
    const used = new Set(counted.map(({ message }) => message.provider));
    expect(config.agents.list.map(({ id }: { id: string }) => id)).toEqual(Object.keys(manifest.agents));
    expect(config.models.providers.mistral.models[0].cost.input).toBeGreaterThan(0);
    expect(config.models.providers.qwen.models[0].cost.tieredPricing).toHaveLength(3);
    expect(catalogue.providers.deepseek.models[0].cost.input).toBeGreaterThan(0);
    for (const provider of ['mistral', 'qwen', 'deepseek', 'llama-server', 'house-proxy', 'ollama', 'openrouter']) {
      expect(used).toContain(provider);
    }
  });

  it('end in every way', () => {
    const reasons = new Set(counted.map(({ message }) => message.stopReason));
    expect(reasons).toEqual(new Set([undefined, 'stop', 'toolUse', 'length', 'error', 'aborted', 'timeout']));
  });

  it('call tools in every spelling, some in vain', () => {
    const types = new Set(blocks.map(({ type }) => type));
    for (const type of ['toolCall', 'toolcall', 'tool_use', 'tool_call', 'tool_result', 'tool_result_error']) {
      expect(types).toContain(type);
    }
    expect(blocks.some((block) => block.is_error === true)).toBe(true);
    const results = transcripts
      .flatMap(({ records }) => records)
      .filter(({ message }) => message?.role === 'toolResult');
    expect(results.some(({ message }) => message?.isError === true)).toBe(true);
  });

  it('include mirrors, model changes, images, and text in many scripts', () => {
    const types = new Set(transcripts.flatMap(({ records }) => records.map(({ type }) => type)));
    for (const type of ['session', 'message', 'model_change', 'custom']) expect(types).toContain(type);
    const models = new Set(counted.map(({ message }) => message.model));
    for (const model of ['delivery-mirror', 'gateway-injected']) expect(models).toContain(model);
    expect(blocks.some(({ type }) => type === 'image')).toBe(true);
    expect(transcripts.some(({ text }) => /[\u3040-\u30ff\u4e00-\u9fff]/.test(text))).toBe(true);
    expect(transcripts.some(({ text }) => /\p{Extended_Pictographic}/u.test(text))).toBe(true);
  });

  it('are compacted in long sessions', () => {
    const long = smallStore(1, { agents: 1, sessions: 8, meanKb: 1500 });
    const records = readTranscripts(long.directory).flatMap((transcript) => transcript.records);
    expect(records.some(({ type }) => type === 'compaction')).toBe(true);
  });

  it('are measured, timed by the message alone, or not at all', () => {
    expect(counted.some(({ message }) => typeof message.durationMs === 'number')).toBe(true);
    expect(counted.some(({ timestamp, message }) => timestamp === undefined && message.timestamp)).toBe(true);
    expect(manifest.totals.undated).toBeGreaterThan(0);
  });

  it('branch: some follow a record that is not the one before them', () => {
    const branches = transcripts.flatMap(({ records }) => {
      const entriesOnly = records.filter(({ id, type }) => id !== undefined && type !== 'session');
      return entriesOnly.filter(
        ({ parentId }, at) =>
          at > 0 && parentId !== entriesOnly[at - 1]!.id && entriesOnly.slice(0, at).some(({ id }) => id === parentId),
      );
    });
    expect(branches.length).toBeGreaterThan(10);
  });

  it('are damaged in every way', () => {
    const text = transcripts.map((transcript) => transcript.text);
    expect(text.some((it) => it.includes('\n\n'))).toBe(true);
    expect(text.some((it) => it.includes('\0'))).toBe(true);
    expect(text.some((it) => it.includes('\nnull\n42\n'))).toBe(true);
    expect(text.some((it) => it.includes('not a date'))).toBe(true);
    const lastLines = transcripts.filter((it) => !it.text.endsWith('\n')).map((it) => isJson(it.lines.at(-1)!));
    expect(new Set(lastLines)).toEqual(new Set([true, false]));
    const inside = transcripts.flatMap((it) => it.lines.slice(0, -1)).filter((line) => !isJson(line));
    expect(inside.some((line) => line.includes('}{"type"'))).toBe(true);
    expect(inside.some((line) => line.startsWith('{"type"') && !line.endsWith('}'))).toBe(true);
  });

  it('are all sound when none is to be malformed', () => {
    expect(smallStore(5, { malformed: 0 }).manifest.totals.malformed).toBe(0);
  });
});

describe('generateStore', () => {
  it('never writes into a directory that holds a state', () => {
    const used = temporaryStateDir();
    writeFileSync(join(used, 'openclaw.json'), '{}');
    expect(() => generateStore(used, { now: storeNow })).toThrow(/expected a directory without a state/);
    expect(readdirSync(used)).toEqual(['openclaw.json']);
  });

  it.each([
    [{ agents: 0 }, 'agents: expected a whole number from 1 to 1000, got 0'],
    [{ sessions: 1.5 }, 'sessions: expected a whole number from 1 to 1000000, got 1.5'],
    [{ malformed: 2 }, 'malformed: expected a number from 0 to 1, got 2'],
    [{ meanKb: Number.NaN }, 'meanKb: expected a number from 1 to 65536, got NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => storeOptions({ now: storeNow, ...options })).toThrow(message);
  });
});

describe('a generated store of moderate size', () => {
  it('has lines, roles and transcripts within a tenth of what real stores have', () => {
    const moderate = temporaryStateDir();
    generateStore(moderate, { now: storeNow, sessions: 60 });
    const script = join(import.meta.dirname, '../../bench/calibration.mjs');
    const { meanLine, meanTranscript, linesPerTranscript, roles } = JSON.parse(
      execFileSync(process.execPath, [script, moderate], { encoding: 'utf8' }),
    );
    const measured = {
      meanLine,
      meanTranscript,
      linesPerTranscript,
      toolResult: roles.toolResult.share,
      assistant: roles.assistant.share,
      user: roles.user.share,
    };
    for (const [name, target] of Object.entries(TARGETS)) {
      const ratio = measured[name as keyof typeof TARGETS] / target;
      expect(ratio, name).toBeGreaterThan(0.9);
      expect(ratio, name).toBeLessThan(1.1);
    }
  });
});

/** Bytes, lines, and shares of the bytes, as measured on stores that served as the example. */
const TARGETS = {
  meanLine: 3889,
  meanTranscript: 191_000,
  linesPerTranscript: 8839 / 180,
  toolResult: 0.795,
  assistant: 0.163,
  user: 0.037,
};

function plainFigures(own: readonly PlainTranscript[]) {
  const figures = emptyLineFigures();
  for (const { text, lines, records } of own) {
    figures.bytes += Buffer.byteLength(text);
    figures.lines += lines.length;
    figures.malformed += lines.length - records.length;
    figures.toolResults += records.filter(({ message }) => message?.role === 'toolResult').length;
  }
  for (const { message, usage, timestamp } of countedRecords(own)) {
    figures[message.role as 'user' | 'assistant']++;
    if (message.usage || usage) figures.usageRecords++;
    if (Number.isNaN(Date.parse(timestamp ?? '')) && message.timestamp === undefined) figures.undated++;
  }
  return figures;
}

/** Every file with its time and a hash of its content, the directory's own path taken out. */
function fingerprint(root: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => {
        const path = join(file.parentPath, file.name);
        const text = readFileSync(path, 'utf8').replaceAll(root, 'ROOT');
        const modified = file.name.includes('.jsonl') ? statSync(path).mtimeMs : 0;
        return [relative(root, path), `${createHash('sha256').update(text).digest('hex')} ${modified}`];
      }),
  );
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
