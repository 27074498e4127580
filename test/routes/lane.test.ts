import { describe, expect, test } from 'vitest';
import { Lane } from '../../src/routes/lane.ts';

const refused = expect.objectContaining({ code: 'too_many_requests' });

describe('a lane', () => {
  test('lets a burst in, and then as many a second as it says', () => {
    const lane = new Lane({ perSecond: 2, burst: 3, waiting: 10 });
    for (let i = 0; i < 3; i += 1) lane.enter(0)();
    expect(() => lane.enter(0)).toThrow(refused);
    expect(() => lane.enter(499)).toThrow(refused);
    lane.enter(500)();
    expect(() => lane.enter(500)).toThrow(refused);
    lane.enter(1000)();
  });

  test('saves no more than a burst', () => {
    const lane = new Lane({ perSecond: 100, burst: 2, waiting: 10 });
    lane.enter(0)();
    lane.enter(1e9)();
    lane.enter(1e9)();
    expect(() => lane.enter(1e9)).toThrow(refused);
  });

  test('holds no more than may wait, until one leaves', () => {
    const lane = new Lane({ perSecond: 1000, burst: 1000, waiting: 2 });
    const leave = lane.enter(0);
    lane.enter(0);
    expect(() => lane.enter(0)).toThrow(refused);
    leave();
    leave();
    lane.enter(0);
    expect(() => lane.enter(0)).toThrow(refused);
  });

  test('goes on when the clock is set back', () => {
    const lane = new Lane({ perSecond: 1, burst: 1, waiting: 10 });
    lane.enter(1e6)();
    expect(() => lane.enter(0)).toThrow(refused);
    lane.enter(1000)();
  });
});
