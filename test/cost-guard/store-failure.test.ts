import { describe, expect, it } from '@jest/globals';
import type { BudgetStore } from '../../src/cost-guard/index.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';
import { admit, attempted, callOf, everything, guarded, over, stateOf, usd } from './support.ts';

const cent = usd / 100;
const list = [{ per: 'global', limit: 1, period: 'day' }] as const;

/** A store behind a wire that can be cut. */
function breakable(runtime: ManualRuntime) {
  const memory = createMemoryBudgetStore(runtime);
  let down = false;
  const through = async <Value>(ask: () => Value | Promise<Value>): Promise<Value> => {
    if (down) throw Object.assign(new Error('redis://:secret@10.0.0.5'), { code: 'ECONNREFUSED' });
    return ask();
  };
  const store: BudgetStore = {
    reserve: (request) => through(() => memory.reserve(request)),
    renew: (reservations, lease) => through(() => memory.renew(reservations, lease)),
    settle: (reservation, used) => through(() => memory.settle(reservation, used)),
    read: (counters) => memory.read(counters),
    claim: (claim) => through(() => memory.claim(claim)),
  };
  return {
    store,
    cut: (): void => {
      down = true;
    },
    mend: (): void => {
      down = false;
    },
  };
}

/** Lets everything run that waits for nothing but other promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('while the store is away', () => {
  it('CG-23: refuses with 503 and when to come back, and tells nobody where the store is', async () => {
    const runtime = manualRuntime();
    const { store, cut } = breakable(runtime);
    const guard = guarded({ list }, { runtime, store });
    cut();
    const decision = await admit(guard, callOf(runtime, { maxTokens: 1_000 }));
    expect(decision).toMatchObject({
      kind: 'reject',
      error: { code: 'budget_unavailable', status: 503, type: 'service_unavailable', retryAfter: 2 },
    });
    expect(guard.events).toEqual([{ type: 'budget-store-failed', operation: 'reserve', reason: 'ECONNREFUSED' }]);
  });

  it('CG-23: serves what costs nothing', async () => {
    const runtime = manualRuntime();
    const { store, cut } = breakable(runtime);
    const guard = guarded({ list }, { runtime, store });
    cut();
    expect(await admit(guard, callOf(runtime, { model: 'openai/free' }))).toEqual({ kind: 'pass' });
    const chain = callOf(runtime, { model: 'free-first', maxTokens: 1_000 });
    expect(await admit(guard, chain)).toEqual({ kind: 'pass' });
    const plan = guard.guard.onPlan?.(chain, [
      { provider: 'openai', model: 'free' },
      { provider: 'openai', model: 'by-answer' },
    ]);
    expect(plan?.candidates).toEqual([{ provider: 'openai', model: 'free' }]);
    expect(plan?.skipped).toMatchObject([{ error: { code: 'budget_unavailable' } }]);
  });

  it('CG-23: with a local cap admits at most the cap, and books it when the store is back', async () => {
    const runtime = manualRuntime();
    const { store, cut, mend } = breakable(runtime);
    const guard = guarded({ list, onStoreFailure: { localCap: 0.1 }, leastOutputTokens: 1_000 }, { runtime, store });
    cut();
    const calls = Array.from({ length: 50 }, () => callOf(runtime, { maxTokens: 1_000 }));
    const decisions = await Promise.all(calls.map((call) => admit(guard, call)));
    const inside = calls.filter((_call, index) => decisions[index]?.kind === 'pass');
    expect(inside).toHaveLength(10);
    for (const call of inside) {
      attempted(call, { cost: 0.7 * cent });
      over(call);
    }
    await settled();
    // Spent and not booked: the cap stays used up, however often the store is asked in vain.
    for (let round = 0; round < 5; round += 1) {
      runtime.advance(10_000);
      await settled();
      expect((await admit(guard, callOf(runtime, { maxTokens: 1_000 }))).kind).toBe('reject');
    }
    mend();
    runtime.advance(10_000);
    await settled();
    expect(await stateOf(guard, everything)).toEqual({ spent: 7 * cent, held: 0 });
    cut();
    expect((await admit(guard, callOf(runtime, { maxTokens: 1_000 }))).kind).toBe('pass');
  });

  it('books a use the store could not take until it has taken it, once', async () => {
    const runtime = manualRuntime();
    const { store, cut, mend } = breakable(runtime);
    const guard = guarded({ list }, { runtime, store });
    const calls = Array.from({ length: 20 }, () => callOf(runtime, { maxTokens: 1_000 }));
    for (const call of calls) await admit(guard, call);
    cut();
    for (const call of calls) {
      attempted(call, { cost: cent });
      over(call);
    }
    await settled();
    runtime.advance(60_000);
    await settled();
    expect(guard.guard.open).toBe(0);
    // The leases have run out by now; nothing has been booked.
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
    mend();
    runtime.advance(10_000);
    await settled();
    expect(await stateOf(guard, everything)).toEqual({ spent: 20 * cent, held: 0 });
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('books what waits when it is closed', async () => {
    const runtime = manualRuntime();
    const { store, cut, mend } = breakable(runtime);
    const guard = guarded({ list }, { runtime, store });
    const call = callOf(runtime, { maxTokens: 1_000 });
    await admit(guard, call);
    cut();
    attempted(call, { cost: cent });
    over(call);
    await settled();
    mend();
    await guard.guard.close();
    expect(await stateOf(guard, everything)).toEqual({ spent: cent, held: 0 });
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('holds again what ran out while it could not be renewed', async () => {
    const runtime = manualRuntime();
    const { store, cut, mend } = breakable(runtime);
    const guard = guarded({ list }, { runtime, store });
    const call = callOf(runtime, { maxTokens: 1_000 });
    await admit(guard, call);
    cut();
    runtime.advance(10_000);
    await settled();
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
    mend();
    runtime.advance(2_000);
    await settled();
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: cent });
    expect(guard.events.map((event) => event.type)).toEqual(expect.arrayContaining(['budget-store-failed']));
  });
});
