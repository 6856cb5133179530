import { describe, expect, it } from '@jest/globals';
import type { GatewayError } from '../../src/core/errors.ts';
import { runGate } from '../../src/core/gate.ts';
import type { BudgetStore } from '../../src/cost-guard/index.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { admit, attempted, callOf, everything, type Guarded, guarded, over, stateOf, usd } from './support.ts';

const cent = usd / 100;
const oneDollarADay = { list: [{ per: 'global', limit: 1, period: 'day' }] } as const;

async function refusalOf(guard: Guarded, call: ReturnType<typeof callOf>): Promise<GatewayError> {
  const decision = await admit(guard, call);
  if (decision.kind !== 'reject') throw new Error('The call was let in.');
  return decision.error;
}

describe('admission', () => {
  it('CG-01: of 500 calls at once lets in exactly those the budget pays for', async () => {
    const guard = guarded(oneDollarADay);
    const calls = Array.from({ length: 500 }, () => callOf(guard.runtime, { maxTokens: 1_000 }));
    const decisions = await Promise.all(calls.map((call) => admit(guard, call)));
    const inside = calls.filter((_call, index) => decisions[index]?.kind === 'pass');
    expect(inside).toHaveLength(100);
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: usd });
    for (const decision of decisions) {
      if (decision.kind === 'reject') expect(decision.error).toMatchObject({ code: 'budget_exceeded', status: 402 });
    }
    for (const call of inside) {
      attempted(call, { cost: cent });
      over(call);
    }
    expect(await stateOf(guard, everything)).toEqual({ spent: usd, held: 0 });
    expect(guard.guard.open).toBe(0);
    expect(guard.runtime.pendingTimers()).toBe(0);
  });

  it('CG-38: names the scope and when it ends, and tells clients not to try again', async () => {
    const guard = guarded({
      list: [{ per: 'user', limit: 0.000_1, period: 'day', timezone: 'Europe/Amsterdam' }],
    });
    const error = await refusalOf(
      guard,
      callOf(guard.runtime, { maxTokens: 1_000, caller: { keyId: 'k', user: 'ana' } }),
    );
    expect(error).toMatchObject({
      code: 'budget_exceeded',
      type: 'insufficient_quota',
      retryable: false,
      headers: {
        'x-should-retry': 'false',
        'x-gateway-budget-scope': 'user',
        'x-gateway-budget-reset-at': '2025-06-16T00:00:00+02:00',
      },
    });
    expect(error.message).toContain('scope: user');
    expect(error.message).toContain('reset_at: 2025-06-16T00:00:00+02:00');
  });

  it.each([
    { operation: 'models', method: 'GET' },
    { operation: 'health', method: 'GET' },
    { operation: 'other', method: 'GET' },
    { operation: 'other', method: 'POST' },
    { operation: 'count-tokens', method: 'POST' },
  ] as const)('CG-38: never refuses $method of $operation, and reads nothing of it', async (asked) => {
    const guard = guarded({ list: [{ per: 'global', limit: 0.000_001, period: 'day' }] });
    const call = callOf(guard.runtime, asked);
    expect(runGate(call, guard.guard)).toEqual({ kind: 'pass' });
    over(call);
  });

  it('CG-33: refuses a model without a price where a budget applies', async () => {
    const guard = guarded(oneDollarADay);
    const error = await refusalOf(guard, callOf(guard.runtime, { model: 'openai/no-such-price' }));
    expect(error).toMatchObject({ code: 'model_price_unknown', status: 400, param: 'model' });
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
  });

  it('CG-33: lets it pass where nobody counts money', async () => {
    const guard = guarded({});
    expect(await admit(guard, callOf(guard.runtime, { model: 'openai/no-such-price' }))).toEqual({ kind: 'pass' });
  });

  it('CG-33: lets it pass with `allowUnpriced`, counts nothing and says so', async () => {
    const guard = guarded({ ...oneDollarADay, allowUnpriced: true });
    const call = callOf(guard.runtime, { model: 'openai/no-such-price' });
    expect(await admit(guard, call)).toEqual({ kind: 'pass' });
    attempted(call, { model: 'no-such-price', cost: null, usage: { inputTokens: 5, outputTokens: 7 } });
    over(call);
    expect(guard.events).toEqual([{ type: 'model-unpriced', callId: call.id, target: 'openai/no-such-price' }]);
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
  });

  it('CG-33: leaves out the targets of a chain that have no price', async () => {
    const guard = guarded(oneDollarADay);
    const call = callOf(guard.runtime, { model: 'priced-first' });
    expect(await admit(guard, call)).toEqual({ kind: 'pass' });
    const plan = guard.guard.onPlan?.(call, [
      { provider: 'openai', model: 'by-answer' },
      { provider: 'openai', model: 'no-such-price' },
    ]);
    expect(plan?.candidates).toEqual([{ provider: 'openai', model: 'by-answer' }]);
    expect(plan?.skipped).toMatchObject([{ reason: 'price unknown', error: { code: 'model_price_unknown' } }]);
  });

  it('CG-34: lets a model that costs nothing pass when the budget is spent', async () => {
    const guard = guarded(oneDollarADay);
    const first = callOf(guard.runtime, { maxTokens: 100_000 });
    await admit(guard, first);
    attempted(first, { cost: usd });
    over(first);
    expect((await refusalOf(guard, callOf(guard.runtime, { maxTokens: 1 }))).code).toBe('budget_exceeded');
    expect(await admit(guard, callOf(guard.runtime, { model: 'openai/free', maxTokens: 1_000_000 }))).toEqual({
      kind: 'pass',
    });
  });

  it('CG-34: lets a chain use what costs nothing, and nothing else, when the budget is spent', async () => {
    const guard = guarded({ list: [{ per: 'global', limit: 0.000_000_1, period: 'day' }] });
    const call = callOf(guard.runtime, { model: 'free-first', maxTokens: 1_000 });
    expect(await admit(guard, call)).toEqual({ kind: 'pass' });
    const plan = guard.guard.onPlan?.(call, [
      { provider: 'openai', model: 'free' },
      { provider: 'openai', model: 'by-answer' },
    ]);
    expect(plan?.candidates).toEqual([{ provider: 'openai', model: 'free' }]);
    expect(plan?.skipped).toMatchObject([{ reason: 'budget', error: { code: 'budget_exceeded' } }]);
    attempted(call, { model: 'free', cost: 0 });
    over(call);
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
  });

  it('CG-04: takes nothing from any scope when one refuses, and the same from all otherwise', async () => {
    const scopes = ['key', 'user', 'team', 'project', 'feature', 'model', 'global'] as const;
    const caller = { keyId: 'k1', user: 'ana', team: 'search', project: 'chat', feature: 'answers' };
    const values = { key: 'k1', ...caller, model: 'openai/by-answer', global: 'all' };
    const guard = guarded({
      list: scopes.map((per) => ({ per, limit: per === 'project' ? 0.02 : 1, period: 'day' })),
      leastOutputTokens: 1_000,
    });
    const states = () =>
      Promise.all(scopes.map((scope) => stateOf(guard, { name: `${scope}-day`, scope, value: values[scope] })));
    const first = callOf(guard.runtime, { maxTokens: 1_500, caller });
    await admit(guard, first);
    expect(await states()).toEqual(scopes.map(() => ({ spent: 0, held: 1.5 * cent })));
    const second = callOf(guard.runtime, { maxTokens: 1_000, caller });
    expect((await refusalOf(guard, second)).headers).toMatchObject({ 'x-gateway-budget-scope': 'project' });
    over(second, 'rejected', 402);
    expect(await states()).toEqual(scopes.map(() => ({ spent: 0, held: 1.5 * cent })));
    attempted(first, { cost: cent });
    over(first);
    expect(await states()).toEqual(scopes.map(() => ({ spent: cent, held: 0 })));
  });

  it('counts a key for its own budgets too, apart from those of everybody that bear the same name', async () => {
    const guard = guarded({ ...oneDollarADay, leastOutputTokens: 1_000 });
    const own = {
      name: 'global-day',
      per: 'key',
      limit: 2 * cent,
      period: 'day',
      timezone: 'UTC',
      alerts: [],
    } as const;
    const caller = { keyId: 'k1', budgets: [own] };
    const call = callOf(guard.runtime, { maxTokens: 1_500, caller });
    await admit(guard, call);
    expect((await refusalOf(guard, callOf(guard.runtime, { maxTokens: 60_000, caller }))).headers).toMatchObject({
      'x-gateway-budget-scope': 'key',
    });
    expect(await admit(guard, callOf(guard.runtime, { maxTokens: 1_500, caller: { keyId: 'k2' } }))).toEqual({
      kind: 'pass',
    });
  });

  it('counts callers without a user as the one explicit anonymous', async () => {
    const guard = guarded({ list: [{ per: 'user', limit: 1, period: 'day' }] });
    await admit(guard, callOf(guard.runtime, { maxTokens: 1_000 }));
    await admit(guard, callOf(guard.runtime, { maxTokens: 1_000, caller: { keyId: 'k1' } }));
    expect(await stateOf(guard, { name: 'user-day', scope: 'user', value: 'anonymous' })).toMatchObject({
      held: 2 * cent,
    });
  });

  it('counts anew when the period is over', async () => {
    const guard = guarded({ list: [{ per: 'global', limit: 0.01, period: '1h' }] });
    const first = callOf(guard.runtime, { maxTokens: 1_000 });
    await admit(guard, first);
    attempted(first, { cost: cent });
    over(first);
    expect((await refusalOf(guard, callOf(guard.runtime, { maxTokens: 1_000 }))).code).toBe('budget_exceeded');
    guard.runtime.advance(62 * 60_000);
    expect(await admit(guard, callOf(guard.runtime, { maxTokens: 1_000 }))).toEqual({ kind: 'pass' });
  });

  it('leaves no reservation behind when the caller goes while the store is asked', async () => {
    const runtime = manualRuntime();
    const memory = createMemoryBudgetStore(runtime);
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: BudgetStore = {
      reserve: async (request) => {
        await promise;
        return memory.reserve(request);
      },
      renew: (reservations, lease) => memory.renew(reservations, lease),
      settle: (reservation, used) => memory.settle(reservation, used),
      read: (counters) => memory.read(counters),
      claim: (claim) => memory.claim(claim),
    };
    const guard = guarded(oneDollarADay, { runtime, store: slow });
    const call = callOf(runtime, { maxTokens: 1_000 });
    const decision = admit(guard, call);
    await Promise.resolve();
    over(call, 'client_abort', 499);
    resolve();
    expect(await decision).toMatchObject({ kind: 'reject', error: { code: 'client_closed_request' } });
    await guard.guard.close();
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
    expect(guard.guard.open).toBe(0);
    expect(runtime.pendingTimers()).toBe(0);
  });
});

