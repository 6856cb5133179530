import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Standing } from '../../src/routing/health.ts';
import { type HealthView, orderTargets, type Rankable, type Strategy } from '../../src/routing/order-targets.ts';
import { manualRuntime, seededRandom } from '../support/manual-runtime.ts';

type State = Standing | number;

/** Targets by letter: a word is a standing, a number the load factor of a warming target. */
function view(states: Readonly<Record<string, State>> = {}): HealthView {
  return {
    standing: (id) => {
      const state = states[id] ?? 'ready';
      return typeof state === 'number' ? 'warming' : state;
    },
    loadFactor: (id) => {
      const state = states[id];
      return typeof state === 'number' ? state : 1;
    },
  };
}

function target(id: string, weight = 1, priority = 1): Rankable {
  return { id, weight, priority };
}

interface Given {
  readonly targets: readonly Rankable[];
  readonly strategy: Strategy;
  readonly states?: Readonly<Record<string, State>>;
  readonly seed?: number;
}

/** Orders over many calls, as strings of ids with their counts. */
function orders({ targets, strategy, states, seed = 7 }: Given, calls = 10_000): Map<string, number> {
  const context = { health: view(states), runtime: manualRuntime({ random: seededRandom(seed) }) };
  const counts = new Map<string, number>();
  for (let call = 0; call < calls; call += 1) {
    const order = orderTargets(targets, strategy, context)
      .map(({ id }) => id)
      .join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  return counts;
}

/** Percentage of calls in which each target stands at a place. */
function shares(given: Given, place = 0): Record<string, number> {
  const result: Record<string, number> = {};
  for (const [order, count] of orders(given)) {
    const id = order.charAt(place);
    result[id] = (result[id] ?? 0) + count / 100;
  }
  return result;
}

function expectShares(actual: Record<string, number>, expected: Record<string, number>, tolerance = 2): void {
  for (const id of new Set([...Object.keys(actual), ...Object.keys(expected)])) {
    expect(Math.abs((actual[id] ?? 0) - (expected[id] ?? 0))).toBeLessThanOrEqual(tolerance);
  }
}

const seventyTwentyTen = [target('a', 70, 3), target('b', 20, 2), target('c', 10, 1)];

describe('orderTargets: weighted', () => {
  const strategy = 'weighted';

  it('FO-23: keeps 70/20/10 within 2 points over 10,000 calls, whatever the priorities', () => {
    expectShares(shares({ targets: seventyTwentyTen, strategy }), { a: 70, b: 20, c: 10 });
  });

  it.each([
    ['a', { b: 200 / 3, c: 100 / 3 }],
    ['b', { a: 87.5, c: 12.5 }],
    ['c', { a: 700 / 9, b: 200 / 9 }],
  ])('FO-23: spreads the share of %s over the others by their weights when it is ejected', (id, expected) => {
    for (const state of ['ejected', 'cooling'] as const) {
      const given = { targets: seventyTwentyTen, strategy, states: { [id]: state } } as const;
      expectShares(shares(given), expected);
      expect(shares(given, 2)).toEqual({ [id]: 100 });
    }
  });

  it('FO-23: draws the fallbacks by weight too, without replacement', () => {
    const second = shares({ targets: seventyTwentyTen, strategy }, 1);
    expectShares(second, {
      a: 20 * (70 / 80) + 10 * (70 / 90),
      b: 70 * (20 / 30) + 10 * (20 / 90),
      c: 70 * (10 / 30) + 20 * (10 / 80),
    });
  });

  it('FO-20: gives a recovering target its share times its load factor, never more than its share', () => {
    for (const factor of [0.1, 0.25, 0.5, 0.9]) {
      const actual = shares({ targets: seventyTwentyTen, strategy, states: { b: factor } });
      const total = 80 + 20 * factor;
      expectShares(actual, { a: 7000 / total, b: (2000 * factor) / total, c: 1000 / total });
    }
  });

  it('FO-20: keeps the proportions when all recover at once', () => {
    expectShares(shares({ targets: seventyTwentyTen, strategy, states: { a: 0.1, b: 0.1, c: 0.1 } }), {
      a: 70,
      b: 20,
      c: 10,
    });
  });

  it('keeps targets of weight 0 as last fallbacks, in the order given', () => {
    const targets = [target('x', 0), target('a', 1), target('y', 0), target('b', 3)];
    expect([...orders({ targets, strategy }).keys()].sort()).toEqual(['abxy', 'baxy']);
    expect([...orders({ targets: [target('x', 0), target('y', 0)], strategy }).keys()]).toEqual(['xy']);
  });
});

describe('orderTargets: weighted, at the edge of the draw', () => {
  it('never lets a rounding error draw a target of weight 0', () => {
    const runtime = manualRuntime({ random: () => 1 - Number.EPSILON / 2 });
    const weight = seededRandom(1);
    for (let round = 0; round < 2000; round += 1) {
      const targets = [target('a', weight()), target('b', weight()), target('c', weight() / 1000), target('x', 0)];
      const ordered = orderTargets(targets, 'weighted', { health: view(), runtime });
      expect(ordered.at(-1)?.id).toBe('x');
    }
  });
});

describe('orderTargets: priority', () => {
  const strategy = 'priority';

  it('tries lower numbers first, whatever the order given and whatever the weights', () => {
    const targets = [target('c', 1000, 30), target('a', 0, -1), target('b', 1, 2)];
    expect([...orders({ targets, strategy }, 100).keys()]).toEqual(['abc']);
  });

  it('spreads by weight among equals', () => {
    const targets = [target('a', 3), target('b', 1), target('z', 50, 2)];
    expectShares(shares({ targets, strategy }), { a: 75, b: 25 });
    expect(shares({ targets, strategy }, 2)).toEqual({ z: 100 });
  });

  it('puts those in rotation before the rate-limited, and these before the ejected', () => {
    const targets = [target('a', 1, 1), target('b', 1, 2), target('c', 1, 3), target('d', 1, 4)];
    const states = { a: 'ejected', b: 'cooling', d: 'probe_due' } as const;
    expect([...orders({ targets, strategy, states }, 100).keys()]).toEqual(['cdba']);
    const allOut = { a: 'ejected', b: 'ejected', c: 'cooling', d: 'cooling' } as const;
    expect([...orders({ targets, strategy, states: allOut }, 100).keys()]).toEqual(['cdab']);
  });

  it('FO-20: lets a recovering primary take only its part, the next one the rest, and no call lose its fallbacks', () => {
    const targets = [target('a', 1, 1), target('b', 1, 2), target('c', 1, 3)];
    const counts = orders({ targets, strategy, states: { a: 0.3 } });
    expect([...counts.keys()].sort()).toEqual(['abc', 'bca']);
    expectShares(shares({ targets, strategy, states: { a: 0.3 } }), { a: 30, b: 70 });
    expectShares(shares({ targets, strategy, states: { a: 0.1, b: 0.5 } }), { a: 10, b: 40, c: 50 });
    expectShares(shares({ targets: targets.slice(0, 2), strategy, states: { a: 0.2, b: 0.5 } }), { a: 40, b: 60 });
  });

  it('FO-20: keeps the order when nobody stronger stands behind', () => {
    const targets = [target('a', 1, 1), target('b', 1, 2)];
    const only = (states: Readonly<Record<string, State>>) => [...orders({ targets, strategy, states }, 200).keys()];
    expect(only({ a: 0.1, b: 0.1 })).toEqual(['ab']);
    expect(only({ a: 0.1, b: 'ejected' })).toEqual(['ab']);
    expect(only({ a: 0.1, b: 'cooling' })).toEqual(['ab']);
    expect(only({ a: 0.5, b: 0.2 })).toEqual(['ab']);
  });

  it('FO-20: leaves the rest of the load to the equals of a recovering target first', () => {
    const targets = [target('a', 1, 1), target('b', 1, 1), target('c', 1, 2)];
    expectShares(shares({ targets, strategy, states: { a: 0.25 } }), { a: 20, b: 80 });
  });
});

describe('orderTargets', () => {
  it.each(['priority', 'weighted'] as const)(
    'FO-14: tries a target that is due for a probe before its equals (%s)',
    (strategy) => {
      const targets = [target('a', 1000), target('b', 1), target('c', 1)];
      expect(shares({ targets, strategy, states: { b: 'probe_due' } })).toEqual({ b: 100 });
    },
  );

  it('does not probe what takes no load: lower tiers and weights of 0 wait until they are needed', () => {
    const tiers = [target('a', 1, 1), target('b', 1, 1.2)];
    expect(shares({ targets: tiers, strategy: 'priority', states: { b: 'probe_due' } })).toEqual({ a: 100 });
    const weights = [target('a', 1), target('b', 0)];
    expect(shares({ targets: weights, strategy: 'weighted', states: { b: 'probe_due' } })).toEqual({ a: 100 });
  });

  it('FO-15: does not burden a recovering equal with what the probed one cannot take', () => {
    const targets = [target('p', 1, 1), target('a', 1, 1), target('b', 1, 2)];
    const second = shares({ targets, strategy: 'priority', states: { p: 'probe_due', a: 0.1 } }, 1);
    expectShares(second, { a: 10, b: 90 });
  });

  it('returns a single target, or none, as it was given', () => {
    const context = { health: view({ a: 'ejected' }), runtime: manualRuntime() };
    for (const targets of [[], [target('a')]]) {
      expect(orderTargets(targets, 'weighted', context)).toBe(targets);
    }
  });

  it('returns the targets themselves, each exactly once, and leaves what it was given alone', () => {
    const arbitraryTarget = fc.record({
      weight: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100, noNaN: true })),
      priority: fc.integer({ min: -2, max: 3 }),
      state: fc.oneof(
        fc.constantFrom<State>('ready', 'probe_due', 'cooling', 'ejected'),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
      ),
    });
    const rank = { ready: 0, warming: 0, probe_due: 0, cooling: 1, ejected: 2 } as const;
    fc.assert(
      fc.property(
        fc.array(arbitraryTarget, { maxLength: 8 }),
        fc.constantFrom<Strategy>('priority', 'weighted'),
        fc.integer(),
        (given, strategy, seed) => {
          const targets = Object.freeze(given.map((each, index) => Object.freeze({ ...each, id: `t${index}` })));
          const health = view(Object.fromEntries(targets.map(({ id, state }) => [id, state])));
          const runtime = manualRuntime({ random: seededRandom(seed) });
          const ordered = orderTargets(targets, strategy, { health, runtime });
          expect(new Set(ordered)).toEqual(new Set(targets));
          expect(ordered).toHaveLength(targets.length);
          const ranks = ordered.map(({ id }) => rank[health.standing(id, 0)]);
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        },
      ),
    );
  });
});
