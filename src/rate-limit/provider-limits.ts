import type { Candidate, Plan, Skip } from '../core/capability.ts';
import type { AttemptRecord } from '../core/settlement.ts';
import { Claim, type RuleDraw } from './claim.ts';
import { drawOf } from './draws.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LocalLimitStore, TakeResult } from './limit-store.ts';
import { refusal } from './refusal.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Rule } from './rules.ts';
import { keyPart } from './scope-value.ts';
import { attemptTokens } from './used-tokens.ts';

export interface ProviderLimitsInit {
  readonly rules: readonly Rule[];
  readonly store: LocalLimitStore;
  readonly leases: LeaseKeeper;
  readonly leaseMs: number;
}

/** What one call has taken of its providers. */
export interface ProviderUse {
  /** Set aside for the first provider with room, before it was asked. */
  held: { readonly provider: string; readonly claim: Claim } | undefined;
  /** By attempt. */
  readonly attempts: Map<string, Claim>;
}

/**
 * Limits per provider, counted where it becomes known who is asked: in this process, each keeping its share. The first
 * provider with room is taken from at once, so that calls that are planned together do not all find the same room;
 * attempts at others are counted when they begin.
 */
export class ProviderLimits {
  readonly #init: ProviderLimitsInit;

  constructor(init: ProviderLimitsInit) {
    // Of a provider's limits only the share counts here.
    this.#init = { ...init, rules: init.rules.map((rule) => ({ ...rule, shape: rule.share })) };
  }

  plan(use: ProviderUse, candidates: readonly Candidate[], { id, facts }: PlannedCall): Plan {
    this.release(use);
    const refusals = new Map<string, Skip['error'] | undefined>();
    for (const { provider } of candidates) {
      if (!refusals.has(provider)) refusals.set(provider, this.#admit(use, provider, { id, facts }));
    }
    const skipped = candidates.flatMap((candidate): Skip[] => {
      const error = refusals.get(candidate.provider);
      return error === undefined ? [] : [{ candidate, reason: 'rate limit of the provider', error }];
    });
    return { candidates: candidates.filter(({ provider }) => refusals.get(provider) === undefined), skipped };
  }

  /** An attempt begins: it uses what was set aside for its provider, or counts all the same. */
  begin(use: ProviderUse, attempt: AttemptRecord, { id, facts }: PlannedCall): void {
    const { held } = use;
    if (held?.provider === attempt.provider) {
      use.held = undefined;
      use.attempts.set(attempt.id, held.claim);
      return;
    }
    const request = this.#request(attempt.provider, { id: `${id}-${attempt.number}`, facts });
    const result = this.#init.store.take(request);
    use.attempts.set(attempt.id, this.#claim(request, result.taken ? result : this.#overdraw(request, result)));
  }

  /** An attempt has ended. What was never sent was not used. */
  end(use: ProviderUse, attempt: AttemptRecord): void {
    const claim = use.attempts.get(attempt.id);
    use.attempts.delete(attempt.id);
    if (attempt.status === 'not_sent') void claim?.release();
    else void claim?.settle((setAside) => attemptTokens(attempt, setAside));
  }

  /** Nobody will use what was set aside. */
  release(use: ProviderUse): void {
    void use.held?.claim.release();
    use.held = undefined;
  }

  /** The error when the provider has no room. */
  #admit(use: ProviderUse, provider: string, planned: PlannedCall): Skip['error'] | undefined {
    const { store } = this.#init;
    const request = this.#request(provider, planned);
    const result = use.held === undefined ? store.take(request) : store.look(request);
    if (!result.taken) return refusal(standingsOf(request.draws, result));
    use.held ??= { provider, claim: this.#claim(request, result) };
    return undefined;
  }

  /** Takes although there is no room: the attempt is on its way, and whoever comes after waits the longer. */
  #overdraw(request: ProviderRequest, { states }: TakeResult): TakeResult {
    const { store, leaseMs } = this.#init;
    const withKeys = request.draws.map((draw, index) => ({ ...draw, key: states[index]?.key ?? draw.key }));
    store.settle(
      request.id,
      withKeys
        .filter(({ shape }) => shape.kind !== 'concurrent')
        .map(({ key, group, shape, amount }) => ({ key, group, shape, unused: -amount, windowEnd: 0 })),
    );
    const slots = withKeys.filter(({ shape }) => shape.kind === 'concurrent');
    store.renew(
      slots.map(({ key, group }) => ({ id: request.id, key, group })),
      leaseMs,
    );
    return { taken: true, states: states.map((state) => ({ ...state, waitMs: 0 })) };
  }

  #claim(request: ProviderRequest, result: TakeResult): Claim {
    return new Claim(this.#init.store, this.#init.leases, { request, result });
  }

  #request(provider: string, { id, facts }: PlannedCall): ProviderRequest {
    const value = keyPart(provider);
    const { rules, leaseMs } = this.#init;
    return { id, leaseMs, draws: rules.flatMap((rule) => drawOf(rule, value, facts) ?? []) };
  }
}

export interface PlannedCall {
  /** Unique over all calls. */
  readonly id: string;
  readonly facts: RequestFacts;
}

interface ProviderRequest {
  readonly id: string;
  readonly leaseMs: number;
  readonly draws: readonly RuleDraw[];
}

export function standingsOf(draws: readonly RuleDraw[], { states }: TakeResult) {
  return draws.flatMap(({ rule }, index) => {
    const state = states[index];
    return state === undefined ? [] : [{ rule, state }];
  });
}
