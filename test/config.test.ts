import { describe, expect, it } from 'vitest';
import { leastMemoryCap } from '../src/cache/memory-budget.ts';
import { loadOptions, type ServiceOptions } from '../src/config.ts';
import { ClawgaugeError } from '../src/errors.ts';
import { OPTIONS, optionNames, variableOf } from '../src/options.ts';
import { MIB } from '../src/units.ts';

const HOME = '/home/ann';
const USUAL_FILE = `${HOME}/.config/clawgauge/config.json`;
const TOKEN = 'correct-horse-battery';

interface Given {
  readonly flags?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** Contents by path. */
  readonly files?: Record<string, string>;
}

function load({ flags = {}, env = {}, files = {} }: Given = {}): ServiceOptions {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
    return text;
  };
  return loadOptions({ flags, env, homedir: HOME, readFile });
}

/** The detail of the refusal. */
function refusal(given: Given): string {
  try {
    load(given);
  } catch (error) {
    expect(error).toBeInstanceOf(ClawgaugeError);
    expect((error as ClawgaugeError).code).toBe('invalid_option');
    return (error as ClawgaugeError).message;
  }
  throw new Error('was accepted');
}

describe('with nothing said', () => {
  it('every option has its default, in the units of the service', () => {
    const { dataDir, cacheDir, timeZone, ...options } = load();
    expect(options).toEqual({
      stateDirectory: `${HOME}/.openclaw`,
      otherStates: [],
      openclawConfigPath: `${HOME}/.openclaw/openclaw.json`,
      host: '127.0.0.1',
      port: 18_790,
      memoryCap: 268_435_456,
      refreshInterval: 10_000,
      timeZones: [],
      token: null,
      transcripts: false,
      allowedHosts: [],
      trustedProxies: [],
      basePath: '',
      redact: false,
      retain: 400 * 86_400_000,
      viewDeadline: 250,
      taskDeadline: 30_000,
      refreshDeadline: 600_000,
      accounting: 'auto',
      logLevel: 'info',
      prices: null,
      budgets: [],
      notices: [],
    });
    expect(dataDir).toMatch(/^\/home\/ann\/\.local\/state\/clawgauge\/[0-9a-f]{16}$/);
    expect(cacheDir).toMatch(/^\/home\/ann\/\.cache\/clawgauge\/[0-9a-f]{16}$/);
    expect(timeZone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC');
  });
});

describe('the sources', () => {
  const files = { [USUAL_FILE]: '{ port: 1001 }' };

  it('overrule each other: default, config file, environment, flag', () => {
    const env = { CLAWGAUGE_PORT: '1002' };
    expect(load({ files }).port).toBe(1001);
    expect(load({ files, env }).port).toBe(1002);
    expect(load({ files, env, flags: { port: '1003' } }).port).toBe(1003);
  });

  it('are each read for every option', () => {
    const written: Record<string, string> = {
      stateDir: '/srv/openclaw',
      profile: 'dev',
      dataDir: '/srv/gauge',
      host: '::1',
      port: '80',
      memoryCap: '1gb',
      refreshInterval: '1m',
      timeZone: 'Europe/Paris',
      timeZones: 'America/New_York, UTC',
      token: TOKEN,
      transcripts: 'false',
      allowedHosts: 'a.example,b.example',
      trustedProxies: '10.0.0.0/8,fd00::5',
      basePath: '/gauge',
      redact: '1',
      retain: '30d',
      viewDeadline: '1s',
      taskDeadline: '1m',
      refreshDeadline: '1h',
      accounting: '2026.5',
      logLevel: 'debug',
    };
    const expected = {
      stateDirectory: '/srv/openclaw',
      otherStates: [
        { name: 'dev', directory: `${HOME}/.openclaw-dev`, configPath: `${HOME}/.openclaw-dev/openclaw.json` },
      ],
      openclawConfigPath: '/srv/openclaw/openclaw.json',
      dataDir: '/srv/gauge',
      cacheDir: '/srv/gauge',
      host: '::1',
      port: 80,
      memoryCap: 1_073_741_824,
      refreshInterval: 60_000,
      timeZone: 'Europe/Paris',
      timeZones: ['America/New_York', 'UTC'],
      token: TOKEN,
      transcripts: false,
      allowedHosts: ['a.example', 'b.example'],
      trustedProxies: ['10.0.0.0/8', 'fd00::5'],
      basePath: '/gauge',
      redact: true,
      retain: 30 * 86_400_000,
      viewDeadline: 1000,
      taskDeadline: 60_000,
      refreshDeadline: 3_600_000,
      accounting: '2026.5',
      logLevel: 'debug',
      prices: null,
      budgets: [],
      notices: [],
    };
    expect([...Object.keys(written), 'prices', 'budgets', 'notices'].sort()).toEqual([...optionNames].sort());

    const { allowedHosts, trustedProxies, ...flags } = written;
    const env = Object.fromEntries(optionNames.map((name) => [variableOf(name) ?? '', written[name] ?? '']));
    expect(load({ env })).toEqual(expected);
    expect(load({ files: { [USUAL_FILE]: JSON.stringify(written) } })).toEqual(expected);
    expect(
      load({ flags: { ...flags, allowedHost: ['a.example', 'b.example'], trustedProxy: ['10.0.0.0/8', 'fd00::5'] } }),
    ).toEqual(expected);
  });

  it('are checked also where another overrules them', () => {
    expect(refusal({ files: { [USUAL_FILE]: '{ port: "many" }' }, flags: { port: '80' } })).toContain('got "many"');
  });

  it('leave flags of a subcommand alone', () => {
    expect(() => load({ flags: { json: true, since: 'today' } })).not.toThrow();
  });
});

describe('the environment', () => {
  it('does not set what is empty', () => {
    expect(load({ env: { CLAWGAUGE_PORT: '', CLAWGAUGE_TOKEN: '', CLAWGAUGE_CONFIG: '' } }).port).toBe(18_790);
  });

  it('is refused where a variable looks misspelt', () => {
    expect(refusal({ env: { CLAWGAUGE_TIMEZONE: 'UTC' } })).toBe(
      'environment variable CLAWGAUGE_TIMEZONE: not known; did you mean CLAWGAUGE_TIME_ZONE?',
    );
  });

  it('may hold variables of others that share the prefix', () => {
    expect(() =>
      load({ env: { CLAWGAUGE_SERVICE_HOST: '10.0.0.1', CLAWGAUGE_PORT_18790_TCP: 'tcp://10.0.0.1' } }),
    ).not.toThrow();
  });

  it('has no variable for prices', () => {
    expect(load({ env: { CLAWGAUGE_PRICES: '{}' } }).prices).toBeNull();
  });
});

describe('the config file', () => {
  it('is JSON5, with or without a byte order mark', () => {
    const text = "\uFEFF{\n  // comment\n  memoryCap: '512mb',\n  timeZones: ['Europe/Paris'],\n}";
    expect(load({ files: { [USUAL_FILE]: text } })).toMatchObject({
      memoryCap: 536_870_912,
      timeZones: ['Europe/Paris'],
    });
  });

  it('lies in XDG_CONFIG_HOME, where that is set', () => {
    const files = { '/etc/xdg/clawgauge/config.json': '{ port: 1 }', [USUAL_FILE]: '{ port: 2 }' };
    expect(load({ files, env: { XDG_CONFIG_HOME: '/etc/xdg' } }).port).toBe(1);
  });

  it('is the one that CLAWGAUGE_CONFIG names, or rather --config', () => {
    const files = { [`${HOME}/a.json5`]: '{ port: 1 }', '/b.json5': '{ port: 2 }', [USUAL_FILE]: '{ port: 3 }' };
    const env = { CLAWGAUGE_CONFIG: '~/a.json5' };
    expect(load({ files, env }).port).toBe(1);
    expect(load({ files, env, flags: { config: '/b.json5' } }).port).toBe(2);
  });

  it('holds prices', () => {
    const price = { input: 0.5, output: 1.5, cacheRead: 0.05, cacheWrite: 0.6 };
    expect(load({ files: { [USUAL_FILE]: JSON.stringify({ prices: { local: { small: price } } }) } }).prices).toEqual({
      local: { small: price },
    });
  });

  it.each([
    [
      { flags: { config: '/none.json' } },
      "config file /none.json: expected a readable file; got ENOENT: no such file, open '/none.json'",
    ],
    [{ flags: { config: '' } }, 'config (flag --config): expected the path of a file; got ""'],
    [{ files: { [USUAL_FILE]: '[]' } }, `config file ${USUAL_FILE}: expected an object of options; got []`],
    [
      { files: { [USUAL_FILE]: '{ port: 1, refreshIntervall: "1s" }' } },
      `config file ${USUAL_FILE}: the option "refreshIntervall" is not known; did you mean refreshInterval?`,
    ],
    [
      { files: { [USUAL_FILE]: '{ "memory-cap": "1gb" }' } },
      `config file ${USUAL_FILE}: the option "memory-cap" is not known; did you mean memoryCap?`,
    ],
    [
      { files: { [USUAL_FILE]: '{ "__proto__": {} }' } },
      `config file ${USUAL_FILE}: the option "__proto__" is not known; the known ones are ${optionNames.join(', ')}`,
    ],
  ])('is refused with the reason: %j', (given, detail) => {
    expect(refusal(given)).toBe(detail);
  });

  it('is refused with the place where it is no JSON5', () => {
    expect(refusal({ files: { [USUAL_FILE]: '{ port: 1,\n  host }' } })).toMatch(/expected JSON5; got .* at 2:8$/);
  });

  it('is refused when it is there but cannot be read', () => {
    const readFile = (): string => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    };
    expect(() => loadOptions({ flags: {}, env: {}, homedir: HOME, readFile })).toThrow(/EACCES/);
  });
});

