import { describe, expect, it } from 'vitest';
import * as kinds from '../src/option-kinds.ts';
import { OPTIONS } from '../src/options.ts';

/** [kind, inputs with the values they become, inputs that are refused] */
type Row = [string, (input: unknown) => unknown, ReadonlyArray<[unknown, unknown]>, readonly unknown[]];

const rows: Row[] = [
  [
    'integer',
    kinds.integer(0, 65_535),
    [
      [0, 0],
      ['0', 0],
      [65_535, 65_535],
      ['18790', 18_790],
    ],
    [-1, 65_536, 1.5, '1.5', '-1', '+1', '0x10', '1e3', '', ' 1', 'tcp://10.0.0.1:18790', Number.NaN, null, true, [80]],
  ],
  [
    'size',
    kinds.byteSize('96mb'),
    [
      ['96mb', 100_663_296],
      ['1GiB', 1_073_741_824],
    ],
    ['95mb', '256', 268_435_456, '', null, ['256mb']],
  ],
  [
    'retention',
    kinds.retention('36500d'),
    [
      ['0', 0],
      [0, 0],
      ['0d', 0],
      ['12h', 43_200_000],
      ['400d', 34_560_000_000],
    ],
    ['36501d', '-1d', '1w', 400, '', null, false],
  ],
  [
    'duration',
    kinds.duration('1s', '24h'),
    [
      ['1s', 1000],
      ['1000ms', 1000],
      ['24h', 86_400_000],
    ],
    ['999ms', '86401s', '10', 10, '', null, ['10s']],
  ],
  [
    'boolean',
    kinds.boolean,
    [
      [true, true],
      ['true', true],
      ['1', true],
      [false, false],
      ['false', false],
      ['0', false],
    ],
    ['', 'yes', 'TRUE', 1, 0, null, [], {}],
  ],
  ['choice', kinds.choice('auto', '2026.5'), [['2026.5', '2026.5']], ['2026', 2026.5, 'AUTO', '', null]],
  [
    'list',
    kinds.list(kinds.host, 2),
    [
      ['a.example', ['a.example']],
      ['a.example, b.example', ['a.example', 'b.example']],
      [
        ['a.example', 'b.example'],
        ['a.example', 'b.example'],
      ],
      [['a.example,b.example'], ['a.example', 'b.example']],
      [['a.example', 'A.example'], ['a.example']],
      [[], []],
    ],
    ['', 'a,,b', 'a,b,c', [1], [['a']], null, { 0: 'a' }],
  ],
  [
    'host',
    kinds.host,
    [
      ['localhost', 'localhost'],
      ['Box-1.Example.COM', 'box-1.example.com'],
      ['10.0.0.1', '10.0.0.1'],
      ['::1', '::1'],
      ['FE80::1', 'fe80::1'],
    ],
    [
      '',
      'http://a.example',
      'a.example:80',
      'a.example/x',
      '[::1]',
      '*',
      'a b',
      'a..b',
      '.a',
      '-a',
      '1.2.3.4.5',
      '999.1.1.1',
      null,
      1,
    ],
  ],
  [
    'allowed host',
    kinds.allowedHost,
    [
      ['Gauge.example.com', 'gauge.example.com'],
      ['gauge.example.com:8443', 'gauge.example.com:8443'],
      ['10.0.0.1:80', '10.0.0.1:80'],
      ['[FD00::5]', '[fd00::5]'],
      ['[::1]:65535', '[::1]:65535'],
    ],
    [
      '',
      'https://a.example',
      'a.example/x',
      'a.example:',
      'a.example:0',
      'a.example:65536',
      '::1',
      '[::1',
      '[a]',
      '*.a',
      null,
    ],
  ],
  [
    'time zone',
    kinds.timeZone,
    [
      ['europe/paris', 'Europe/Paris'],
      ['utc', 'UTC'],
    ],
    ['', 'Mars/Olympus', 'UTC+99', '../etc/passwd', null, 1],
  ],
  [
    'own prices',
    kinds.prices,
    [
      [{}, {}],
      [
        { local: { 'my/model': { input: 0, output: 1.5, cacheRead: 0, cacheWrite: 2 } } },
        { local: { 'my/model': { input: 0, output: 1.5, cacheRead: 0, cacheWrite: 2 } } },
      ],
    ],
    [
      null,
      [],
      'x',
      { local: null },
      { local: { m: null } },
      { local: { m: { input: 1, output: 1, cacheRead: 1 } } },
      { local: { m: { input: 1, output: 1, cacheRead: 1, cacheWrite: -1 } } },
      { local: { m: { input: 1, output: 1, cacheRead: 1, cacheWrite: '1' } } },
      { local: { m: { input: 1, output: 1, cacheRead: 1, cacheWrite: Number.POSITIVE_INFINITY } } },
      { local: { m: { input: 1, output: 1, cacheRead: 1, cacheWrite: 1, cache: 1 } } },
    ],
  ],
  [
    'profiles',
    OPTIONS.profile.kind,
    [
      ['dev-2', ['dev-2']],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    ],
    ['', '-dev', 'a/b', '..', 'a'.repeat(65), null],
  ],
  ['path', OPTIONS.dataDir.kind, [['~/x', '~/x']], ['', 'a\0b', null, ['/a', '/b']]],
  [
    'paths',
    OPTIONS.stateDir.kind,
    [
      ['~/x,y', ['~/x,y']],
      [
        ['/a', '/b'],
        ['/a', '/b'],
      ],
    ],
    ['', 'a\0b', null],
  ],
  [
    'token',
    OPTIONS.token.kind,
    [['0123456789abcdef', '0123456789abcdef']],
    ['', '0123456789abcde', '0123456789 abcdef', '0123456789äbcdef', '0123456789abcdef\n', 'a'.repeat(513), null],
  ],
  [
    'base path',
    OPTIONS.basePath.kind,
    [
      ['', ''],
      ['/gauge', '/gauge'],
      ['/tools/gauge_1.0', '/tools/gauge_1.0'],
    ],
    ['/', 'gauge', '/gauge/', '//gauge', '/a/../b', '/a/./b', '/a b', '/a?b', '/a#b', '/a%2fb', '/a\n', null],
  ],
];

describe.each(rows)('%s', (_, kind, accepted, refused) => {
  it.each(accepted)('takes %j', (input, value) => {
    expect(kind(input)).toEqual(value);
  });

  it.each(refused.map((input) => [input]))('refuses %j', (input) => {
    expect(refusalOf(() => kind(input)).expected).not.toBe('');
  });
});

describe('a refusal', () => {
  it('leads to the price that is wrong', () => {
    const good = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
    const bad = { ...good, cacheRead: 'free' };
    const refusal = refusalOf(() => kinds.prices({ local: { first: good, second: bad } }));
    expect(refusal).toMatchObject({ at: '.local.second.cacheRead', came: 'free' });
  });

  it('of a list is about the item', () => {
    expect(refusalOf(() => kinds.list(kinds.host, 9)('a.example,http://b')).came).toBe('http://b');
  });
});

describe('own prices', () => {
  it('keep a provider whose name means something to JavaScript', () => {
    const price = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
    const input: unknown = JSON.parse(JSON.stringify({ p: { m: price } }).replace('"p"', '"__proto__"'));
    expect(Object.keys(kinds.prices(input))).toEqual(['__proto__']);
  });
});

function refusalOf(attempt: () => unknown): kinds.Mismatch {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(kinds.Mismatch);
    return error as kinds.Mismatch;
  }
  throw new Error('was accepted');
}
