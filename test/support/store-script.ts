/** Random changes to a state directory: what the gateway, its user and accidents do to one between two looks at it. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseTranscriptName } from '../../src/compute/transcript-name.ts';
import { linesOf } from './fold-text.ts';
import { below, pick, type Random } from './random.ts';
import { CONFIG, randomRecords, randomSpan, writeJson, writeWhole } from './random-store.ts';

type Change = (script: StoreScript) => void;

export class StoreScript {
  readonly directory: string;
  readonly rnd: Random;
  /** Deleted transcripts by path, to be brought back. */
  readonly deleted = new Map<string, Buffer>();
  #archived = 0;

  constructor(directory: string, rnd: Random) {
    this.directory = directory;
    this.rnd = rnd;
  }

  /**
   * Rewrites the first half of a transcript, in place and in as many bytes, and appends to it: if the cursor's anchor lies
   * behind that half, no stamp tells this from an append.
   */
  rewriteUnderAppend(): void {
    const path = this.transcript();
    const content = existsSync(path) ? readFileSync(path, 'latin1') : '';
    const half = content.length >> 1;
    const text = withOtherFigures(content.slice(0, half)) + content.slice(half);
    writeFileSync(path, Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(this.lines())]));
  }

  /** Makes one change; gives its name. */
  step(): string {
    const [name, change] = pick(CHANGES, this.rnd);
    change(this);
    return name;
  }

  agent(): string {
    return pick(['main', 'ops', 'attic'], this.rnd);
  }

  sessions(agent: string): string {
    return join(this.directory, 'agents', agent, 'sessions');
  }

  /** The path of some counted transcript; a new one where there is none. */
  transcript(): string {
    const folder = this.sessions(this.agent());
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder).filter((name) => parseTranscriptName(name) !== null);
    return join(folder, names.length === 0 ? 'new.jsonl' : pick(names.sort(), this.rnd));
  }

  lines(): string {
    return linesOf(randomRecords(randomSpan(this.rnd), 12, this.rnd));
  }

  archiveName(path: string): string {
    const number = ++this.#archived;
    const kind = pick(['reset', 'deleted'], this.rnd);
    return `${path.replace(/\.jsonl.*$/, '.jsonl')}.${kind}.2026-11-0${1 + (number % 9)}T05-55-${10 + (number % 50)}.308Z`;
  }

  /** A name beside a transcript that nothing had before. */
  newName(path: string): string {
    return join(path, '..', `renamed-${++this.#archived}.jsonl`);
  }

  /** Changes the session index of an agent. */
  index(change: (index: Record<string, object>, ids: string[]) => void): void {
    const agent = this.agent();
    const folder = this.sessions(agent);
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder);
    const index = names.includes('sessions.json')
      ? (JSON.parse(readFileSync(join(folder, 'sessions.json'), 'utf8')) as Record<string, object>)
      : {};
    const ids = names.flatMap((name) => parseTranscriptName(name)?.sessionId ?? []);
    change(index, ids);
    writeJson(this.directory, `agents/${agent}/sessions/sessions.json`, index);
  }
}

const CHANGES: readonly (readonly [string, Change])[] = [
  ['append', (script) => appendFileSync(script.transcript(), script.lines())],
  ['append', (script) => appendFileSync(script.transcript(), script.lines())],
  ['append without newline', (script) => appendFileSync(script.transcript(), script.lines().trimEnd())],
  ['append half a line', (script) => appendFileSync(script.transcript(), script.lines().slice(0, -20))],
  ['begin a transcript', (script) => begin(script)],
  ['rotate', (script) => rotate(script)],
  ['delete', (script) => remove(script)],
  ['restore', (script) => restore(script)],
  ['go on with a line in pieces', (script) => appendFileSync(script.transcript(), pick(PIECES, script.rnd))],
  ['rename', (script) => rename(script)],
  ['rewrite', (script) => writeWhole(script.transcript(), script.lines())],
  ['rewrite the middle', (script) => changed(script.transcript(), rewriteMiddle)],
  ['rewrite the middle, and keep the times', (script) => rewriteUnseen(script)],
  ['replace the file', (script) => replaceFile(script)],
  ['replace the file, which has grown', (script) => replaceFile(script, script.lines())],
  ['truncate', (script) => truncate(script)],
  ['name a session', (script) => script.index((index, ids) => name(script, index, ids))],
  ['name a session', (script) => script.index((index, ids) => name(script, index, ids))],
  ['forget an entry', (script) => script.index((index) => forget(script, index))],
  ['lose an agent', (script) => rmSync(script.sessions('attic'), { recursive: true, force: true })],
  ['change a price', (script) => changePrice(script)],
];