describe('a bad option', () => {
  it.each([
    [{ flags: { port: '70000' } }, 'port (flag --port): expected a whole number from 0 to 65535; got "70000"'],
    [
      { env: { CLAWGAUGE_MEMORY_CAP: '64mb' } },
      `memoryCap (environment variable CLAWGAUGE_MEMORY_CAP): expected a size of at least ${leastMemoryCap() / MIB}mb, as a whole number with b, kb, mb or gb; got "64mb"`,
    ],
    [
      { files: { [USUAL_FILE]: '{ accounting: 2026.5 }' } },
      `accounting (config file ${USUAL_FILE}): expected one of "auto", "2026.5", "2026.9"; got 2026.5`,
    ],
    [
      { flags: { allowedHost: ['https://a.example'] } },
      'allowedHosts (flag --allowed-host): expected a host name or an IP address (IPv6 in brackets), with or without a port, no scheme or path; got "https://a.example"',
    ],
    [
      { flags: { trustedProxy: ['10.0.0.0/33'] } },
      'trustedProxies (flag --trusted-proxy): expected an IP address, or a network such as 10.0.0.0/8; got "10.0.0.0/33"',
    ],
    [
      { files: { [USUAL_FILE]: '{ prices: { local: { small: { input: 1 } } } }' } },
      `prices.local.small (config file ${USUAL_FILE}): expected input, output, cacheRead and cacheWrite, and nothing else; got {"input":1}`,
    ],
  ])('is refused by name, source, what was expected and what came: %j', (given, detail) => {
    expect(refusal(given)).toBe(detail);
  });

  it('is cut where it is long', () => {
    expect(refusal({ flags: { logLevel: 'x'.repeat(10_000) } }).length).toBeLessThan(250);
  });

  it('that is a token is not repeated', () => {
    const detail = refusal({ flags: { token: 'hunter2' } });
    expect(detail).toMatch(/^token \(flag --token\): expected a token of 16 to 512 /);
    expect(detail).not.toContain('hunter2');
  });
});

