import type { Runtime } from '../core/runtime.ts';
import type { Standing } from './health.ts';

/** What the order rests on; a target brings more. */
export interface Rankable {
  readonly id: string;
  /** Share among targets of its class; 0 makes it a last fallback. */
  readonly weight: number;
  /** Lower is tried first. */
  readonly priority: number;
}

/** `priority`: lower first, weighted among equals. `weighted`: one draw over all, whatever their priority. */
export type Strategy = 'priority' | 'weighted';

/** What must be known of the targets' health. */
export interface HealthView {
  standing(id: string, now: number): Standing;
  /** The part of its share that a target should take, in (0, 1]. */
  loadFactor(id: string, now: number): number;
}

export interface OrderContext {
  readonly health: HealthView;
  readonly runtime: Runtime;
}

/**
 * The order in which a call tries its targets: those in rotation, then the rate-limited, then the ejected. Within each
 * class the strategy decides; the first place falls to each target in proportion to its weight, and so do the places
 * after it. Recovering targets take part with the load they can bear by now.
 */
export function orderTargets<Target extends Rankable>(
  candidates: readonly Target[],
  strategy: Strategy,
  context: OrderContext,
): readonly Target[] {
  if (candidates.length < 2) return candidates;
  const now = context.runtime.now();
  const places = candidates.map((target) => placeOf(target, strategy, { health: context.health, now }));
  holdBackWeakTiers(places, context.runtime);
  places.sort(byClass);
  const ordered: Target[] = [];
  for (let start = 0; start < places.length; ) {
    const end = endOfClass(places, start);
    if (end - start > 1) drawAll(places.slice(start, end), context.runtime, ordered);
    else appendTarget(places[start], ordered);
    start = end;
  }
  return ordered;
}

interface Place<Target> {
  readonly target: Target;
  group: number;
  readonly tier: number;
  /** Goes before the rest of its tier: a target's return must not hang on a draw. Admission lets one call through. */
  readonly probe: boolean;
  readonly weight: number;
  readonly load: number;
}

const inRotation = 0;
const heldBack = 1;
const cooling = 2;
const ejected = 3;

function placeOf<Target extends Rankable>(
  target: Target,
  strategy: Strategy,
  { health, now }: { readonly health: HealthView; readonly now: number },
): Place<Target> {
  const standing = health.standing(target.id, now);
  const load = standing === 'warming' ? health.loadFactor(target.id, now) : 1;
  return {
    target,
    group: standing === 'cooling' ? cooling : standing === 'ejected' ? ejected : inRotation,
    tier: strategy === 'priority' ? target.priority : 0,
    probe: standing === 'probe_due' && target.weight > 0,
    weight: target.weight * load,
    load,
  };
}

/**
 * A tier none of whose targets is at full strength yet leaves the rest of its load to the tiers behind it, as far as
 * those are stronger. One draw for all tiers, so that each takes over exactly what the one before it cannot bear.
 */
function holdBackWeakTiers<Target>(places: readonly Place<Target>[], runtime: Runtime): void {
  if (places.every((place) => place.load === 1)) return;
  const bearing = places.filter((place) => place.group === inRotation && !place.probe);
  const strength = new Map<number, number>();
  for (const { tier, load } of bearing) strength.set(tier, Math.max(load, strength.get(tier) ?? 0));
  const draw = runtime.random() * Math.max(...strength.values());
  for (const place of bearing) {
    if ((strength.get(place.tier) ?? 1) <= draw) place.group = heldBack;
  }
}

function byClass(a: Place<unknown>, b: Place<unknown>): number {
  return a.group - b.group || a.tier - b.tier || Number(b.probe) - Number(a.probe);
}

function endOfClass(places: readonly Place<unknown>[], start: number): number {
  const first = places[start];
  let end = start + 1;
  for (let next = places[end]; first && next && byClass(first, next) === 0; next = places[end]) end += 1;
  return end;
}

/** Weighted random order without replacement. What has no weight stays behind, in the order given. */
function drawAll<Target>(pool: Place<Target>[], runtime: Runtime, ordered: Target[]): void {
  let total = pool.reduce((sum, place) => sum + place.weight, 0);
  while (pool.length > 0) {
    const [drawn] = pool.splice(drawOne(pool, runtime.random() * total), 1);
    appendTarget(drawn, ordered);
    total -= drawn?.weight ?? 0;
  }
}

/** Index of the place on which the draw falls: the last one with a weight for a rounding error, the first without any. */
function drawOne(pool: readonly Place<unknown>[], draw: number): number {
  let left = draw;
  let index = 0;
  for (const [position, { weight }] of pool.entries()) {
    if (weight <= 0) continue;
    index = position;
    left -= weight;
    if (left < 0) break;
  }
  return index;
}

function appendTarget<Target>(place: Place<Target> | undefined, ordered: Target[]): void {
  if (place !== undefined) ordered.push(place.target);
}
