import type { Call, Slot } from '../core/call.ts';
import { type Capability, pass } from '../core/capability.ts';
import { ConfigurationError } from '../core/errors.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { Admission, type CallState } from './admission.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { LocalLimitStore } from './limit-store.ts';
import { type RateLimitOptions, resolveRateLimitOptions } from './options.ts';
import { ProviderLimits } from './provider-limits.ts';
import { noFacts } from './request-facts.ts';
import { compileLimits } from './rules.ts';
import { callTokens } from './used-tokens.ts';

export interface RateLimitContext {
  /** Counts what this process counts by itself. Shared with no other `rateLimit`. */
  readonly local: LocalLimitStore;
  readonly runtime?: Runtime;
}

/**
 * Refuses calls that its limits, and those of the caller's key, have no room for. All that apply are taken from in one
 * step, or none. Slots and unused tokens come back when the call has ended, however it ends.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createRateLimit(
  options: RateLimitOptions,
  { local, runtime = systemRuntime }: RateLimitContext,
): Capability {
  const { store = local, onEvent, ...settings } = options;
  const resolved = resolveRateLimitOptions(settings);
  const rules = compileLimits(resolved.limits, resolved.replicas);
  const ofProviders = rules.filter(({ ofProvider }) => ofProvider);
  if (ofProviders.length > 0 && store !== local && settings.replicas === undefined) {
    throw new ConfigurationError(
      'rateLimit(): limits per provider are kept by each process by itself; say in "replicas" how many share them',
    );
  }
  const { leaseMs } = resolved;
  const leases = new LeaseKeeper(runtime, leaseMs);
  const slot: Slot<CallState> = { name: 'rateLimit' };
  const admission = new Admission({
    ...resolved,
    rules: rules.filter(({ ofProvider }) => !ofProvider),
    readsBodyForProviders: ofProviders.some(({ measure }) => measure === 'tokens'),
    store,
    local,
    leases,
    onEvent,
  });
  const capability: Capability = {
    name: 'rateLimit',

    onHead(call) {
      if (providers === undefined && !admission.applies(call)) return pass;
      const state: CallState = {
        id: runtime.newId(),
        facts: noFacts,
        claim: undefined,
        providers: { held: undefined, attempts: new Map() },
        ended: false,
      };
      call.set(slot, state);
      return admission.decide(call, state);
    },

    onSettled(call, settlement) {
      const state = call.get(slot);
      if (state === undefined) return;
      state.ended = true;
      providers?.release(state.providers);
      void state.claim?.settle((setAside) => callTokens(settlement, setAside));
    },
  };
  const providers =
    ofProviders.length === 0 ? undefined : new ProviderLimits({ rules: ofProviders, store: local, leases, leaseMs });
  return providers === undefined ? capability : { ...capability, ...providerHooks(providers, slot) };
}

/** Limits per provider are kept while a call is planned and attempted. */
function providerHooks(
  providers: ProviderLimits,
  slot: Slot<CallState>,
): Pick<Capability, 'onPlan' | 'onAttempt' | 'onAttemptSettled'> {
  const stateOf = (call: Call) => call.get(slot);
  return {
    onPlan(call, candidates) {
      const state = stateOf(call);
      if (state === undefined) return { candidates, skipped: [] };
      return providers.plan(state.providers, candidates, state);
    },
    onAttempt(call, attempt) {
      const state = stateOf(call);
      if (state !== undefined) providers.begin(state.providers, attempt, state);
    },
    onAttemptSettled(call, attempt) {
      const state = stateOf(call);
      if (state !== undefined) providers.end(state.providers, attempt);
    },
  };
}
