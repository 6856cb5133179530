import type { Candidate } from '../core/capability.ts';
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

/** A target as capabilities see it. A provider's other names mean the entry that bears its own. */
export function candidateOf({ instance: { name, provider }, model }: Target): Candidate {
  return { provider: name, aliases: name === provider.name ? provider.aliases : undefined, model };
}
