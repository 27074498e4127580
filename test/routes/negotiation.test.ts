import { describe, expect, test } from 'vitest';
import { acceptsGzip, matchesEtag, prefersOpenMetrics } from '../../src/routes/negotiation.ts';

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

describe('OpenMetrics', () => {
  test.each([
    'application/openmetrics-text',
    'Application/OpenMetrics-Text; Version=1.0.0; charset=utf-8',
    // Prometheus 2.42, and 3.
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'text/plain, application/openmetrics-text',
  ])('is sent to %j', (header) => {
    expect(prefersOpenMetrics(header)).toBe(true);
  });

  test.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'text/plain',
    'application/openmetrics-text;version=0.0.1',
    'application/openmetrics-text;version=2.0.0',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=0.4,text/plain;version=0.0.4',
    'text/html,application/xhtml+xml,*/*;q=0.8',
  ])('is not sent to %j', (header) => {
    expect(prefersOpenMetrics(header)).toBe(false);
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
