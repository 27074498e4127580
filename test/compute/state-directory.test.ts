import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveStateDirectory } from '../../src/compute/state-directory.ts';
import { ClawgaugeError } from '../../src/errors.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'clawgauge-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the state directory', () => {
  it('is ~/.openclaw with openclaw.json in it', () => {
    expect(resolveStateDirectory({}, home)).toEqual({
      directory: path.join(home, '.openclaw'),
      configPath: path.join(home, '.openclaw', 'openclaw.json'),
      source: 'default',
    });
  });

  it('is found under HOME before the home directory of the system', () => {
    expect(resolveStateDirectory({ HOME: '/h' }, home).directory).toBe('/h/.openclaw');
    expect(resolveStateDirectory({ HOME: 'undefined' }, home).directory).toBe(path.join(home, '.openclaw'));
  });

  it('is found under OPENCLAW_HOME, which may start with ~', () => {
    expect(resolveStateDirectory({ HOME: '/h', OPENCLAW_HOME: '/o' }, home).directory).toBe('/o/.openclaw');
    expect(resolveStateDirectory({ HOME: '/h', OPENCLAW_HOME: '~/o' }, home).directory).toBe('/h/o/.openclaw');
  });

  it('is OPENCLAW_STATE_DIR, whatever the profile', () => {
    const env = { HOME: '/h', OPENCLAW_STATE_DIR: ' ~/state ', OPENCLAW_PROFILE: 'x' };
    expect(resolveStateDirectory(env, home, { profile: 'y' })).toEqual({
      directory: '/h/state',
      configPath: '/h/state/openclaw.json',
      source: 'OPENCLAW_STATE_DIR',
    });
  });

  it('is the option before everything else', () => {
    const env = { HOME: '/h', OPENCLAW_STATE_DIR: '/s' };
    expect(resolveStateDirectory(env, home, { stateDir: '~' })).toMatchObject({
      directory: '/h',
      source: '--state-dir',
    });
  });

  it('is resolved against the working directory when relative, and ~name is not a home', () => {
    expect(resolveStateDirectory({}, home, { stateDir: 'rel' }).directory).toBe(path.resolve('rel'));
    expect(resolveStateDirectory({}, home, { stateDir: '~name' }).directory).toBe(path.resolve('~name'));
  });

  it('takes a home with $ in it literally', () => {
    expect(resolveStateDirectory({ HOME: '/h$&', OPENCLAW_STATE_DIR: '~/s' }, home).directory).toBe('/h$&/s');
  });

  it.each([
    [{ OPENCLAW_PROFILE: 'dev' }, {}, '.openclaw-dev', 'OPENCLAW_PROFILE'],
    [{ OPENCLAW_PROFILE: 'dev' }, { profile: 'Work' }, '.openclaw-Work', '--profile'],
    [{}, { profile: 'Default' }, '.openclaw', '--profile'],
    [{ OPENCLAW_PROFILE: ' ' }, { profile: undefined }, '.openclaw', 'default'],
  ])('of the profile in %j and %j is ~/%s', (env, options, name, source) => {
    expect(resolveStateDirectory(env, home, options)).toMatchObject({ directory: path.join(home, name), source });
  });

  it.each(['../x', 'a b', '-a', 'a'.repeat(65)])('refuses the profile %j', (profile) => {
    expect(() => resolveStateDirectory({}, home, { profile })).toThrow(ClawgaugeError);
    expect(() => resolveStateDirectory({ OPENCLAW_PROFILE: profile }, home)).toThrow(/OPENCLAW_PROFILE: expected/);
  });

  it('is the legacy one only where that alone exists', () => {
    mkdirSync(path.join(home, '.clawdbot'));
    writeFileSync(path.join(home, '.clawdbot', 'clawdbot.json'), '{}');
    expect(resolveStateDirectory({}, home)).toEqual({
      directory: path.join(home, '.clawdbot'),
      configPath: path.join(home, '.clawdbot', 'clawdbot.json'),
      source: 'legacy default',
    });
    mkdirSync(path.join(home, '.openclaw'));
    expect(resolveStateDirectory({}, home).source).toBe('default');
  });
});

describe('the path of the configuration', () => {
  it('is OPENCLAW_CONFIG_PATH, whatever the state directory', () => {
    const env = { HOME: '/h', OPENCLAW_CONFIG_PATH: '~/etc/oc.json' };
    expect(resolveStateDirectory(env, home, { stateDir: '/s' }).configPath).toBe('/h/etc/oc.json');
  });
});
