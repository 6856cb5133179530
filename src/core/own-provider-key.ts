import type { Slot } from './call.ts';

/**
 * A provider's key that the caller has brought for this call alone, and was allowed to. Whoever makes the attempts sends
 * it in place of the configured one; it is a secret, and it says nothing of how the configured keys are doing.
 */
export const ownProviderKey: Slot<string> = { name: 'own-provider-key' };
