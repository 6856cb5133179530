import { equivalentTargets } from './equivalents.ts';
import type { Fallbacks } from './fallbacks.ts';
import type { ProviderInstance, Target } from './provider.ts';

/**
 * The targets of a model and what stands in for them. A model that was asked for by name is tried before its stand-ins,
 * whatever their own priority; only providers the operator put on one level (`GATEWAY_WEIGHTS`) share the load from the
 * start.
 */
export function withStandIns(
  targets: readonly Target[],
  fallbacks: Fallbacks,
  instances: ReadonlyMap<string, ProviderInstance>,
): readonly Target[] {
  const [first] = targets;
  if (first === undefined) return targets;
  const named = fallbacks.byTarget.get(first.id);
  if (named !== undefined) return followedBy(targets, named);
  if (!fallbacks.equivalents) return targets;
  const taken = new Set(targets.map(({ instance }) => instance));
  const equivalents = equivalentTargets(first, instances).filter(({ instance }) => !taken.has(instance));
  const level = equivalents.filter(({ priority }) => priority === first.priority);
  const later = equivalents.filter(({ priority }) => priority !== first.priority);
  const abreast = [...targets, ...level].sort((a, b) => a.priority - b.priority);
  return followedBy(abreast, later);
}

function followedBy(targets: readonly Target[], next: readonly Target[]): readonly Target[] {
  const last = Math.max(...targets.map(({ priority }) => priority));
  const known = new Set(targets.map(({ id }) => id));
  const added = next.filter(({ id }) => !known.has(id));
  return [...targets, ...added.map((target, position) => ({ ...target, priority: last + position + 1 }))];
}
