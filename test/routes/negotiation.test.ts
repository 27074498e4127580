import { describe, expect, test } from 'vitest';
import { acceptsGzip, matchesEtag } from '../../src/routes/negotiation.ts';

describe('gzip', () => {
  test.each([
    'gzip',
    'GZIP',
    'x-gzip',
    '*',
    'gzip, deflate, br, zstd',
    'br;q=1.0, gzip;q=0.8, *;q=0.1',
    'gzip;q=0.001',
    'gzip ; q = 1.000',
    'identity;q=0.5, gzip',
    'deflate, *;q=0.5',
  ])('is sent to %j', (header) => {
    expect(acceptsGzip(header)).toBe(true);
    expect(acceptsGzip(header)).toBe(true);
  });

  test.each([
    undefined,
    '',
    'identity',
    'br',
    'gzip;q=0',
    'gzip;q=0.000',
    'gzip;q=0, *',
    '*;q=0',
    'gzip;q=0.5, identity',
    'gzip;q=2',
    'gzip;q=high',
    'gzipped',
    `br, ${'x'.repeat(5000)}`,
  ])('is not sent to %j', (header) => {
    expect(acceptsGzip(header)).toBe(false);
  });
});

describe('an entity tag', () => {
  const etag = 'W/"a,b"';

  test.each(['W/"a,b"', '"a,b"', '*', ' * ', '"x", W/"a,b"', 'W/"x","a,b","y"'])('is known from %j', (header) => {
    expect(matchesEtag(header, etag)).toBe(true);
  });

  test.each([undefined, '', '"x"', 'W/"a"', 'a,b', '"a', '"a,b', 'W/"A,B"'])('is not known from %j', (header) => {
    expect(matchesEtag(header, etag)).toBe(false);
  });
});
