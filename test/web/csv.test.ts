import { expect, test } from 'vitest';
import type { SessionRow, UsageFigures } from '../../src/snapshot/shapes.ts';
import { sessionsCsv, usageCsv } from '../../web/src/csv.ts';

const totals = {
  cost: 1.25,
  totalTokens: 10,
  input: 1,
  output: 2,
  cacheRead: 3,
  cacheWrite: 4,
  records: 5,
  missing: 0,
};

test('a series has a line for each step, with the cost of each name of the split', () => {
  const start = Date.UTC(2026, 10, 22);
  const figures = {
    series: [{ start, date: '2026-11-22', totals }],
    split: { by: 'model', rows: [{ name: null, cost: [0.5], totalTokens: [4] }] },
  } as unknown as UsageFigures;
  expect(usageCsv(figures).split('\r\n')).toEqual([
    'date,start,cost,totalTokens,input,output,cacheRead,cacheWrite,records,missing,cost: the rest',
    '2026-11-22,2026-11-22T00:00:00.000Z,1.25,10,1,2,3,4,5,0,0.5',
    '',
  ]);
});

test('sessions have a line each', () => {
  const session = {
    key: 'k,1',
    agent: 'a',
    sessionId: 's',
    label: null,
    channel: 'c',
    kind: 'k',
    lastActivity: null,
    totals,
  };
  expect(sessionsCsv([session as unknown as SessionRow]).split('\r\n')).toEqual([
    'key,agent,sessionId,label,channel,kind,provider,model,lastActivity,cost,totalTokens,input,output,cacheRead,cacheWrite,records,missing',
    '"k,1",a,s,,c,k,,,,1.25,10,1,2,3,4,5,0',
    '',
  ]);
});
