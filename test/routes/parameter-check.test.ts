import { describe, expect, test } from 'vitest';
import { checkParameters } from '../../src/routes/parameter-check.ts';
import { noParameters, sessionsParameters, usageParameters } from '../../src/routes/parameters.ts';

describe('parameters', () => {
  test.each([
    [{}, {}],
    [null, {}],
    [{ range: '7d' }, { range: '7d' }],
    [
      { startDate: '2024-02-29', endDate: '2024-03-01' },
      { startDate: '2024-02-29', endDate: '2024-03-01' },
    ],
    [{ agent: 'ops' }, { agent: ['ops'] }],
    [
      { agent: ['ops', 'dev'], kind: 'cron' },
      { agent: ['ops', 'dev'], kind: ['cron'] },
    ],
  ])('%j become %j', (given, checked) => {
    expect(checkParameters(usageParameters, given)).toEqual(checked);
  });

  test('that count become numbers', () => {
    expect(checkParameters(sessionsParameters, { limit: '1000' })).toEqual({ limit: 1000 });
  });

  test.each([
    [{ rnage: '7d' }, 'unknown_parameter', /"rnage" is not known; known here: range, startDate/],
    [{ limit: '5' }, 'unknown_parameter', /"limit" is not known/],
    [{ __proto__x: '1' }, 'unknown_parameter', /"__proto__x"/],
    [{ constructor: '1' }, 'unknown_parameter', /"constructor"/],
    [{ toString: '1' }, 'unknown_parameter', /"toString"/],
    [{ '': '' }, 'unknown_parameter', /"" is not known/],
    [{ range: '8d' }, 'invalid_parameter', /"range" must be one of today, 7d, 30d, 90d, 1y, all; got "8d"/],
    [{ range: '' }, 'invalid_parameter', /got ""/],
    [{ range: ['7d', '30d'] }, 'invalid_parameter', /"range" must be given once; got "2 times"/],
    [{ startDate: '2026-02-30' }, 'invalid_parameter', /a day of the calendar as YYYY-MM-DD; got "2026-02-30"/],
    [{ startDate: '2026-2-3' }, 'invalid_parameter', /YYYY-MM-DD/],
    [{ timeZone: '' }, 'invalid_parameter', /"timeZone" must be not empty/],
    [{ timeZone: 'x'.repeat(65) }, 'invalid_parameter', /at most 64 characters long; got "65 characters"/],
    [{ kind: 'carrier-pigeon' }, 'invalid_parameter', /one of main, direct, group/],
    [{ agent: ['ops', ''] }, 'invalid_parameter', /"agent" must be not empty/],
    [{ agent: Array(65).fill('a') }, 'invalid_parameter', /at most 64 times; got "65 times"/],
    [{ split: 'day' }, 'invalid_parameter', /"split" must be one of agent, channel, kind, provider, model/],
    [[], 'invalid_parameter', /must be an object; got \[\]/],
    ['text', 'invalid_parameter', /must be an object; got "text"/],
  ])('%j are refused', (given, code, detail) => {
    expect(() => checkParameters(usageParameters, given)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(detail) }),
    );
  });

  test.each(['0', '1001', '-1', '1.5', '1e2', ' 1', '', 'ten', '9'.repeat(20)])('refuse a limit of %j', (limit) => {
    expect(() => checkParameters(sessionsParameters, { limit })).toThrow(/a whole number from 1 to 1000/);
  });

  test('are none where a route knows none', () => {
    expect(() => checkParameters(noParameters, { a: '1' })).toThrow(/"a" is not known; none is known here/);
  });

  test('are shown cut, however long', () => {
    const refusal = () => checkParameters(usageParameters, { ['x'.repeat(10_000)]: '' });
    expect(refusal).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{0,400}$/) }));
  });
});
