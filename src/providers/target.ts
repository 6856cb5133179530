import type { ProviderInstance, Target } from './provider.ts';

/** A model at an instance, with the instance's own place among the others. */
export function targetAt(instance: ProviderInstance, model: string): Target {
  return {
    id: `${instance.name}/${model}`,
    instance,
    model,
    weight: instance.weight,
    priority: instance.priority,
  };
}