/** Of which lines come to be by chance, some of them valid. */
const PIECES = ['{"message":{"role":"user"', '},"timestamp":"2026-11-20T10:00:00Z"}', ' ', '\n', '}\n{', '\n\n'];

function begin(script: StoreScript): void {
  const path = join(script.sessions(script.agent()), `s${below(100, script.rnd)}.jsonl`);
  writeWhole(path, script.lines());
}

function rotate(script: StoreScript): void {
  const path = script.transcript();
  appendFileSync(path, script.lines());
  renameSync(path, script.archiveName(path));
  if (script.rnd() < 0.5) writeWhole(path, script.lines());
}

function remove(script: StoreScript): void {
  const path = script.transcript();
  appendFileSync(path, script.lines());
  script.deleted.set(path, readFileSync(path));
  rmSync(path);
}

function restore(script: StoreScript): void {
  for (const [path, content] of script.deleted) writeWhole(path, content.toString());
  script.deleted.clear();
}

function rename(script: StoreScript): void {
  const path = script.transcript();
  if (existsSync(path)) renameSync(path, script.newName(path));
}

/** Other records, in as many bytes and in the same file. */
function rewriteMiddle(path: string): void {
  const content = readFileSync(path, 'latin1');
  const [from, to] = [content.length / 4, content.length / 2];
  writeFileSync(path, content.slice(0, from) + withOtherFigures(content.slice(from, to)) + content.slice(to), 'latin1');
}

function withOtherFigures(text: string): string {
  return text.replace(/[1-8](?=[,}])/g, (digit) => String(Number(digit) + 1));
}

function rewriteUnseen(script: StoreScript): void {
  const path = script.transcript();
  changed(path, () => {
    const { atimeMs, mtimeMs } = statSync(path);
    rewriteMiddle(path);
    utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
  });
}

/** The way of editors and of copies: another file takes the name. */
function replaceFile(script: StoreScript, more = ''): void {
  const path = script.transcript();
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  writeFileSync(`${path}.tmp`, Buffer.concat([content, Buffer.from(more)]));
  renameSync(`${path}.tmp`, path);
}

/** Makes a change that leaves the size, and waits until it shows: the file system's clock may stand still for milliseconds. */
function changed(path: string, change: (path: string) => void): void {
  if (!existsSync(path)) return;
  const changedAt = () => statSync(path, { bigint: true }).ctimeNs;
  const before = changedAt();
  change(path);
  while (changedAt() === before) utimesSync(path, statSync(path).atime, statSync(path).mtime);
}

function truncate(script: StoreScript): void {
  const path = script.transcript();
  appendFileSync(path, script.lines());
  truncateSync(path, below(readFileSync(path).length + 1, script.rnd));
}

function name(script: StoreScript, index: Record<string, object>, ids: string[]): void {
  if (ids.length === 0) return;
  const chat = pick(['main', 'telegram:direct:1', 'slack:group:2', 'cron:3', 'odd:4'], script.rnd);
  index[`agent:x:${chat}`] = {
    sessionId: pick(ids, script.rnd),
    updatedAt: 1_790_000_000_000 + below(1000, script.rnd) * 1000,
    ...(script.rnd() < 0.5 ? { channel: pick(['signal', 'webchat'], script.rnd) } : {}),
    ...(script.rnd() < 0.5 ? { usageFamilySessionIds: [pick(ids, script.rnd)] } : {}),
    ...(script.rnd() < 0.3 ? { label: `label ${below(9, script.rnd)}` } : {}),
  };
}

function forget(script: StoreScript, index: Record<string, object>): void {
  const keys = Object.keys(index);
  if (keys.length > 0) delete index[pick(keys, script.rnd)];
}

function changePrice({ directory, rnd }: StoreScript): void {
  const { agents, models } = structuredClone(CONFIG);
  const [first] = models.providers.acme.models;
  if (first !== undefined) first.cost.input = below(9, rnd);
  writeJson(directory, 'openclaw.json', { agents, models });
}
