import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { TrustedProxies } from '../../src/routes/trusted-proxies.ts';

const proxies = new TrustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);

function request(
  headers: IncomingMessage['headers'],
  remoteAddress: string | undefined = '127.0.0.1',
): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe('the client', () => {
  test.each([
    ['nothing is told', {}, '127.0.0.1'],
    ['one proxy', { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
    ['made up before the proxy', { 'x-forwarded-for': '1.1.1.1, 203.0.113.9' }, '203.0.113.9'],
    ['two trusted proxies', { 'x-forwarded-for': '203.0.113.9, 10.1.2.3' }, '203.0.113.9'],
    ['only trusted ones', { 'x-forwarded-for': '10.9.9.9, 10.1.2.3' }, '10.9.9.9'],
    ['no address', { 'x-forwarded-for': 'unknown' }, '127.0.0.1'],
    ['an address and a port', { 'x-forwarded-for': '203.0.113.9:4711' }, '203.0.113.9'],
    ['RFC 7239', { forwarded: 'for=1.1.1.1, for="[2001:db8::17]:4711";proto=https' }, '2001:db8::17'],
    [
      'both, of which a client may have made up one',
      { forwarded: 'for=1.1.1.1', 'x-forwarded-for': '203.0.113.9' },
      '203.0.113.9',
    ],
  ] as const)('%s: %j is of %s', (_case, headers, client) => {
    expect(proxies.clientOf(request(headers))).toBe(client);
  });

  test('is the one that is connected, if that is no proxy', () => {
    const headers = { 'x-forwarded-for': '1.1.1.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' };
    const stranger = request(headers, '203.0.113.9');
    expect(proxies.clientOf(stranger)).toBe('203.0.113.9');
    expect(proxies.isSecure(stranger)).toBe(false);
    expect(proxies.hostOf(stranger)).toBeNull();
    expect(new TrustedProxies().clientOf(request(headers))).toBe('127.0.0.1');
    expect(proxies.clientOf({ headers, socket: {} } as unknown as IncomingMessage)).toBeNull();
  });

  test('may come through a network, also one of IPv4 in an IPv6 socket', () => {
    for (const proxy of ['10.200.1.1', '::ffff:10.200.1.1', 'fd12::1']) {
      expect(proxies.clientOf(request({ 'x-forwarded-for': '203.0.113.9' }, proxy))).toBe('203.0.113.9');
    }
  });
});

test.each([
  [{ 'x-forwarded-proto': 'https' }, true],
  [{ 'x-forwarded-proto': 'http' }, false],
  [{ 'x-forwarded-proto': 'https, http' }, false],
  [{ forwarded: 'for=a;proto=HTTPS' }, true],
  [{ forwarded: 'proto=https', 'x-forwarded-for': '1.1.1.1' }, false],
  [{}, false],
] as const)('with %j the client came by https: %s', (headers, secure) => {
  expect(proxies.isSecure(request(headers))).toBe(secure);
});

test.each([
  [{ 'x-forwarded-host': 'made-up.example, gauge.example' }, 'gauge.example'],
  [{ forwarded: 'host=made-up.example, for=a;host="gauge.example:8443"' }, 'gauge.example:8443'],
  [{ 'x-forwarded-host': '' }, null],
] as const)('with %j the host asked for is %s', (headers, host) => {
  expect(proxies.hostOf(request(headers))).toBe(host);
});

test('what is no address is refused', () => {
  for (const entry of ['proxy.example', '10.0.0.0/40', '']) {
    expect(() => new TrustedProxies([entry])).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  }
});
