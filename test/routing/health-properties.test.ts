import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Admitted, defaultHealth } from '../../src/routing/health.ts';
import { HealthRegistry } from '../../src/routing/health-registry.ts';
import { manualRuntime, seededRandom } from '../support/manual-runtime.ts';

const ids = ['a', 'b', 'c'];

type Step =
  | { readonly kind: 'admit'; readonly id: string }
  | { readonly kind: 'last-resort'; readonly ids: readonly string[] }
  | { readonly kind: 'report'; readonly pick: number; readonly verdict: 'succeed' | 'fail' | 'release' }
  | { readonly kind: 'cool-down'; readonly id: string; readonly milliseconds: number }
  | { readonly kind: 'advance'; readonly milliseconds: number };

const id = fc.constantFrom(...ids);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('admit' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('last-resort' as const), ids: fc.subarray(ids, { minLength: 1 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      pick: fc.nat(1000),
      // Mostly failures, or nothing interesting happens.
      verdict: fc.constantFrom('succeed', 'fail', 'fail', 'fail', 'fail', 'fail', 'release'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cool-down' as const), id, milliseconds: fc.nat(60_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), milliseconds: fc.nat(40_000) }) },
);

/** Runs the steps against a registry and keeps its own account of who is ejected until when. */
class Model {
  readonly runtime = manualRuntime({ random: seededRandom(3) });
  readonly ejectedUntil = new Map<string, number>();
  readonly coolUntil = new Map<string, number>();
  readonly open: Admitted[] = [];
  /** Reported already; reported again at times, which must change nothing. */
  readonly closed: Admitted[] = [];
  readonly health = new HealthRegistry(this.runtime, { ...defaultHealth, consecutiveFailures: 3 }, (event) => {
    if (event.type === 'ejected') this.ejectedUntil.set(event.target, this.runtime.now() + event.durationMs);
    if (event.type === 'recovered') this.ejectedUntil.delete(event.target);
  });

  run(step: Step): void {
    switch (step.kind) {
      case 'admit':
        this.admit(step.id);
        break;
      case 'last-resort':
        this.lastResort(step.ids);
        break;
      case 'report':
        this.report(step.pick, step.verdict);
        break;
      case 'cool-down': {
        const until = this.runtime.now() + step.milliseconds;
        this.coolUntil.set(step.id, Math.max(until, this.coolUntil.get(step.id) ?? 0));
        this.health.coolDown(step.id, until);
        break;
      }
      case 'advance':
        this.runtime.advance(step.milliseconds);
        break;
    }
  }

  admit(target: string): void {
    const held = this.holders([target]);
    const admission = this.health.admit(target);
    const now = this.runtime.now();
    const until = Math.max(this.ejectedUntil.get(target) ?? 0, this.coolUntil.get(target) ?? 0);
    const expected = now >= until && (held === 0 || !this.ejectedUntil.has(target));
    expect([target, admission.kind]).toEqual([target, expected ? 'admit' : 'unavailable']);
    if (admission.kind === 'unavailable') {
      expect(admission.until).toBe(Math.max(now, until));
      return;
    }
    expect(admission.role).toBe(this.ejectedUntil.has(target) ? 'probe' : 'ordinary');
    this.open.push(admission);
  }

  lastResort(targets: readonly string[]): void {
    const held = this.holders(targets);
    const admission = this.health.admitLastResort(targets);
    if (admission.kind === 'unavailable') return;
    expect(held).toBe(0);
    expect(admission.role).toBe('last_resort');
    expect(targets).toContain(admission.target);
    for (const target of targets) {
      const out = Math.max(this.ejectedUntil.get(target) ?? 0, this.coolUntil.get(target) ?? 0);
      expect(out).toBeGreaterThan(this.runtime.now());
    }
    this.open.push(admission);
  }

  report(pick: number, verdict: 'succeed' | 'fail' | 'release'): void {
    if (this.open.length === 0) return;
    const [admission] = this.open.splice(pick % this.open.length, 1);
    admission?.[verdict]();
    this.closed.push(...(admission ? [admission] : []));
    const before = JSON.stringify(this.health.snapshot());
    this.closed[pick % this.closed.length]?.[verdict]();
    expect(JSON.stringify(this.health.snapshot())).toBe(before);
  }

  /** Attempts under way that may bring one of the targets back. */
  holders(targets: readonly string[]): number {
    return this.open.filter((each) => each.role !== 'ordinary' && targets.includes(each.target)).length;
  }
}

describe('HealthRegistry under any interleaving', () => {
  it('FO-15 FO-17: never has two probes at a target, never admits before the time, and is never stuck', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 300 }), (steps) => {
        const model = new Model();
        for (const each of steps) {
          model.run(each);
          for (const target of ids) expect(model.holders([target])).toBeLessThanOrEqual(1);
        }
        while (model.open.length > 0) model.report(0, 'release');
        model.runtime.advance(300_000);
        for (const target of ids) {
          const admission = model.health.admit(target);
          expect(admission.kind).toBe('admit');
          if (admission.kind === 'admit') admission.succeed();
        }
        model.runtime.advance(10_000);
        for (const target of ids) expect(model.health.standing(target, model.runtime.now())).toBe('ready');
      }),
      { numRuns: 500 },
    );
  });

  it('reaches ejections, probes, last resorts and recoveries in such interleavings', () => {
    const seen = new Set<string>();
    for (const steps of fc.sample(fc.array(step, { minLength: 100, maxLength: 300 }), { numRuns: 100, seed: 5 })) {
      const model = new Model();
      for (const each of steps) {
        const before = model.ejectedUntil.size;
        model.run(each);
        if (model.ejectedUntil.size > before) seen.add('ejected');
        if (model.ejectedUntil.size < before) seen.add('recovered');
        for (const { role } of model.open) seen.add(role);
      }
    }
    expect([...seen].sort()).toEqual(['ejected', 'last_resort', 'ordinary', 'probe', 'recovered']);
  });
});
