import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAgents } from '../../src/compute/agents.ts';

describe('the agents', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-agents-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const sessions = (name: string) => path.join(root, name, 'sessions');
  const make = (...names: string[]) => {
    for (const name of names) mkdirSync(sessions(name), { recursive: true });
  };

  it('are those configured and those on disk, sorted', () => {
    make('main', 'left-behind');
    mkdirSync(path.join(root, 'empty'));
    expect(listAgents(['Ops', 'main'], root)).toEqual({
      problems: [],
      agents: [
        { id: 'left-behind', directories: [sessions('left-behind')], configured: false, onDisk: true },
        { id: 'main', directories: [sessions('main')], configured: true, onDisk: true },
        { id: 'ops', directories: [sessions('ops')], configured: true, onDisk: false },
      ],
    });
  });

  it('have all directories whose names normalise to their id, the plain one first', () => {
    make('Ops', 'ops', 'OPS', 'Research');
    expect(listAgents(['research'], root).agents).toEqual([
      { id: 'ops', directories: [sessions('ops'), sessions('OPS'), sessions('Ops')], configured: false, onDisk: true },
      { id: 'research', directories: [sessions('Research')], configured: true, onDisk: true },
    ]);
  });

  it('are reached through a link when configured, and a directory is counted once', () => {
    make('ops');
    symlinkSync(path.join(root, 'ops'), path.join(root, 'linked'));
    expect(listAgents([], root).agents.map((agent) => agent.id)).toEqual(['ops']);
    expect(listAgents(['linked'], root).agents.map((agent) => agent.id)).toEqual(['linked', 'ops']);
    rmSync(path.join(root, 'linked'));
    mkdirSync(path.join(root, 'Ops'));
    symlinkSync(sessions('ops'), sessions('Ops'));
    expect(listAgents([], root).agents).toMatchObject([{ id: 'ops', directories: [sessions('ops')] }]);
  });

  it('need a directory called sessions', () => {
    writeFileSync(path.join(root, 'file'), '');
    mkdirSync(path.join(root, 'a'));
    writeFileSync(sessions('a'), '');
    expect(listAgents([], root)).toEqual({ agents: [], problems: [] });
  });

  it('are the configured ones where there is no directory of agents', () => {
    expect(listAgents(['main'], path.join(root, 'missing'))).toMatchObject({
      agents: [{ id: 'main', onDisk: false }],
      problems: [],
    });
  });

  it('are the configured ones, with a problem, where the directory of agents is none', () => {
    writeFileSync(path.join(root, 'agents'), '');
    expect(listAgents(['main'], path.join(root, 'agents'))).toMatchObject({
      agents: [{ id: 'main', onDisk: false }],
      problems: [
        { code: 'store_unreadable', agent: null, subject: 'agents', detail: expect.stringContaining('ENOTDIR') },
      ],
    });
  });
});
