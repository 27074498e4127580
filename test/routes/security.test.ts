import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Gate, type SecurityOptions } from '../../src/routes/security.ts';

const PORT = 18790;

function gateWith(options: Partial<SecurityOptions> = {}): Gate {
  return new Gate({ token: null, allowedHosts: [], ...options });
}

/** What the gate reads of a request. */
function request(headers: IncomingMessage['headers'], localPort: number | undefined = PORT): IncomingMessage {
  return { headers, socket: { localPort } } as unknown as IncomingMessage;
}

describe('the host that a proxy was asked for', () => {
  const PROXY = '10.0.0.2';
  const gate = gateWith({ allowedHosts: ['gauge.example'], trustedProxies: [PROXY] });
  const proxied = (headers: IncomingMessage['headers'], remoteAddress = PROXY) =>
    ({
      headers: { host: 'localhost:18790', ...headers },
      socket: { localPort: PORT, remoteAddress },
    }) as unknown as IncomingMessage;
  const codeOf = (request: IncomingMessage) => gate.hostRefusal(request)?.code ?? null;

  test('has to be allowed too, and may be where a page comes from', () => {
    const origin = 'https://gauge.example';
    for (const _ of [1, 2]) {
      expect(codeOf(proxied({ 'x-forwarded-host': 'gauge.example', origin }))).toBeNull();
      expect(codeOf(proxied({ 'x-forwarded-host': 'evil.example' }))).toBe('host_not_allowed');
    }
    expect(codeOf(proxied({ host: 'evil.example', 'x-forwarded-host': 'gauge.example' }))).toBe('host_not_allowed');
    expect(codeOf(proxied({ 'x-forwarded-host': 'gauge.example', origin: 'https://evil.example' }))).toBe(
      'origin_not_allowed',
    );
  });

  test('means nothing in the mouth of others', () => {
    expect(codeOf(proxied({ 'x-forwarded-host': 'evil.example' }, '10.0.0.3'))).toBeNull();
  });
});

describe('the Host header', () => {
  test.each(['localhost:18790', 'LOCALHOST:18790', '127.0.0.1:18790', '127.8.9.1:18790', '[::1]:18790'])(
    '%s is ours',
    (host) => {
      expect(gateWith().hostRefusal(request({ host }))).toBeNull();
    },
  );

  test.each([
    '',
    'evil.example:18790',
    'localhost.evil.example:18790',
    'evil-localhost:18790',
    '127.0.0.1.evil.example:18790',
    '1127.0.0.1:18790',
    '127.1:18790',
    '0.0.0.0:18790',
    '169.254.169.254',
    '192.168.1.5:18790',
    '[::1]',
    '[::]:18790',
    '::1:18790',
    'localhost',
    'localhost:80',
    'localhost:18790:18790',
    'localhost:18790/x',
    'user@localhost:18790',
    'localhost:18790 ',
    'localhost:1879O',
    `${'a'.repeat(500)}:18790`,
  ])('%j is refused', (host) => {
    const gate = gateWith();
    for (const _ of [1, 2]) expect(gate.hostRefusal(request({ host }))?.code).toBe('host_not_allowed');
  });

  test('is refused where it is missing', () => {
    expect(gateWith().hostRefusal(request({}))?.code).toBe('host_not_allowed');
  });

  test('may leave out port 80', () => {
    expect(gateWith().hostRefusal(request({ host: 'localhost' }, 80))).toBeNull();
  });

  test('may name any port where there is none, as on a Unix socket', () => {
    const nowhere = { headers: { host: 'localhost:4000' }, socket: {} } as unknown as IncomingMessage;
    expect(gateWith().hostRefusal(nowhere)).toBeNull();
  });

  test.each([
    ['gauge.example', ['gauge.example'], true],
    ['gauge.example:8443', ['gauge.example'], true],
    ['Gauge.Example', ['gauge.EXAMPLE'], true],
    ['gauge.example', ['gauge.example:443'], true],
    ['gauge.example:443', ['gauge.example:443'], true],
    ['gauge.example:8443', ['gauge.example:443'], false],
    ['gauge.example:8443', ['gauge.example:443', 'gauge.example:8443'], true],
    ['gauge.example:8443', ['gauge.example:443', 'gauge.example'], true],
    ['gauge.example:8443', ['gauge.example', 'gauge.example:443'], true],
    ['localhost:8080', ['localhost:8080'], true],
    ['[fd00::5]:9000', ['[fd00::5]'], true],
    ['www.gauge.example', ['gauge.example'], false],
  ] as const)('%s with %j allowed: %s', (host, allowedHosts, good) => {
    expect(gateWith({ allowedHosts }).hostRefusal(request({ host })) === null).toBe(good);
  });
});

