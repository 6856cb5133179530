import type { Call } from '../core/call.ts';
import type { Candidate, Plan } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import { ownProviderKey } from '../core/own-provider-key.ts';
import type { KeyRecord } from './key-record.ts';
import { isPlausibleKey } from './plausible-key.ts';

/** The request header that brings a key of the provider. */
const providerKeyHeader = 'x-provider-key';

/** Takes over the provider's key a call brings; the error when it may not, or when it is none. */
export function takeProviderKey(call: Call, { ownProviderKeys }: KeyRecord): GatewayError | undefined {
  const key = call.header(providerKeyHeader);
  if (key === undefined) return undefined;
  if (!ownProviderKeys) return notAllowed;
  if (key === '' || !isPlausibleKey(key)) return noKey;
  call.set(ownProviderKey, key);
  return undefined;
}

/** The targets of the first one's provider: a key of the caller's own is shown to nobody else. */
export function ofOneProvider(candidates: readonly Candidate[]): Plan {
  const first = candidates[0]?.provider;
  return {
    candidates: candidates.filter(({ provider }) => provider === first),
    skipped: candidates
      .filter(({ provider }) => provider !== first)
      .map((candidate) => ({ candidate, reason: "the caller's own key is another provider's", error: otherProvider })),
  };
}

const param = providerKeyHeader;
const notAllowed = new GatewayError('permission_denied', {
  param,
  message: "This API key may not bring a provider's key of its own.",
});
const noKey = new GatewayError('invalid_request', { param, message: 'The header `x-provider-key` holds no key.' });
const otherProvider = new GatewayError('model_not_allowed', { param: 'model' });
