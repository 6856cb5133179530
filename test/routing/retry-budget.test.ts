import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultRetryBudget, RetryBudget } from '../../src/routing/retry-budget.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

function budget(targets: number, overrides: Partial<typeof defaultRetryBudget> = {}) {
  const runtime = manualRuntime();
  return { runtime, budget: new RetryBudget(runtime, { ...defaultRetryBudget, targets, ...overrides }) };
}

function spendAll(tried: RetryBudget): number {
  let spent = 0;
  while (spent < 10_000 && tried.allows({ kind: 'retry' })) spent += 1;
  return spent;
}

describe('RetryBudget', () => {
  it.each([1, 3])(
    'FO-11: keeps 1,000 failing requests at 50/s within a fifth more, and 3 per target (%d)',
    (targets) => {
      const { runtime, budget: tried } = budget(targets);
      let upstreamCalls = 0;
      for (let request = 0; request < 1000; request += 1) {
        tried.recordRequest();
        upstreamCalls += 1;
        for (let retry = 0; retry < 5 && tried.allows({ kind: 'retry' }); retry += 1) upstreamCalls += 1;
        runtime.advance(20);
      }
      expect(upstreamCalls).toBeLessThanOrEqual(1200 + 3 * targets);
      // It is a budget, not a ban.
      expect(upstreamCalls).toBeGreaterThan(1190);
    },
  );

  it('FO-11: keeps the bound after a long calm: what was not used is not saved up', () => {
    const { runtime, budget: tried } = budget(2);
    for (let request = 0; request < 100_000; request += 1) tried.recordRequest();
    runtime.advance(3_600_000);
    tried.recordRequest();
    expect(spendAll(tried)).toBe(6);
  });

  it('stands ready with three tokens per target before the first request', () => {
    expect(spendAll(budget(4).budget)).toBe(12);
  });

  it('refills the floor within a minute when there is little traffic', () => {
    const { runtime, budget: tried } = budget(1);
    spendAll(tried);
    runtime.advance(10_000);
    tried.recordRequest();
    expect(spendAll(tried)).toBe(0);
    runtime.advance(20_000);
    tried.recordRequest();
    expect(spendAll(tried)).toBe(1);
    runtime.advance(60_000);
    tried.recordRequest();
    expect(spendAll(tried)).toBe(3);
  });

  it('never refuses the first move to a healthy target, and nothing else', () => {
    const { budget: tried } = budget(1);
    spendAll(tried);
    expect(tried.allows({ kind: 'move', earlierMoves: 0, targetIsHealthy: true })).toBe(true);
    expect(tried.allows({ kind: 'move', earlierMoves: 1, targetIsHealthy: true })).toBe(false);
    expect(tried.allows({ kind: 'move', earlierMoves: 0, targetIsHealthy: false })).toBe(false);
    expect(tried.allows({ kind: 'retry' })).toBe(false);
  });

  it('takes no more than half of the floor for moves it does not refuse', () => {
    const { budget: tried } = budget(2);
    for (let move = 0; move < 100; move += 1) {
      tried.allows({ kind: 'move', earlierMoves: 0, targetIsHealthy: true });
    }
    expect(spendAll(tried)).toBe(3);
  });

  it('leaves the whole share of the requests to other steps, however many moves it does not refuse', () => {
    const { budget: tried } = budget(2);
    let granted = 0;
    for (let request = 0; request < 1000; request += 1) {
      tried.recordRequest();
      tried.allows({ kind: 'move', earlierMoves: 0, targetIsHealthy: true });
      if (tried.allows({ kind: 'retry' })) granted += 1;
    }
    expect(granted).toBeGreaterThanOrEqual(200);
  });

  it('can be lifted', () => {
    const { budget: tried } = budget(1, { ratio: Number.POSITIVE_INFINITY });
    expect(spendAll(tried)).toBe(10_000);
    tried.recordRequest();
    expect(spendAll(tried)).toBe(10_000);
  });

  it('without a floor still grants the share of the requests', () => {
    const { budget: tried } = budget(1, { floorPerTarget: 0 });
    expect(spendAll(tried)).toBe(0);
    let granted = 0;
    for (let request = 0; request < 100; request += 1) {
      tried.recordRequest();
      if (tried.allows({ kind: 'retry' })) granted += 1;
    }
    expect(granted).toBeGreaterThanOrEqual(19);
    expect(granted).toBeLessThanOrEqual(20);
  });

  it('FO-11: never grants more than its share, the floor and the refill, whatever the pace', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.nat(30_000), fc.nat(10)), { maxLength: 200 }),
        (targets, steps) => {
          const { runtime, budget: tried } = budget(targets);
          let granted = 0;
          for (const [pause, retries] of steps) {
            runtime.advance(pause);
            tried.recordRequest();
            for (let retry = 0; retry < retries; retry += 1) granted += tried.allows({ kind: 'retry' }) ? 1 : 0;
          }
          const refill = (runtime.now() / defaultRetryBudget.floorRefill) * 3 * targets;
          expect(granted).toBeLessThanOrEqual(3 * targets + 0.2 * steps.length + refill + 1e-6);
        },
      ),
      { seed: 7 },
    );
  });
});