describe('the Origin header', () => {
  const host = `127.0.0.1:${PORT}`;

  test.each([
    `http://127.0.0.1:${PORT}`,
    `https://127.0.0.1:${PORT}`,
    `http://localhost:${PORT}`,
    'https://gauge.example',
  ])('%s may ask', (origin) => {
    const gate = gateWith({ allowedHosts: ['gauge.example'] });
    expect(gate.hostRefusal(request({ host, origin }))).toBeNull();
  });

  test.each([
    'http://evil.example',
    `http://evil.example:${PORT}`,
    'http://localhost:3000',
    'http://localhost',
    'null',
    '',
    'file://',
    `chrome-extension://127.0.0.1:${PORT}`,
    `http://127.0.0.1:${PORT}@evil.example`,
    `http://127.0.0.1:${PORT}/`,
    'https://gauge.example.evil',
  ])('%j is refused', (origin) => {
    const gate = gateWith({ allowedHosts: ['gauge.example'] });
    expect(gate.hostRefusal(request({ host }))).toBeNull();
    for (const _ of [1, 2]) expect(gate.hostRefusal(request({ host, origin }))?.code).toBe('origin_not_allowed');
  });

  test('of the same name behind a proxy may leave out the port of its scheme', () => {
    const gate = gateWith({ allowedHosts: ['gauge.example'] });
    for (const origin of ['https://gauge.example', 'http://gauge.example:80', 'https://gauge.example:443']) {
      expect(gate.hostRefusal(request({ host: 'gauge.example', origin }))).toBeNull();
    }
  });

  test('of another local application is refused on a Unix socket too', () => {
    const headers = { host: 'localhost', origin: 'http://localhost:3000' };
    const nowhere = { headers, socket: {} } as unknown as IncomingMessage;
    expect(gateWith().hostRefusal(nowhere)?.code).toBe('origin_not_allowed');
  });
});

describe('the token', () => {
  const gate = gateWith({ token: 's3cret-Token' });

  test.each(['Bearer s3cret-Token', 'bearer s3cret-Token', 'Bearer   s3cret-Token  '])(
    '%j lets in',
    (authorization) => {
      expect(gate.tokenRefusal(request({ authorization }))).toBeNull();
    },
  );

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    's3cret-Token',
    'Basic s3cret-Token',
    'Bearer s3cret-token',
    'Bearer s3cret-Toke',
    'Bearer s3cret-Token x',
    'Bearer s3cret-Tokené',
  ])('%j does not', (authorization) => {
    const refusal = gate.tokenRefusal(request(authorization === undefined ? {} : { authorization }));
    expect(refusal?.code).toBe('unauthorized');
    expect(refusal?.message).not.toContain('s3cret');
  });

  test('is not asked for where none is configured', () => {
    expect(gateWith().tokenRefusal(request({}))).toBeNull();
  });

  test('is not needed by who knows the pass of this process, which no cookie is signed with', () => {
    const both = gateWith({ token: 's3cret-Token', pass: 'for-this-process' });
    for (const known of ['s3cret-Token', 'for-this-process']) {
      expect(both.tokenRefusal(request({ authorization: `Bearer ${known}` }))).toBeNull();
      expect(both.isToken(known)).toBe(true);
    }
    expect(both.isToken('for-this-process ')).toBe(false);
    expect(gate.isToken('for-this-process')).toBe(false);
    expect(gateWith({ pass: 'for-this-process' }).asksForToken).toBe(false);
  });
});

test.each([
  { token: '' },
  { token: 'two words' },
  { token: 'schlüssel' },
  { allowedHosts: [''] },
  { allowedHosts: ['*'] },
  { allowedHosts: ['https://gauge.example'] },
  { allowedHosts: ['gauge.example/x'] },
  { allowedHosts: ['::1'] },
])('the option %j can never match and is refused', (options) => {
  expect(() => gateWith(options)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
});
