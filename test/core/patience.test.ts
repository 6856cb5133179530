import { describe, expect, it } from '@jest/globals';
import { patience, timeMissed } from '../../src/core/patience.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

describe('patience', () => {
  it('ends with its limit while the process runs', () => {
    const runtime = manualRuntime();
    const expired: number[] = [];
    patience(runtime, 100, () => expired.push(runtime.now()));
    runtime.advance(99);
    expect(expired).toEqual([]);
    runtime.advance(1);
    expect(expired).toEqual([100]);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it.each([
    [115, 115],
    [150, 200],
    [190, 280],
    [9_000, 9_100],
  ])('looked at after %d ms of 100, ends after %d: what was missed is given again, up to the limit', (blocked, at) => {
    const runtime = manualRuntime();
    const expired: number[] = [];
    patience(runtime, 100, () => expired.push(runtime.now()));
    runtime.block(blocked);
    runtime.advance(1_000);
    expect(expired).toEqual([at]);
  });

  it('can be ended before and after it was lengthened', () => {
    const runtime = manualRuntime();
    const expired: number[] = [];
    patience(runtime, 100, () => expired.push(1)).cancel();
    const timer = patience(runtime, 100, () => expired.push(2));
    runtime.block(150);
    runtime.advance(0);
    expect(runtime.pendingTimers()).toBe(1);
    timer.cancel();
    runtime.advance(1_000);
    expect(expired).toEqual([]);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('gives nothing for a timer that comes in time', () => {
    expect([-1, 0, 1, 20, 21, 5_000].map((late) => timeMissed(late, 300))).toEqual([0, 0, 0, 0, 21, 300]);
  });
});
