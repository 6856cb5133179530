import type { Call } from '../core/call.ts';
import { ownProviderKey } from '../core/own-provider-key.ts';
import type { Authorizer } from '../providers/provider.ts';
import { KeyRing, type NoKey, type TakenKey } from '../routing/key-ring.ts';
import type { Link } from './link.ts';

/**
 * The key an attempt is made with: the one the caller has brought, else the provider's next in turn. A caller's key stands
 * in a ring of its own, so that how the provider takes it says nothing of ours.
 */
export function takeKey(link: Link, call: Call): TakenKey | NoKey | undefined {
  const own = call.get(ownProviderKey);
  return own === undefined ? link.keys?.take() : new KeyRing([own], call.runtime).take();
}

/** What signs a request; nothing, where the caller has brought a key. */
export function authorizerFor({ instance }: Link, call: Call): Authorizer | undefined {
  return call.get(ownProviderKey) === undefined ? instance.authorizer : undefined;
}
