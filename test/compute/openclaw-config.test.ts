import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOpenClawConfig } from '../../src/compute/openclaw-config.ts';

const cost = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
const models = (id: string) => ({ acme: { apiKey: 'secret', models: [{ id, cost }] } });
const priced = (id: string) => [[`acme/${id}`, { units: cost, tiers: null }]];

let state: string;
let outside: string;
beforeEach(() => {
  outside = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-config-'));
  state = path.join(outside, 'state');
  mkdirSync(state);
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const write = (name: string, content: unknown) => {
  const file = path.join(state, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
};
const read = () => readOpenClawConfig(path.join(state, 'openclaw.json'));
/** How a configuration refers to an environment variable. */
const reference = (name: string) => `\${${name}}`;

describe("OpenClaw's configuration", () => {
  it('names the agents of the list and of the entries', () => {
    write('openclaw.json', {
      agents: { list: [{ id: 'main' }, { id: 'Ops' }, { id: 5 }, null], entries: { lab: {} } },
    });
    expect(read()).toMatchObject({ agents: ['main', 'Ops', 'lab'], problems: [] });
  });

  it.each([{}, { agents: {} }, { agents: { list: [] } }, { agents: { list: {}, entries: [] } }, { agents: 5 }])(
    'has the agent main in %j',
    (config) => {
      write('openclaw.json', config);
      expect(read()).toMatchObject({ agents: ['main'], problems: [] });
    },
  );

  it('holds prices', () => {
    write('openclaw.json', { models: { providers: models('a') } });
    expect(read()).toMatchObject({ agents: ['main'], configured: priced('a'), problems: [] });
  });

  it('says where the files of agents lie that are moved, for each as its first entry does', () => {
    const list = [
      { id: 'Ops', agentDir: ' /srv/ops ' },
      { id: 'ops', agentDir: '/srv/other' },
      { id: 'lab', agentDir: '~/lab/../den' },
      { id: 'main', agentDir: ' ' },
      { id: 'x', agentDir: 5 },
    ];
    write('openclaw.json', { agents: { list, entries: { ops: { agentDir: '/srv/third' }, y: { agentDir: '/y/' } } } });
    const home = process.env.OPENCLAW_HOME ?? process.env.HOME ?? os.homedir();
    expect(read()).toMatchObject({
      agentDirectories: [
        ['ops', '/srv/ops'],
        ['lab', path.join(home, 'den')],
        ['y', '/y'],
      ],
      problems: [],
    });
  });

  it('cannot move files to where only the gateway knows', () => {
    write('openclaw.json', {
      agents: {
        list: [
          { id: 'a', agentDir: 'here' },
          { id: 'b', agentDir: `/${reference('DIR')}/b` },
          { id: 'c', agentDir: '~c' },
        ],
      },
    });
    const { agentDirectories, problems } = read();
    expect(agentDirectories).toEqual([]);
    expect(problems.map(({ detail }) => detail)).toEqual([
      'the agentDir of "a" depends on where the gateway was started',
      'the agentDir of "b" needs the gateway\'s environment',
      'the agentDir of "c" depends on where the gateway was started',
    ]);
  });

  it('may be missing', () => {
    expect(read()).toMatchObject({ agents: ['main'], configured: [], problems: [] });
  });

  it('may be JSON5 with a byte order mark', () => {
    write('openclaw.json', "\uFEFF// mine\n{agents: {list: [{id: 'ops',},]},}");
    expect(read()).toMatchObject({ agents: ['ops'], problems: [] });
  });

  it.each(['', '{"agents":', '[]', 'null', '5', '{a: @}'])(
    'that reads %j is a problem, without prices to go by',
    (content) => {
      write('openclaw.json', content);
      expect(read()).toMatchObject({
        agents: ['main'],
        agentDirectories: null,
        configured: null,
        problems: [{ code: 'config_unreadable', agent: null, subject: 'openclaw.json' }],
      });
    },
  );

  it('that is a directory or too large is a problem', () => {
    mkdirSync(path.join(state, 'openclaw.json'));
    expect(read()).toMatchObject({ configured: null, problems: [{ detail: 'expected a regular file' }] });
    rmSync(path.join(state, 'openclaw.json'), { recursive: true });
    write('openclaw.json', '{}');
    truncateSync(path.join(state, 'openclaw.json'), 33 * 1024 * 1024);
    expect(read()).toMatchObject({
      configured: null,
      problems: [{ detail: 'expected at most 33554432 bytes, found 34603008' }],
    });
  });

  it('is not quoted when it is broken, since it holds secrets', () => {
    write('openclaw.json', '{"token":secret-token}');
    const { problems } = read();
    expect(problems.map((problem) => problem.subject)).toEqual(['openclaw.json']);
    expect(JSON.stringify(problems)).not.toMatch(/secret|clawgauge-config-/);
  });

  it('says which agents and prices need an environment that is not ours', () => {
    write('openclaw.json', {
      agents: { list: [{ id: reference('WHO') }, { id: 'ops' }] },
      models: { providers: models(reference('MODEL')) },
    });
    const { agents, problems } = read();
    expect(agents).toEqual(['ops']);
    expect(problems.map((problem) => problem.detail)).toEqual([
      `the agent id "${reference('WHO')}" needs the gateway's environment`,
      `the price of "acme/${reference('MODEL')}" needs the gateway's environment`,
    ]);
  });

  it('survives nesting that no recursion survives', () => {
    write('openclaw.json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(read()).toMatchObject({ configured: null, problems: [{ code: 'config_unreadable' }] });
  });

  it('takes members called like those of every object for what they are', () => {
    write('openclaw.json', '{"__proto__": {"agents": {"list": [{"id": "x"}]}}, "constructor": 5}');
    expect(read()).toMatchObject({ agents: ['main'], problems: [] });
  });
});

describe('an $include', () => {
  it('takes the place of its object, and its other members are merged over it', () => {
    write('openclaw.json', { $include: './base.json5', agents: { list: [{ id: 'own' }] } });
    write(
      'base.json5',
      "{agents: {list: [{id: 'base'}], defaults: {}}, models: {providers: {$include: 'parts/prices.json'}}}",
    );
    write('parts/prices.json', models('a'));
    expect(read()).toMatchObject({ agents: ['base', 'own'], configured: priced('a'), problems: [] });
  });

  it('may name several files, relative to the file that holds it', () => {
    write('openclaw.json', { agents: { $include: ['parts/a.json', 'parts/b.json'] } });
    write('parts/a.json', { list: [{ id: 'a' }] });
    write('parts/b.json', { $include: 'c.json' });
    write('parts/c.json', { list: [{ id: 'c' }] });
    expect(read()).toMatchObject({ agents: ['a', 'c'], problems: [] });
  });

  it.each([
    ['missing.json', 'no such file'],
    ['../outside.json', 'expected a file inside the directory of the configuration'],
    ['link.json', 'expected a file inside the directory of the configuration'],
    ['openclaw.json', 'it includes itself'],
    ['loop-a.json', 'it includes itself'],
    ['broken.json', 'expected JSON5'],
    ['.', 'expected a file inside the directory of the configuration'],
    ['folder', 'expected a regular file'],
    [5, 'expected the path of a file'],
  ])('of %j is left out with a problem', (include, reason) => {
    writeFileSync(path.join(outside, 'outside.json'), '{"list":[{"id":"no"}]}');
    symlinkSync(path.join(outside, 'outside.json'), path.join(state, 'link.json'));
    mkdirSync(path.join(state, 'folder'));
    write('broken.json', '{');
    write('loop-a.json', { $include: 'loop-b.json' });
    write('loop-b.json', { $include: 'loop-a.json' });
    write('openclaw.json', { agents: { $include: include, list: [{ id: 'ops' }] } });
    const { agents, configured, problems } = read();
    expect({ agents, configured }).toEqual({ agents: ['ops'], configured: [] });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.detail).toMatch(/^\$include .* is left out: /);
    expect(problems[0]?.detail).toContain(reason);
  });

  it('goes at most ten levels deep', () => {
    write('openclaw.json', { $include: '0.json' });
    for (let i = 0; i < 12; i++) write(`${i}.json`, { $include: `${i + 1}.json`, agents: { list: [{ id: `a${i}` }] } });
    const { agents, problems } = read();
    expect(agents).toHaveLength(10);
    expect(problems.map((problem) => problem.detail)).toEqual([
      '$include "10.json" is left out: expected at most 10 levels',
    ]);
  });

  it('that multiplies ends', () => {
    write('openclaw.json', { $include: '0.json' });
    for (let i = 0; i < 10; i++) write(`${i}.json`, { $include: Array(10).fill(`${i + 1}.json`) });
    write('10.json', {});
    const { problems } = read();
    expect(problems.filter((problem) => problem.detail.includes('expected at most 256 in all'))).toHaveLength(1);
    expect(problems.length).toBeLessThan(300);
  });
});
