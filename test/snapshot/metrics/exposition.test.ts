import { expect, test } from 'vitest';
import { Histogram, histograms, metric, openMetrics, single } from '../../../src/snapshot/metrics/exposition.ts';

test('a metric is its help, its type and a line for each sample', () => {
  expect(
    metric('a_total', 'counter', 'What is counted.', [
      [{ kind: 'x', other: 'y' }, 1.5],
      [{ kind: 'z', other: '' }, 2e21],
    ]),
  ).toBe(
    '# HELP a_total What is counted.\n# TYPE a_total counter\na_total{kind="x",other="y"} 1.5\na_total{kind="z",other=""} 2e+21\n',
  );
  expect(single('b', 'gauge', 'B.', Number.NEGATIVE_INFINITY)).toBe('# HELP b B.\n# TYPE b gauge\nb -Inf\n');
});

test('one without samples is nothing', () => {
  expect(metric('a', 'gauge', 'A.', []) + histograms('h', 'H.', [])).toBe('');
});

test('quotes, backslashes and line ends in labels are escaped', () => {
  expect(metric('a', 'gauge', 'A.', [[{ name: 'a"b\\c\nd' }, 0]])).toContain('a{name="a\\"b\\\\c\\nd"} 0\n');
});

test('a histogram counts what is at most each bound', () => {
  const histogram = new Histogram([0.5, 2]);
  for (const value of [0.5, 0.25, 1, 9]) histogram.observe(value);
  expect(histogram.lines('h', { route: '/' }).split('\n')).toEqual([
    'h_bucket{route="/",le="0.5"} 2',
    'h_bucket{route="/",le="2.0"} 3',
    'h_bucket{route="/",le="+Inf"} 4',
    'h_sum{route="/"} 10.75',
    'h_count{route="/"} 4',
    '',
  ]);
});

test('OpenMetrics has families of counters without their suffix, units, and an end', () => {
  const histogram = new Histogram([1]);
  const text =
    single('a_bytes_total', 'counter', 'A.', 1) +
    metric('b', 'gauge', 'B.', [[{ name: '\n# HELP b_total x\n# TYPE b_total counter\n' }, 2]]) +
    histograms('c_seconds', 'C.', [[{}, histogram]]);
  expect(openMetrics(text).split('\n')).toEqual([
    '# HELP a_bytes A.',
    '# TYPE a_bytes counter',
    '# UNIT a_bytes bytes',
    'a_bytes_total 1',
    '# HELP b B.',
    '# TYPE b gauge',
    'b{name="\\n# HELP b_total x\\n# TYPE b_total counter\\n"} 2',
    '# HELP c_seconds C.',
    '# TYPE c_seconds histogram',
    '# UNIT c_seconds seconds',
    'c_seconds_bucket{le="1.0"} 0',
    'c_seconds_bucket{le="+Inf"} 0',
    'c_seconds_sum 0',
    'c_seconds_count 0',
    '# EOF',
    '',
  ]);
});