describe('relations between options', () => {
  it.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
    '%s is loopback and needs no token',
    (host) => {
      expect(load({ flags: { host } }).token).toBeNull();
    },
  );

  it.each(['0.0.0.0', '::', '192.168.1.5', '128.0.0.1', 'box.example', 'localhost.example', '::ffff:10.0.0.1'])(
    '%s needs a token',
    (host) => {
      expect(refusal({ flags: { host } })).toBe(
        `token: with host "${host}" (flag --host), which is not loopback, expected a token (--token, CLAWGAUGE_TOKEN, or token in the config file); got none`,
      );
      expect(load({ flags: { host }, env: { CLAWGAUGE_TOKEN: TOKEN } }).host).toBe(host);
    },
  );

  it('the text of conversations is served to whoever sends the token, and cannot be redacted', () => {
    expect(load({ flags: { transcripts: true, token: TOKEN } }).transcripts).toBe(true);
    expect(refusal({ flags: { transcripts: true } })).toBe(
      'token: with transcripts (flag --transcripts) expected a token (--token, CLAWGAUGE_TOKEN, or token in the config file); got none',
    );
    expect(refusal({ flags: { transcripts: true, redact: true, token: TOKEN } })).toBe(
      'transcripts (flag --transcripts): with redact (flag --redact) expected false, since what people write cannot be redacted; got true',
    );
  });

  it('a refresh has at least the time of one task', () => {
    expect(refusal({ flags: { refreshDeadline: '10s' } })).toBe(
      'refreshDeadline (flag --refresh-deadline): expected at least twice taskDeadline (default), 30000 ms; got 10000 ms',
    );
    expect(load({ flags: { refreshDeadline: '1m' } }).refreshDeadline).toBe(60_000);
  });

  it('the zone of the service is not precomputed twice', () => {
    expect(load({ flags: { timeZone: 'europe/paris', timeZones: 'UTC,Europe/Paris,utc' } }).timeZones).toEqual(['UTC']);
  });
});

