import { describe, expect, test } from 'vitest';
import { loadOptions, type ServiceOptions } from '../src/config.ts';
import { reloadOf } from '../src/reload.ts';

const TOKEN = 'a-token-of-sixteen-letters';

function options(flags: Record<string, unknown> = {}): ServiceOptions {
  return loadOptions({
    flags: { timeZone: 'UTC', ...flags },
    env: {},
    homedir: '/home/ann',
    readFile: () => {
      throw Object.assign(new Error('none'), { code: 'ENOENT' });
    },
  });
}

describe('options that were read again', () => {
  test('change nothing where they are the same', () => {
    expect(reloadOf(options(), options())).toMatchObject({ changed: [], waiting: [], options: options() });
  });

  test.each([
    [{ token: TOKEN }, ['token'], true],
    [{ allowedHost: ['a.example'], logLevel: 'debug' }, ['allowedHosts', 'logLevel'], true],
    [{ retain: '1d' }, ['retain'], false],
    [{ token: TOKEN, timeZones: 'Europe/Paris' }, ['timeZones', 'token'], false],
  ] as const)('%j change %j, and keep the service: %s', (flags, changed, keepsService) => {
    const reload = reloadOf(options(), options(flags));
    expect([...reload.changed].sort()).toEqual(changed);
    expect(reload).toMatchObject({ keepsService, waiting: [], options: options(flags) });
  });

  test('wait for a restart where they say what is listened to, where things lie, or how memory is shared out', () => {
    const flags = { port: 1234, memoryCap: '1gb', stateDir: ['/one', '/two'], basePath: '/x', retain: '1d' };
    const reload = reloadOf(options(), options(flags));
    expect([...reload.waiting].sort()).toEqual(['basePath', 'dataDir', 'memoryCap', 'port', 'stateDir']);
    expect(reload.changed).toEqual(['retain']);
    expect(reload.options).toEqual(options({ retain: '1d' }));
  });

  test('are refused where they would leave an open address without a token', () => {
    const open = options({ host: '0.0.0.0', token: TOKEN });
    expect(() => reloadOf(open, options())).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });
});
