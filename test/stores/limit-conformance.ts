import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  CounterShape,
  Draw,
  LimitStore,
  Settling,
  TakeRequest,
  TakeResult,
} from '../../src/rate-limit/limit-store.ts';
import { bucketShape } from '../../src/rate-limit/token-bucket.ts';

/** A store under test. Every test gets one that is empty. */
export interface LimitStoreSetup {
  readonly store: LimitStore;
  /** A second face of the same store, as another process has one. Absent where no other process can share it. */
  readonly other?: LimitStore;
  /** Lets at least that much time pass by the store's own clock, in milliseconds. */
  pass(milliseconds: number): void | Promise<void>;
  close(): void | Promise<void>;
}

export const perMinute = (amount: number, burst = amount) => bucketShape({ amount, burst, windowMs: 60_000 });
export const window = (limit: number, windowMs = 60_000): CounterShape => ({ kind: 'fixed-window', limit, windowMs });
export const slots = (limit: number): CounterShape => ({ kind: 'concurrent', limit });

export function draw(key: string, shape: CounterShape, more: Partial<Draw> = {}): Draw {
  return { key: `all:${key}:x:ana`, group: `all:${key}:x:`, shape, amount: 1, shadow: false, ...more };
}

let sequence = 0;

export function take(draws: readonly Draw[], more: Partial<TakeRequest> = {}): TakeRequest {
  sequence += 1;
  return { id: `call-${sequence}`, draws, leaseMs: 60_000, ...more };
}

/** The settlings of a take that was made. */
function settlings({ draws }: TakeRequest, { states }: TakeResult, unused: number): readonly Settling[] {
  return draws.map(({ group, shape }, index) => {
    const { key = '', windowEnd = 0 } = states[index] ?? {};
    return { key, group, shape, unused, windowEnd };
  });
}

