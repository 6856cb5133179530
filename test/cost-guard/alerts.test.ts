import { describe, expect, it } from '@jest/globals';
import type { GatewayEvent } from '../../src/core/events.ts';
import type { BudgetsSettings } from '../../src/cost-guard/index.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { admit, attempted, callOf, guarded, over, usd } from './support.ts';

const cent = usd / 100;
const daily: BudgetsSettings = { list: [{ per: 'user', limit: 1, period: 'day', timezone: 'Europe/Amsterdam' }] };
const ana = { keyId: 'k1', user: 'ana' };

/** Several gateways that share one store. */
function replicas(count: number, settings: BudgetsSettings = daily) {
  const runtime = manualRuntime();
  const store = createMemoryBudgetStore(runtime);
  const guards = Array.from({ length: count }, () => guarded(settings, { runtime, store }));
  return { runtime, store, guards };
}

async function spend(guard: ReturnType<typeof guarded>, cost: number, caller = ana): Promise<void> {
  const call = callOf(guard.runtime, { maxTokens: 1_000, caller });
  await admit(guard, call);
  attempted(call, { cost });
  over(call);
}

const thresholds = (events: readonly GatewayEvent[]): readonly number[] =>
  events.flatMap((event) => (event.type === 'budget-threshold' ? [event.threshold] : []));

describe('alerts', () => {
  it('CG-31: come once each and ascending when one call jumps over all thresholds', async () => {
    const { guards } = replicas(1);
    const [guard] = guards;
    if (guard === undefined) throw new Error('There is no guard.');
    await spend(guard, 70 * cent);
    expect(guard.events).toEqual([]);
    await spend(guard, 35 * cent);
    expect(thresholds(guard.events)).toEqual([80, 90, 100]);
    expect(guard.events[0]).toEqual({
      type: 'budget-threshold',
      budget: 'user-day',
      scope: 'user',
      value: 'ana',
      threshold: 80,
      spentNanoUsd: 105 * cent,
      limitNanoUsd: usd,
      resetAt: '2025-06-16T00:00:00+02:00',
    });
  });

  it('CG-31: come once over all replicas, none after a restart, and anew in the next period', async () => {
    const { runtime, store, guards } = replicas(4);
    for (let round = 0; round < 24; round += 1) {
      const guard = guards[round % 4];
      if (guard !== undefined) await spend(guard, 5 * cent);
    }
    expect(thresholds(guards.flatMap(({ events }) => events)).toSorted((a, b) => a - b)).toEqual([80, 90, 100]);

    const restarted = guarded(daily, { runtime, store });
    await spend(restarted, cent);
    expect(restarted.events).toEqual([]);

    runtime.advance(24 * 3_600_000);
    await spend(restarted, 85 * cent);
    expect(thresholds(restarted.events)).toEqual([80]);
  });

  it('come for each user apart', async () => {
    const { guards } = replicas(1);
    const [guard] = guards;
    if (guard === undefined) throw new Error('There is no guard.');
    await spend(guard, 85 * cent);
    await spend(guard, 85 * cent, { keyId: 'k2', user: 'ben' });
    expect(guard.events).toMatchObject([{ value: 'ana' }, { value: 'ben' }]);
  });

  it('come for what is refused because it is not paid for any more, though a little is left', async () => {
    const { guards } = replicas(1, { list: [{ per: 'user', limit: 1, period: 'day', alerts: [50, 100, 120] }] });
    const [guard] = guards;
    if (guard === undefined) throw new Error('There is no guard.');
    await spend(guard, 99.99 * cent);
    expect(thresholds(guard.events)).toEqual([50]);
    await spend(guard, cent);
    await spend(guard, cent);
    expect(thresholds(guard.events)).toEqual([50, 100]);
  });

  it('do not come for a request that is refused for its own price', async () => {
    const { guards } = replicas(1, { ...daily, leastOutputTokens: 100_000 });
    const [guard] = guards;
    if (guard === undefined) throw new Error('There is no guard.');
    await spend(guard, 60 * cent);
    const dear = callOf(guard.runtime, { maxTokens: 60_000, caller: ana });
    expect(await admit(guard, dear)).toMatchObject({ kind: 'reject', error: { code: 'budget_exceeded' } });
    expect(guard.events).toEqual([]);
  });

  it('do not come for what is refused because others hold the money', async () => {
    const { guards } = replicas(1);
    const [guard] = guards;
    if (guard === undefined) throw new Error('There is no guard.');
    const all = callOf(guard.runtime, { maxTokens: 1_000_000, caller: ana });
    await admit(guard, all);
    await spend(guard, 0);
    expect(guard.events).toEqual([]);
  });

  it("are as many as the budget's own list says", async () => {
    const { guards } = replicas(1, { list: [{ per: 'user', limit: 1, period: 'day', alerts: [] }] });
    const [guard] = guards;
    if (guard === undefined) throw new Error('There is no guard.');
    await spend(guard, 2 * usd);
    expect(guard.events).toEqual([]);
  });
});