describe('what one request may cost', () => {
  it('leaves out targets that could cost more', async () => {
    const guard = guarded({ maxCostPerRequest: 0.05 });
    const call = callOf(guard.runtime, { model: 'dear-first', maxTokens: 1_000 });
    expect(await admit(guard, call)).toEqual({ kind: 'pass' });
    const plan = guard.guard.onPlan?.(call, [
      { provider: 'openai', model: 'dear' },
      { provider: 'openai', model: 'by-answer' },
    ]);
    expect(plan?.candidates).toEqual([{ provider: 'openai', model: 'by-answer' }]);
    expect(plan?.skipped).toMatchObject([{ reason: 'maxCostPerRequest' }]);
  });

  it('refuses a request all of whose targets could cost more', async () => {
    const guard = guarded({ maxCostPerRequest: 0.05 });
    const error = await refusalOf(guard, callOf(guard.runtime, { model: 'openai/dear', maxTokens: 1_000 }));
    expect(error).toMatchObject({ code: 'budget_exceeded', headers: { 'x-gateway-budget-scope': 'request' } });
    expect(error.message).toContain('0.05');
  });

  it('can be lowered by the request, not raised', async () => {
    const guard = guarded({ maxCostPerRequest: 0.05 });
    const ask = (most: number, maxTokens: number) =>
      admit(guard, callOf(guard.runtime, { maxTokens, body: { options: { max_cost_per_request: most } } }));
    expect((await ask(0.001, 1_000)).kind).toBe('reject');
    expect((await ask(0.02, 1_000)).kind).toBe('pass');
    expect((await ask(10, 10_000)).kind).toBe('reject');
  });

  it.each(['0.1', 0, -1, []])('has to be an amount, and not %j', async (most) => {
    const guard = guarded({});
    const error = await refusalOf(guard, callOf(guard.runtime, { body: { options: { max_cost_per_request: most } } }));
    expect(error).toMatchObject({ code: 'invalid_request', param: 'options.max_cost_per_request' });
  });

  it('bounds the answer where the caller did not', async () => {
    const guard = guarded({ maxCostPerRequest: 0.01 });
    const call = callOf(guard.runtime);
    await admit(guard, call);
    expect(call.allowance?.maxOutputTokens({ provider: 'openai', model: 'by-answer' })).toBe(1_000);
  });
});