/** What every store of limits must do; run on each implementation. */
export function describeLimitStore(name: string, setUp: () => LimitStoreSetup | Promise<LimitStoreSetup>): void {
  describe(`${name} as a store of limits`, () => {
    let setup: LimitStoreSetup;
    beforeEach(async () => {
      setup = await setUp();
    });
    afterEach(async () => {
      await setup.close();
    });

    /** How many of so many takes are made, all at once. */
    async function made(count: number, shape: CounterShape, more: Partial<Draw> = {}): Promise<number> {
      const results = await Promise.all(
        Array.from({ length: count }, (_, index) => {
          const store = index % 2 === 0 ? setup.store : (setup.other ?? setup.store);
          return store.take(take([draw('rule', shape, more)]));
        }),
      );
      return results.filter(({ taken }) => taken).length;
    }

    it.each([
      ['token bucket', perMinute(60, 100)],
      ['fixed window', window(100)],
      ['concurrent', slots(100)],
    ] as const)('gives exactly what there is to 300 at once: %s', async (_, shape) => {
      expect(await made(300, shape)).toBe(100);
    });

    it.each([
      ['token bucket', perMinute(1, 10)],
      ['fixed window', window(10)],
    ] as const)('gives by amounts, and says what is left: %s', async (_, shape) => {
      const first = await setup.store.take(take([draw('rule', shape, { amount: 7 })]));
      expect(first).toMatchObject({ taken: true, states: [{ remaining: 3, waitMs: 0 }] });
      const second = await setup.store.take(take([draw('rule', shape, { amount: 4 })]));
      expect(second).toMatchObject({ taken: false, states: [{ remaining: 3 }] });
      expect(second.states[0]?.waitMs).toBeGreaterThan(0);
      expect(await setup.store.take(take([draw('rule', shape, { amount: 3 })]))).toMatchObject({
        taken: true,
        states: [{ remaining: 0 }],
      });
    });

    it('takes from all counters or from none', async () => {
      const [small, large] = [draw('small', window(1)), draw('large', perMinute(60, 5))];
      const place = draw('place', slots(1));
      expect((await setup.store.take(take([large, small]))).taken).toBe(true);
      const refused = await setup.store.take(take([large, place, small]));
      expect(refused.taken).toBe(false);
      expect(refused.states.map(({ waitMs }) => waitMs > 0)).toEqual([false, false, true]);
      expect(await setup.store.take(take([large, place]))).toMatchObject({
        taken: true,
        states: [{ remaining: 3 }, { remaining: 0 }],
      });
    });

    it('lets who is refused by nobody but a shadow pass, and takes nothing there', async () => {
      const shadow = draw('shadow', window(1), { shadow: true });
      const kept = draw('kept', window(3));
      await setup.store.take(take([shadow, kept]));
      const result = await setup.store.take(take([shadow, kept]));
      expect(result.taken).toBe(true);
      expect(result.states[0]?.waitMs).toBeGreaterThan(0);
      expect(result.states[1]).toMatchObject({ remaining: 1, waitMs: 0 });
    });

    it('has what was asked for after the wait it names: token bucket', async () => {
      const shape = bucketShape({ amount: 10, burst: 1, windowMs: 1_000 });
      for (let trial = 0; trial < 5; trial += 1) {
        await setup.store.take(take([draw('rule', shape)]));
        const refused = await setup.store.take(take([draw('rule', shape)]));
        expect(refused.taken).toBe(false);
        await setup.pass(refused.states[0]?.waitMs ?? 0);
        expect((await setup.store.take(take([draw('rule', shape)]))).taken).toBe(true);
        await setup.pass(100);
      }
    });

    it('begins a new window when the last one is over', async () => {
      const shape = window(2, 150);
      await setup.store.take(take([draw('rule', shape, { amount: 2 })]));
      const refused = await setup.store.take(take([draw('rule', shape)]));
      expect(refused.states[0]?.waitMs).toBeLessThanOrEqual(150);
      await setup.pass(refused.states[0]?.waitMs ?? 0);
      expect(await setup.store.take(take([draw('rule', shape)]))).toMatchObject({
        taken: true,
        states: [{ remaining: 1 }],
      });
    });

    it.each([
      ['token bucket', perMinute(1, 100)],
      ['fixed window', window(100)],
    ] as const)('takes back what was not used, and books what was used beyond: %s', async (_, shape) => {
      const request = take([draw('rule', shape, { amount: 60 })]);
      const result = await setup.store.take(request);
      await setup.store.settle(request.id, settlings(request, result, 50));
      expect(await setup.store.take(take([draw('rule', shape)]))).toMatchObject({ states: [{ remaining: 89 }] });
      await setup.store.settle(request.id, settlings(request, result, -120));
      const refused = await setup.store.take(take([draw('rule', shape)]));
      expect(refused).toMatchObject({ taken: false, states: [{ remaining: 0 }] });
    });

    it('lets a bucket that was overdrawn wait until it is paid back', async () => {
      const shape = perMinute(60, 10);
      const request = take([draw('rule', shape, { amount: 10 })]);
      await setup.store.settle(request.id, settlings(request, await setup.store.take(request), -100));
      const refused = await setup.store.take(take([draw('rule', shape)]));
      expect(Math.ceil((refused.states[0]?.waitMs ?? 0) / 1_000)).toBe(101);
    });

    it.each([
      ['token bucket', perMinute(1, 10)],
      ['fixed window', window(10)],
    ] as const)('never gives more for what came back: %s', async (_, shape) => {
      const request = take([draw('rule', shape, { amount: 5 })]);
      const result = await setup.store.take(request);
      for (let again = 0; again < 5; again += 1) await setup.store.settle(request.id, settlings(request, result, 5));
      expect(await made(30, shape)).toBe(10);
    });

    it('gives nothing back to a window that is over', async () => {
      const shape = window(10, 100);
      const request = take([draw('rule', shape, { amount: 10 })]);
      const result = await setup.store.take(request);
      await setup.pass(150);
      await setup.store.take(take([draw('rule', shape, { amount: 4 })]));
      await setup.store.settle(request.id, settlings(request, result, 10));
      expect(await setup.store.take(take([draw('rule', shape)]))).toMatchObject({ states: [{ remaining: 5 }] });
    });

    it('frees a slot when its call has ended, once', async () => {
      const first = take([draw('rule', slots(2))]);
      const result = await setup.store.take(first);
      await setup.store.take(take([draw('rule', slots(2))]));
      expect(await made(1, slots(2))).toBe(0);
      await setup.store.settle(first.id, settlings(first, result, 0));
      await setup.store.settle(first.id, settlings(first, result, 0));
      expect(await made(2, slots(2))).toBe(1);
    });

    it('LC-09 frees the slots of who has died when their lease ends, and keeps those that are renewed', async () => {
      const [dead, alive] = [
        take([draw('rule', slots(2))], { leaseMs: 200 }),
        take([draw('rule', slots(2))], { leaseMs: 200 }),
      ];
      await setup.store.take(dead);
      await setup.store.take(alive);
      const held = { id: alive.id, key: alive.draws[0]?.key ?? '', group: alive.draws[0]?.group ?? '' };
      await setup.store.renew([held], 60_000);
      expect(await made(1, slots(2))).toBe(0);
      await setup.pass(250);
      expect(await made(3, slots(2))).toBe(1);
    });

    it('keeps keys apart, whatever stands in them', async () => {
      const keys = ['a:b', 'a', '%', '{a}', '*', 'a b', 'x'.repeat(600)];
      for (const key of keys) {
        expect((await setup.store.take(take([{ ...draw('rule', window(1)), key }]))).taken).toBe(true);
        expect((await setup.store.take(take([{ ...draw('rule', window(1)), key }]))).taken).toBe(false);
      }
    });

    it('counts amounts as large as the options allow', async () => {
      const shape = bucketShape({ amount: 1e15, burst: 1e15, windowMs: 31_536_000_000 });
      const result = await setup.store.take(take([draw('rule', shape, { amount: 4e14 })]));
      expect(result.taken).toBe(true);
      expect((await setup.store.take(take([draw('rule', shape, { amount: 5.9e14 })]))).taken).toBe(true);
      expect((await setup.store.take(take([draw('rule', shape, { amount: 2e13 })]))).taken).toBe(false);
      expect(
        (await setup.store.take(take([draw('large', window(1e15), { amount: 9.9e14 })]))).states[0]?.remaining,
      ).toBe(1e13);
    });
  });
}
