/** That V8 knows what is queued for the next tick as one class, whatever garbage is collected. */
import { executionAsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { collectGarbage } from '../src/collect-garbage.ts';
import { keepTickShape } from '../src/tick-shape.ts';

const queued = () => new Promise<object>((resolve) => process.nextTick(() => resolve(executionAsyncResource())));

function haveSameShape(one: object, other: object): boolean {
  setFlagsFromString('--allow-natives-syntax');
  try {
    return (runInThisContext('(one, other) => %HaveSameMap(one, other)') as (...of: object[]) => boolean)(one, other);
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}

test('what is kept has the shape of what is queued, before garbage is collected and after', async () => {
  const kept = await keepTickShape();
  expect(haveSameShape(kept, await queued())).toBe(true);
  collectGarbage();
  expect(haveSameShape(kept, await queued())).toBe(true);
  expect(haveSameShape(kept, { callback: () => {}, args: undefined })).toBe(false);
});

test('one is enough', async () => {
  expect(await keepTickShape()).toBe(await keepTickShape());
});
