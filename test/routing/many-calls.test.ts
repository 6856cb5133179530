import { describe, expect, it } from '@jest/globals';
import type { Rankable } from '../../src/routing/order-targets.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { CallSimulator } from './call-simulator.ts';

const chain: readonly Rankable[] = ['a', 'b', 'c'].map((id, index) => ({ id, weight: 1, priority: index + 1 }));
const weighted: readonly Rankable[] = [
  { id: 'a', weight: 70, priority: 1 },
  { id: 'b', weight: 20, priority: 1 },
  { id: 'c', weight: 10, priority: 1 },
];

describe('the decisions over many calls', () => {
  it('FO-01: serves every call with a dead primary, and asks it 5 times before it is ejected', () => {
    const simulator = new CallSimulator({
      targets: chain,
      upstream: (target) => (target === 'a' ? 'server_error' : undefined),
    });
    for (let call = 0; call < 1000; call += 1) {
      expect(simulator.call()).toBe(true);
      simulator.runtime.advance(20);
    }
    expect(simulator.calls.get('a')).toBe(5);
    expect(simulator.calls.get('b')).toBe(1000);
  });

  it.each([1, 2, 3])(
    'FO-11: a total outage of %d targets gets at most a fifth more calls, and 3 per target',
    (count) => {
      const simulator = new CallSimulator({ targets: chain.slice(0, count), upstream: () => 'server_error' });
      for (let call = 0; call < 1000; call += 1) {
        simulator.call();
        simulator.runtime.advance(20);
      }
      expect(simulator.upstreamCalls).toBeLessThanOrEqual(1200 + 3 * count);
    },
  );

  it('FO-11: keeps the bound when the outage follows a long time of good traffic', () => {
    let down = false;
    const simulator = new CallSimulator({ targets: chain, upstream: () => (down ? 'connection' : undefined) });
    for (let call = 0; call < 10_000; call += 1) {
      simulator.call();
      simulator.runtime.advance(20);
    }
    const before = simulator.upstreamCalls;
    down = true;
    for (let call = 0; call < 1000; call += 1) {
      simulator.call();
      simulator.runtime.advance(20);
    }
    expect(simulator.upstreamCalls - before).toBeLessThanOrEqual(1209);
  });

  it('FO-14 FO-20: a healed primary serves within its cooldown and a second, and everything 10 s later', () => {
    const healsAt = 25_000;
    const simulator = new CallSimulator({
      targets: chain,
      upstream: (target, now) => (target === 'a' && now < healsAt ? 'server_error' : undefined),
    });
    let firstSuccess: number | undefined;
    const served: string[] = [];
    for (let call = 0; call < 3000; call += 1) {
      expect(simulator.call()).toBe(true);
      const by = simulator.log.at(-1) ?? '';
      served.push(by);
      if (by === 'a') firstSuccess ??= simulator.runtime.now();
      simulator.runtime.advance(20);
    }
    expect(firstSuccess).toBeGreaterThanOrEqual(30_000);
    expect(firstSuccess).toBeLessThanOrEqual(31_000);
    const afterSlowStart = Math.ceil(((firstSuccess ?? 0) + 10_000) / 20) + 1;
    expect(new Set(served.slice(afterSlowStart))).toEqual(new Set(['a']));
    // On the way there it shares the load with the next one, more and more.
    const firstCall = Math.ceil((firstSuccess ?? 0) / 20) + 1;
    const countOfFirst = (from: number) => served.slice(from, from + 100).filter((by) => by === 'a').length;
    const early = countOfFirst(firstCall);
    const late = countOfFirst(firstCall + 350);
    expect(early).toBeLessThan(30);
    expect(late).toBeGreaterThan(60);
  });

  it('FO-20: never gives a healing target more than twice its share', () => {
    const simulator = new CallSimulator({
      targets: weighted,
      strategy: 'weighted',
      upstream: (target, now) => (target === 'b' && now < 20_000 ? 'timeout' : undefined),
    });
    const served: string[] = [];
    for (let call = 0; call < 30_000; call += 1) {
      simulator.call();
      served.push(simulator.log.at(-1) ?? '');
      simulator.runtime.advance(2);
    }
    const returned = served.findIndex((by, index) => by === 'b' && index >= 10_000);
    expect(returned).toBeGreaterThan(0);
    for (let from = returned; from + 500 <= served.length; from += 500) {
      const share = served.slice(from, from + 500).filter((by) => by === 'b').length / 500;
      expect(share).toBeLessThanOrEqual(0.4);
    }
  });

  it('FO-17: recovers from a total outage by itself, at the first call after the heal', () => {
    const simulator = new CallSimulator({
      targets: chain,
      upstream: (_, now) => (now < 400_000 ? 'connection' : undefined),
    });
    while (simulator.runtime.now() < 400_000) {
      expect(simulator.call()).toBe(false);
      simulator.runtime.advance(500);
    }
    for (let call = 0; call < 100; call += 1) {
      expect(simulator.call()).toBe(true);
      simulator.runtime.advance(20);
    }
  });

  it('FO-27: with 30 % faults at each of three targets and three attempts, at least 97.0 % succeed', () => {
    const random = seededRandom(27);
    const kinds = ['rate_limit', 'server_error', 'server_error', 'connection', 'timeout'] as const;
    const simulator = new CallSimulator({
      targets: chain,
      retryRatio: Number.POSITIVE_INFINITY,
      upstream: () => (random() < 0.3 ? kinds[Math.floor(random() * kinds.length)] : undefined),
    });
    let succeeded = 0;
    for (let call = 0; call < 10_000; call += 1) {
      if (simulator.call()) succeeded += 1;
      simulator.runtime.advance(20);
    }
    expect(succeeded / 10_000).toBeGreaterThanOrEqual(0.97);
  });
});