describe('the allowance of a call', () => {
  const target = { provider: 'openai', model: 'by-answer' };

  it("CG-07: bounds an answer whose caller set no bound, and leaves the caller's own alone", async () => {
    const guard = guarded({ list: [{ per: 'global', limit: 10, period: 'day' }] });
    const without = callOf(guard.runtime);
    await admit(guard, without);
    expect(without.allowance?.maxOutputTokens(target)).toBe(4_096);
    const own = callOf(guard.runtime, { maxTokens: 500 });
    await admit(guard, own);
    expect(own.allowance?.maxOutputTokens(target)).toBeUndefined();
  });

  it("CG-07: bounds it to what the budget buys, below the caller's own bound", async () => {
    const guard = guarded(oneDollarADay);
    const call = callOf(guard.runtime, { maxTokens: 1_000_000 });
    await admit(guard, call);
    expect(call.allowance?.maxOutputTokens(target)).toBe(100_000);
    expect(call.allowance?.exceededBy(target, 100_000)).toBe(false);
    expect(call.allowance?.exceededBy(target, 100_001)).toBe(true);
  });

  it('shares what there is among the answers asked for at once', async () => {
    const guard = guarded(oneDollarADay);
    const call = callOf(guard.runtime, { maxTokens: 100_000, body: { n: 4 } });
    await admit(guard, call);
    expect(call.allowance?.maxOutputTokens(target)).toBe(25_000);
  });

  it('refuses an answer too short to be of use', async () => {
    const guard = guarded({ ...oneDollarADay, leastOutputTokens: 100 });
    const first = callOf(guard.runtime, { maxTokens: 99_901 });
    await admit(guard, first);
    expect((await refusalOf(guard, callOf(guard.runtime, { maxTokens: 100 }))).code).toBe('budget_exceeded');
    expect((await admit(guard, callOf(guard.runtime, { maxTokens: 99 }))).kind).toBe('pass');
  });

  it('CG-19: has less for a second attempt by what the first one used, and nothing when all is used', async () => {
    const guard = guarded(oneDollarADay);
    const call = callOf(guard.runtime, { maxTokens: 1_000 });
    await admit(guard, call);
    attempted(call, { status: 'upstream_truncated', cost: 0.4 * cent });
    expect(call.allowance?.maxOutputTokens(target)).toBe(600);
    attempted(call, { status: 'upstream_truncated', cost: 0.6 * cent });
    expect(() => call.allowance?.maxOutputTokens(target)).toThrow(expect.objectContaining({ code: 'budget_exceeded' }));
  });

  it('counts the prompt, rather too high than too low', async () => {
    const guard = guarded(oneDollarADay);
    const long = 'All work and no play makes a dull day. '.repeat(100);
    const call = callOf(guard.runtime, {
      model: 'openai/by-prompt',
      body: { messages: [{ role: 'user', content: long }] },
    });
    await admit(guard, call);
    const { held } = await stateOf(guard, everything);
    expect(held).toBeGreaterThanOrEqual((long.length / 4) * 10_000);
    expect(held).toBeLessThan(long.length * 10_000);
  });
});

