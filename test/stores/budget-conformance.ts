import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  BudgetCounter,
  BudgetStore,
  Reservation,
  ReserveRequest,
  ReserveResult,
} from '../../src/cost-guard/budget-store.ts';
import { seededRandom } from '../support/manual-runtime.ts';

/** A store under test. Every test gets one that is empty. */
export interface BudgetStoreSetup {
  readonly store: BudgetStore;
  /** A second face of the same store, as another process has one. Absent where no other process can share it. */
  readonly other?: BudgetStore;
  /** Lets that much time pass by the store's own clock, in milliseconds (or really waits). */
  pass(milliseconds: number): void | Promise<void>;
  close(): void | Promise<void>;
}

const hour = 3_600_000;
const day = 24 * hour;
const period = 20_000 * day;
let sequence = 0;

export function counterOf(overrides: Partial<BudgetCounter> = {}): BudgetCounter {
  return {
    key: '["","user-day","user","ana"]',
    scope: 'user',
    value: 'ana',
    limit: 1_000,
    since: period,
    slice: period,
    // Far from now, whatever the store takes for now.
    expiresAt: period + 40_000 * day,
    ...overrides,
  };
}

export function requestOf(counters: readonly BudgetCounter[], overrides: Partial<ReserveRequest> = {}): ReserveRequest {
  sequence += 1;
  return { id: `reservation-${sequence}`, counters, most: 100, least: 100, leaseMs: 60_000, ...overrides };
}

async function reserved(store: BudgetStore, request: ReserveRequest): Promise<Reservation> {
  const result = await store.reserve(request);
  if (result.kind !== 'reserved') throw new Error('The reservation was refused.');
  return { id: request.id, counters: request.counters, amount: result.amount };
}

