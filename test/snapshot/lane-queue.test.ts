import { queueOptionsSymbol } from 'piscina';
import { describe, expect, test } from 'vitest';
import { FOREGROUND, LaneQueue } from '../../src/snapshot/lane-queue.ts';

const task = (lane: object | null) => ({ [queueOptionsSymbol]: lane });
const lanesOf = (queue: LaneQueue) => {
  const order = [];
  for (let next = queue.shift(); next !== null; next = queue.shift()) order.push(next);
  return order;
};

describe('the queue of the keeper', () => {
  test('hands out questions before steps of a refresh, each in the order they came', () => {
    const queue = new LaneQueue();
    const [step1, ask1, step2, ask2] = [task(null), task(FOREGROUND), task({}), task(FOREGROUND)];
    for (const it of [step1, ask1, step2, ask2]) queue.push(it);
    expect(queue.size).toBe(4);
    expect(lanesOf(queue)).toEqual([ask1, ask2, step1, step2]);
    expect(queue.size).toBe(0);
    expect(queue.shift()).toBeNull();
  });

  test('forgets what is taken back', () => {
    const queue = new LaneQueue();
    const [step, ask, other] = [task(null), task(FOREGROUND), task(FOREGROUND)];
    for (const it of [step, ask]) queue.push(it);
    queue.remove(other);
    queue.remove(ask);
    expect(queue.size).toBe(1);
    queue.remove(step);
    expect(queue.shift()).toBeNull();
  });
});
