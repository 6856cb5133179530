import { describe, expect, it } from '@jest/globals';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { counterOf, describeBudgetStore, requestOf } from './budget-conformance.ts';

describeBudgetStore('memory', () => {
  const runtime = manualRuntime();
  return {
    store: createMemoryBudgetStore(runtime),
    pass: (milliseconds) => runtime.advance(milliseconds),
    close() {},
  };
});

describe('budgets in memory', () => {
  it('CG-36: add up 100,000 calls of 1.5 millionths of a dollar to exactly 15 cents', async () => {
    const store = createMemoryBudgetStore(manualRuntime());
    const counter = counterOf({ limit: 150_000_000 });
    for (let call = 0; call < 100_000; call += 1) {
      const request = requestOf([counter], { most: 1_500, least: 1_500 });
      const result = await store.reserve(request);
      if (result.kind !== 'reserved') throw new Error('The budget was spent too early.');
      await store.settle({ id: request.id, counters: [counter], amount: result.amount }, 1_500);
    }
    expect(await store.read([counter])).toEqual([{ spent: 150_000_000, held: 0 }]);
    expect(await store.reserve(requestOf([counter], { most: 1, least: 1 }))).toMatchObject({ kind: 'refused' });
  });

  it('forgets counters and claims of periods that are over', async () => {
    const runtime = manualRuntime();
    const store = createMemoryBudgetStore(runtime);
    const expiresAt = runtime.wallTime() + 1_000;
    for (let user = 0; user < 500; user += 1) {
      const counter = counterOf({ key: `["","d","user","${user}"]`, expiresAt });
      const request = requestOf([counter]);
      await store.reserve(request);
      await store.settle({ id: request.id, counters: [counter], amount: 100 }, 50);
      await store.claim({ counter, period: counter.since, thresholds: [80], expiresAt });
    }
    expect(store.size).toBe(1_000);
    runtime.advance(2_000);
    const lasting = counterOf();
    for (let call = 0; call < 600; call += 1) await store.reserve(requestOf([lasting], { most: 1, least: 1 }));
    expect(store.size).toBe(1);
  });
});