/** What every store of budgets must do; run on each implementation. */
export function describeBudgetStore(name: string, setUp: () => BudgetStoreSetup | Promise<BudgetStoreSetup>): void {
  describe(`${name} as a store of budgets`, () => {
    let setup: BudgetStoreSetup;
    beforeEach(async () => {
      setup = await setUp();
    });
    afterEach(async () => {
      await setup.close();
    });

    const states = (...counters: readonly BudgetCounter[]) => Promise.resolve(setup.store.read(counters));

    it('reads a counter nobody has used as nothing spent and nothing held', async () => {
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 0 }]);
    });

    it('holds what it has reserved', async () => {
      const result = await setup.store.reserve(requestOf([counterOf()]));
      expect(result).toEqual({ kind: 'reserved', amount: 100 });
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 100 }]);
    });

    it('reserves as much of the most as is left, down to the least', async () => {
      await reserved(setup.store, requestOf([counterOf()], { most: 700, least: 700 }));
      const result = await setup.store.reserve(requestOf([counterOf()], { most: 500, least: 200 }));
      expect(result).toEqual({ kind: 'reserved', amount: 300 });
    });

    it('refuses when less than the least is left, and says where', async () => {
      const full = counterOf({ key: '["","team","team","search"]', limit: 150 });
      await reserved(setup.store, requestOf([full]));
      const request = requestOf([counterOf(), full], { most: 100, least: 51 });
      expect(await setup.store.reserve(request)).toMatchObject({ kind: 'refused', counter: full, spent: 0, held: 100 });
      expect(await setup.store.reserve({ ...request, least: 50 })).toEqual({ kind: 'reserved', amount: 50 });
    });

    it('CG-04 leaves no trace on any counter when one of six refuses', async () => {
      const scopes = (['key', 'user', 'team', 'project', 'model', 'global'] as const).map((scope) =>
        counterOf({ key: `["","b","${scope}","x"]`, scope, limit: scope === 'model' ? 50 : 1_000 }),
      );
      expect(await setup.store.reserve(requestOf(scopes))).toMatchObject({ kind: 'refused', counter: scopes[4] });
      expect(await states(...scopes)).toEqual(scopes.map(() => ({ spent: 0, held: 0 })));
    });

    it('spends what was used when a reservation is settled, and frees the rest', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()]));
      expect(await setup.store.settle(reservation, 30)).toEqual([{ spent: 30, held: 0 }]);
      expect(await states(counterOf())).toEqual([{ spent: 30, held: 0 }]);
    });

    it('books a use beyond what was reserved', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()]));
      expect(await setup.store.settle(reservation, 1_200)).toEqual([{ spent: 1_200, held: 0 }]);
      expect(await setup.store.reserve(requestOf([counterOf()], { least: 1 }))).toMatchObject({ kind: 'refused' });
    });

    it('releases a reservation that used nothing', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()]));
      await setup.store.settle(reservation, 0);
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 0 }]);
    });

    it('CG-21 settles once, however often it is asked to', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()]));
      await Promise.all([setup.store.settle(reservation, 30), setup.store.settle(reservation, 30)]);
      expect(await setup.store.settle(reservation, 70)).toEqual([{ spent: 30, held: 0 }]);
    });

    it('frees what nobody renews when its lease has run out', async () => {
      await reserved(setup.store, requestOf([counterOf({ limit: 100 })], { leaseMs: 300 }));
      expect(await setup.store.reserve(requestOf([counterOf({ limit: 100 })]))).toMatchObject({ kind: 'refused' });
      await setup.pass(400);
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 0 }]);
      expect(await setup.store.reserve(requestOf([counterOf({ limit: 100 })]))).toMatchObject({ kind: 'reserved' });
    });

    it('holds on to what is renewed', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()], { leaseMs: 300 }));
      await setup.store.renew([reservation], 60_000);
      await setup.pass(400);
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 100 }]);
    });

    it('holds again what is renewed after its lease had run out', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()], { leaseMs: 300 }));
      await setup.pass(400);
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 0 }]);
      await setup.store.renew([reservation], 60_000);
      expect(await states(counterOf())).toEqual([{ spent: 0, held: 100 }]);
      expect(await setup.store.settle(reservation, 40)).toEqual([{ spent: 40, held: 0 }]);
    });

    it('does not hold again what has been settled', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()]));
      await setup.store.settle(reservation, 40);
      await setup.store.renew([reservation], 60_000);
      expect(await states(counterOf())).toEqual([{ spent: 40, held: 0 }]);
    });

    it('books what was used on a reservation whose lease has run out', async () => {
      const reservation = await reserved(setup.store, requestOf([counterOf()], { leaseMs: 300 }));
      await setup.pass(400);
      expect(await setup.store.settle(reservation, 40)).toEqual([{ spent: 40, held: 0 }]);
      expect(await setup.store.settle(reservation, 40)).toEqual([{ spent: 40, held: 0 }]);
    });

    it('books what was used while it was not there to reserve anything', async () => {
      const reservation = { id: 'made-elsewhere', counters: [counterOf()], amount: 100 };
      expect(await setup.store.settle(reservation, 40)).toEqual([{ spent: 40, held: 0 }]);
      expect(await setup.store.settle(reservation, 40)).toEqual([{ spent: 40, held: 0 }]);
    });

    it('CG-30 counts a new period from zero, and books a use in the period it was reserved in', async () => {
      const yesterday = counterOf();
      const today = counterOf({ since: period + day, slice: period + day });
      const overnight = await reserved(setup.store, requestOf([yesterday]));
      await setup.store.settle(await reserved(setup.store, requestOf([yesterday])), 100);
      expect(await states(yesterday, today)).toEqual([
        { spent: 100, held: 100 },
        { spent: 0, held: 0 },
      ]);
      await setup.store.settle(overnight, 60);
      expect(await states(yesterday, today)).toEqual([
        { spent: 160, held: 0 },
        { spent: 0, held: 0 },
      ]);
    });

    it('counts every slice of a rolling period that is not too old', async () => {
      const at = (slice: number) => counterOf({ since: slice - 3 * hour, slice, limit: 250 });
      for (const slice of [period, period + hour, period + 3 * hour]) {
        const spent = await reserved(setup.store, requestOf([at(slice)], { most: 60, least: 60 }));
        await setup.store.settle(spent, 60);
      }
      expect(await states(at(period + 3 * hour), at(period + 4 * hour), at(period + 7 * hour))).toEqual([
        { spent: 180, held: 0 },
        { spent: 120, held: 0 },
        { spent: 0, held: 0 },
      ]);
      const full = await setup.store.reserve(requestOf([at(period + 3 * hour)], { most: 71, least: 71 }));
      expect(full).toMatchObject({ kind: 'refused', spent: 180 });
    });

    it('keeps counters apart whose names resemble each other', async () => {
      const counters = [
        '["","a","user","b:c"]',
        '["","a","user","b","c"]',
        '["","a","user","B:C"]',
        '["","a_","user","%"]',
      ];
      const made = counters.map((key) => counterOf({ key }));
      const [first] = made;
      if (first !== undefined) await reserved(setup.store, requestOf([first]));
      expect((await states(...made)).map(({ held }) => held)).toEqual([100, 0, 0, 0]);
    });

    it('counts whole nano-dollars exactly up to nine million dollars', async () => {
      const limit = 9_000_000_000_000_000;
      const large = counterOf({ limit });
      const first = await reserved(setup.store, requestOf([large], { most: limit - 1, least: limit - 1 }));
      expect(await setup.store.settle(first, limit - 1)).toEqual([{ spent: limit - 1, held: 0 }]);
      expect(await setup.store.reserve(requestOf([large], { most: 2, least: 2 }))).toMatchObject({ kind: 'refused' });
      expect(await setup.store.reserve(requestOf([large], { most: 2, least: 1 }))).toEqual({
        kind: 'reserved',
        amount: 1,
      });
    });

    it('CG-01 admits exactly what fits of 200 calls that come at once', async () => {
      const counter = counterOf({ limit: 10_000 });
      const faces = [setup.store, setup.other ?? setup.store];
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, index) => {
          const store = faces[index % 2] ?? setup.store;
          return store.reserve(requestOf([counter]));
        }),
      );
      expect(results.filter(({ kind }) => kind === 'reserved')).toHaveLength(100);
      expect(await states(counter)).toEqual([{ spent: 0, held: 10_000 }]);
    });

    it('CG-31 gives each threshold of a period to one of those who claim it', async () => {
      const claim = { counter: counterOf(), period, thresholds: [80, 90, 100], expiresAt: period + 40_000 * day };
      const faces = [setup.store, setup.other ?? setup.store];
      const claimed = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (faces[index % 2] ?? setup.store).claim(claim)),
      );
      expect(claimed.flat().sort((a, b) => a - b)).toEqual([80, 90, 100]);
      for (const each of claimed) expect(each).toEqual([...each].sort((a, b) => a - b));
    });

    it('arms thresholds anew in the next period, and for each counter', async () => {
      const claim = { counter: counterOf(), period, thresholds: [80], expiresAt: period + 40_000 * day };
      expect(await setup.store.claim(claim)).toEqual([80]);
      expect(await setup.store.claim({ ...claim, thresholds: [80, 90] })).toEqual([90]);
      expect(await setup.store.claim({ ...claim, period: period + day })).toEqual([80]);
      expect(await setup.store.claim({ ...claim, counter: counterOf({ key: '["","b","user","ben"]' }) })).toEqual([80]);
    });

    it('I3 never has more spent and held than the limit at an admission, in any order of events', async () => {
      const random = seededRandom(20_261_121);
      const pick = (most: number): number => Math.floor(random() * most);
      const counters = [600, 900, 1_500].map((limit, index) =>
        counterOf({ key: `["","c${index}","user","x"]`, limit }),
      );
      const live: Reservation[] = [];
      const expected = counters.map(() => ({ spent: 0, held: 0 }));
      const book = (chosen: readonly BudgetCounter[], change: { spent: number; held: number }): void => {
        for (const counter of chosen) {
          const state = expected[counters.indexOf(counter)];
          if (state === undefined) continue;
          state.spent += change.spent;
          state.held += change.held;
        }
      };
      for (let step = 0; step < 150; step += 1) {
        const reservation = random() < 0.5 ? live.splice(pick(live.length), 1)[0] : undefined;
        if (reservation !== undefined) {
          const used = Math.min(pick(40), reservation.amount);
          await setup.store.settle(reservation, used);
          book(reservation.counters, { spent: used, held: -reservation.amount });
          continue;
        }
        const chosen = counters.filter(() => random() < 0.7);
        if (chosen.length === 0) continue;
        const least = 1 + pick(50);
        const request = requestOf(chosen, { least, most: least + pick(100) });
        const result: ReserveResult = await setup.store.reserve(request);
        const left = Math.min(...chosen.map((each) => each.limit - totalOf(expected[counters.indexOf(each)])));
        if (result.kind === 'refused') {
          expect(left).toBeLessThan(least);
          continue;
        }
        expect(result.amount).toBe(Math.min(request.most, left));
        book(chosen, { spent: 0, held: result.amount });
        live.push({ id: request.id, counters: chosen, amount: result.amount });
      }
      for (const reservation of live) await setup.store.settle(reservation, 0);
      // I4: nothing is under way, so nothing is held.
      expect(await states(...counters)).toEqual(expected.map(({ spent }) => ({ spent, held: 0 })));
      for (const [index, counter] of counters.entries())
        expect(expected[index]?.spent).toBeLessThanOrEqual(counter.limit);
    });
  });
}

function totalOf(state: { readonly spent: number; readonly held: number } | undefined): number {
  return state === undefined ? 0 : state.spent + state.held;
}
