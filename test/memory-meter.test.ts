import { describe, expect, test } from 'vitest';
import { MemoryMeter, meterMemory, ownMemory, readMeter } from '../src/memory-meter.ts';
import { KIB, MIB } from '../src/units.ts';

describe('the meter', () => {
  test('tells what each thread held when it last noted it', () => {
    const memory = meterMemory();
    const [one, other] = [new MemoryMeter(memory, 0, 7), new MemoryMeter(memory, 5 * MIB, 9)];
    one.note();
    other.note();
    const first = readMeter(memory, new Set([7, 9]));
    expect([...first.keys()].sort()).toEqual([7, 9]);
    const held = new ArrayBuffer(20 * MIB);
    one.note();
    const second = readMeter(memory, new Set([7, 9]));
    expect(second.get(7)!.buffers - first.get(7)!.buffers).toBeGreaterThanOrEqual(20 * MIB - KIB);
    expect(second.get(9)).toEqual(first.get(9));
    expect(second.get(9)!.buffers - first.get(7)!.buffers).toBeGreaterThanOrEqual(5 * MIB - KIB);
    expect(second.get(7)!.heap).toBeGreaterThan(2 * MIB);
    expect(held.byteLength).toBe(20 * MIB);
  });

  test('leaves it at what was noted lately, where that is enough', () => {
    const memory = meterMemory();
    const meter = new MemoryMeter(memory, 0, 7);
    meter.note(60_000);
    const first = readMeter(memory, new Set([7])).get(7)!;
    const held = new ArrayBuffer(20 * MIB);
    meter.note(60_000);
    expect(readMeter(memory, new Set([7])).get(7)).toEqual(first);
    meter.note();
    expect(readMeter(memory, new Set([7])).get(7)!.buffers).toBeGreaterThan(first.buffers);
    expect(held.byteLength).toBe(20 * MIB);
  });

  test('forgets threads that ended, and has room for those that come after them', () => {
    const memory = meterMemory();
    new MemoryMeter(memory, 0, 1).note();
    new MemoryMeter(memory, 0, 2).note();
    expect([...readMeter(memory, new Set([2])).keys()]).toEqual([2]);
    for (let thread = 3; thread < 5_000; thread++) {
      new MemoryMeter(memory, 0, thread).note();
      expect([...readMeter(memory, new Set([2, thread])).keys()].sort((a, b) => a - b)).toEqual([2, thread]);
    }
  });

  test('leaves out a thread that finds no room, and one that has noted nothing', () => {
    const memory = meterMemory();
    for (let thread = 1; thread <= 2_000; thread++) new MemoryMeter(memory, 0, thread).note();
    const alive = new Set(Array.from({ length: 3_000 }, (_, at) => at + 1));
    expect(readMeter(memory, alive).size).toBe(1_024);
    expect(readMeter(meterMemory(), alive).size).toBe(0);
  });

  test('has a thread measure itself', () => {
    const before = ownMemory();
    const held = new ArrayBuffer(8 * MIB);
    expect(ownMemory().buffers - before.buffers).toBeGreaterThanOrEqual(8 * MIB - KIB);
    expect(held.byteLength).toBe(8 * MIB);
  });
});