describe('the directories', () => {
  it('are found as OpenClaw finds its own, where no option says otherwise', () => {
    expect(load({ env: { OPENCLAW_STATE_DIR: '/srv/claw' } }).stateDirectory).toBe('/srv/claw');
    expect(load({ flags: { profile: 'dev' } }).stateDirectory).toBe(`${HOME}/.openclaw-dev`);
    expect(load({ flags: { stateDir: '~/claw' }, env: { OPENCLAW_STATE_DIR: '/srv/claw' } }).stateDirectory).toBe(
      `${HOME}/claw`,
    );
  });

  it('may be several: those that are named, then those of the profiles, whatever the environment says of one', () => {
    const env = { OPENCLAW_STATE_DIR: '/srv/claw', OPENCLAW_CONFIG_PATH: '/etc/claw.json' };
    const other = (name: string, directory: string) => ({ name, directory, configPath: `${directory}/openclaw.json` });
    const several = load({ flags: { stateDir: ['/one', '~/two', '/one'], profile: ['dev'] }, env });
    expect(several).toMatchObject({ stateDirectory: '/one', openclawConfigPath: '/one/openclaw.json' });
    expect(several.otherStates).toEqual([other('two', `${HOME}/two`), other('dev', `${HOME}/.openclaw-dev`)]);
    expect(load({ env: { CLAWGAUGE_STATE_DIR: '/one:/two' } }).otherStates).toEqual([other('two', '/two')]);
    expect(load({ flags: { profile: 'default,dev' } })).toMatchObject({
      stateDirectory: `${HOME}/.openclaw`,
      otherStates: [{ name: 'dev' }],
    });
    expect(several.dataDir).not.toBe(load({ flags: { stateDir: '/one' } }).dataDir);
  });

  it('of two state directories are apart', () => {
    expect(load({ flags: { stateDir: '/one' } }).dataDir).not.toBe(load({ flags: { stateDir: '/two' } }).dataDir);
  });
});

describe('the table of options', () => {
  it('gives every option of the command line a flag of its own', () => {
    const flags = optionNames.map((name) => OPTIONS[name].flag).filter((flag) => flag !== null);
    expect(new Set(flags.map((flag) => flag.split(' ')[0])).size).toBe(flags.length);
    for (const flag of flags) expect(flag).toMatch(/^--[a-z]+(-[a-z]+)*( <[a-z]+>)?$/);
  });
});