describe('settlement', () => {
  async function spentAfter(
    act: (call: ReturnType<typeof callOf>) => void,
    model = 'openai/by-answer',
  ): Promise<number> {
    const guard = guarded({ list: [{ per: 'global', limit: 10, period: 'day' }] });
    const call = callOf(guard.runtime, { model, maxTokens: 1_000 });
    await admit(guard, call);
    act(call);
    const state = await stateOf(guard, everything);
    expect(state.held).toBe(0);
    expect(guard.guard.open).toBe(0);
    expect(guard.runtime.pendingTimers()).toBe(0);
    return state.spent;
  }

  it('CG-19: books the sum of all attempts', async () => {
    const spent = await spentAfter((call) => {
      attempted(call, { status: 'upstream_truncated', cost: 300 });
      attempted(call, { cost: 4_000 });
      over(call);
    });
    expect(spent).toBe(4_300);
  });

  it('CG-21: books once, though the work ends, the response closes and both are said again', async () => {
    const spent = await spentAfter((call) => {
      attempted(call, { cost: 5_000 });
      call.finish({ status: 'ok', httpStatus: 200 });
      call.close(true);
      call.finish({ status: 'failed', httpStatus: 500 });
      call.close(false);
    });
    expect(spent).toBe(5_000);
  });

  it('CG-06: books nothing for a call that was refused behind it, or whose attempts never reached anybody', async () => {
    expect(await spentAfter((call) => over(call, 'rejected', 400))).toBe(0);
    expect(await spentAfter((call) => over(call, 'failed', 500))).toBe(0);
    for (const status of ['not_sent', 'upstream_error'] as const) {
      const spent = await spentAfter((call) => {
        attempted(call, { status, took: 2_000 });
        call.capabilities.push({ name: 'failover', answer: () => Promise.reject(new Error('never asked')) });
        over(call, 'upstream_error', 503);
      });
      expect(spent).toBe(0);
    }
  });

  it.each(['timeout', 'unknown', 'client_abort', 'upstream_truncated'] as const)(
    'books an estimate for an attempt that ended as %s and of which nobody has told the usage',
    async (status) => {
      const spentIn = (took: number) =>
        spentAfter((call) => {
          attempted(call, { status, took });
          over(call, 'client_abort', 499);
        });
      // 200 tokens a second at the most, and never more than what was set aside.
      expect(await spentIn(1_000)).toBe(200 * 10_000);
      expect(await spentIn(60_000)).toBe(cent);
    },
  );

  it('CG-17: books at least what was delivered to a caller who went', async () => {
    const spent = await spentAfter((call) => {
      attempted(call, { status: 'client_abort', cost: 700, usage: { inputTokens: 3, outputTokens: 9 } });
      over(call, 'client_abort', 499);
    });
    expect(spent).toBe(700);
  });

  it('books what was set aside when a part of an answer has no price', async () => {
    const spent = await spentAfter((call) => {
      attempted(call, { cost: null, usage: { inputTokens: 5, outputTokens: 7 } });
      over(call);
    });
    expect(spent).toBe(cent);
  });

  it("books what the app's own handler says it used, at the price of the model that was asked for", async () => {
    const spent = await spentAfter((call) => {
      call.finish({
        status: 'ok',
        httpStatus: 200,
        usage: { inputTokens: 10, outputTokens: 20 },
        usageSource: 'provider',
      });
      call.close(true);
    });
    expect(spent).toBe(200_000);
  });

  it('books what was to cost nothing, and did', async () => {
    const spent = await spentAfter((call) => {
      attempted(call, { model: 'free', cost: 123 });
      over(call);
    }, 'openai/free');
    expect(spent).toBe(123);
  });

  it('keeps what a long call holds until it ends', async () => {
    const guard = guarded(oneDollarADay);
    const call = callOf(guard.runtime, { maxTokens: 1_000 });
    await admit(guard, call);
    guard.runtime.advance(600_000);
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: cent });
    over(call, 'rejected', 400);
    expect(await stateOf(guard, everything)).toEqual({ spent: 0, held: 0 });
    expect(guard.runtime.pendingTimers()).toBe(0);
  });
});
