import type { Call, Caller } from '../core/call.ts';
import { type Decision, pass, reject } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import type { GatewayEvent, GatewayEventListener } from '../core/events.ts';
import type { RequestBody } from '../core/request-body.ts';
import { Claim, type ClaimRequest, settles } from './claim.ts';
import { drawsFor, mostOf, neverFits, sharesOf } from './draws.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LimitStore, LocalLimitStore, TakeResult } from './limit-store.ts';
import type { ResolvedRateLimitOptions } from './options.ts';
import { type ProviderUse, standingsOf } from './provider-limits.ts';
import { refusal, tooLargeFor } from './refusal.ts';
import { replyHeaders } from './reply-headers.ts';
import { hasFacts, type RequestFacts, readFacts } from './request-facts.ts';
import { compileOwnLimits, type Rule } from './rules.ts';

/** What `rateLimit` knows of a call. */
export interface CallState {
  /** Unique over all processes, unlike a call's id, which its caller may choose. */
  readonly id: string;
  facts: RequestFacts;
  claim: Claim | undefined;
  readonly providers: ProviderUse;
  /** The call has ended, perhaps while the store was still asked. */
  ended: boolean;
}

export interface AdmissionInit extends Omit<ResolvedRateLimitOptions, 'limits'> {
  /** Those that are decided before anybody is asked. */
  readonly rules: readonly Rule[];
  /** Whether other rules have to know what the body says. */
  readonly readsBodyForProviders: boolean;
  readonly store: LimitStore;
  readonly local: LocalLimitStore;
  readonly leases: LeaseKeeper;
  readonly onEvent: GatewayEventListener | undefined;
}

/** A take that was made somewhere. */
interface Taken {
  readonly store: LimitStore;
  readonly request: ClaimRequest;
  readonly result: TakeResult;
  /** Counted by this process alone, because the store did not answer. */
  readonly degraded: boolean;
}

/** Decides whether a call may go on: one take over all rules that apply to it. */
export class Admission {
  readonly #init: AdmissionInit;
  readonly #readsBody: boolean;
  /** What keys bring along, compiled once for each. */
  readonly #own = new WeakMap<Caller, readonly Rule[]>();

  constructor(init: AdmissionInit) {
    this.#init = init;
    this.#readsBody = init.readsBodyForProviders || init.rules.some(({ needsBody }) => needsBody);
  }

  /** Whether there is any limit for the call. */
  applies(call: Call): boolean {
    return this.#init.rules.length > 0 || (call.caller.limits?.length ?? 0) > 0;
  }

  /** Stays synchronous where the store is in memory and the body need not be read. */
  decide(call: Call, state: CallState): Decision | Promise<Decision> {
    const own = this.#ownRules(call);
    const reads = this.#readsBody || own.some(({ needsBody }) => needsBody);
    if (!reads || !hasFacts(call)) return this.#take(call, state, own);
    return this.#withBody(call, state, own);
  }

  async #withBody(call: Call, state: CallState, own: readonly Rule[]): Promise<Decision> {
    let body: RequestBody;
    try {
      const pending = call.body();
      body = pending instanceof Promise ? await pending : pending;
    } catch (thrown) {
      // Counted like any other request, or what cannot be read would be free.
      const decision = await this.#take(call, state, own);
      if (decision.kind === 'reject') return decision;
      throw thrown;
    }
    state.facts = readFacts(call, body, this.#init.outputTokens);
    return this.#take(call, state, own);
  }

  #ownRules({ caller }: Call): readonly Rule[] {
    const { limits, keyId } = caller;
    if (limits === undefined || limits.length === 0) return none;
    const known = this.#own.get(caller);
    if (known !== undefined) return known;
    const compiled = compileOwnLimits(limits, keyId, this.#init.replicas);
    this.#own.set(caller, compiled);
    return compiled;
  }

  #take(call: Call, state: CallState, own: readonly Rule[]): Decision | Promise<Decision> {
    const { rules, store, leaseMs } = this.#init;
    const draws = drawsFor(own.length === 0 ? rules : [...rules, ...own], call, state.facts);
    if (draws.length === 0) return pass;
    const never = neverFits(draws, state.facts);
    if (never !== undefined) return reject(tooLargeFor(never.rule, mostOf(never.shape)));
    const request: ClaimRequest = { id: state.id, draws, leaseMs };
    const conclude = (result: TakeResult) => this.#conclude(call, state, { store, request, result, degraded: false });
    try {
      const pending = store.take(request);
      if (!(pending instanceof Promise)) return conclude(pending);
      return pending.then(conclude, (thrown: unknown) => this.#withoutStore(call, state, { request, thrown }));
    } catch (thrown) {
      return this.#withoutStore(call, state, { request, thrown });
    }
  }

  /** The store does not answer: what then happens is the operator's choice. */
  #withoutStore(call: Call, state: CallState, { request, thrown }: Failure): Decision {
    const { whenStoreFails, local } = this.#init;
    this.#emit({ type: 'limit-store-failed', reason: reasonOf(thrown) });
    if (whenStoreFails === 'refuse') return limitsUnavailable;
    if (whenStoreFails === 'allow') {
      call.addReplyHeaders(replyHeaders([], { degraded: true }));
      return pass;
    }
    const shared: ClaimRequest = { ...request, draws: sharesOf(request.draws) };
    return this.#conclude(call, state, { store: local, request: shared, result: local.take(shared), degraded: true });
  }

  #conclude(call: Call, state: CallState, { store, request, result, degraded }: Taken): Decision {
    const standings = standingsOf(request.draws, result);
    call.addReplyHeaders(replyHeaders(standings, { degraded }));
    for (const { rule, state: counter } of standings) {
      if (rule.shadow && counter.waitMs > 0) {
        this.#emit({ type: 'limit-exceeded-in-shadow', callId: call.id, limit: rule.name });
      }
    }
    if (!result.taken) return reject(refusal(standings));
    if (!settles(request.draws)) return pass;
    state.claim = new Claim(store, this.#init.leases, { request, result });
    // Nobody would end it later.
    if (state.ended) void state.claim.release();
    return pass;
  }

  #emit(event: GatewayEvent): void {
    try {
      this.#init.onEvent?.(event);
    } catch {
      // A listener's bug must not fail the call that happened to cause the event.
    }
  }
}

interface Failure {
  readonly request: ClaimRequest;
  readonly thrown: unknown;
}

const none: readonly Rule[] = [];

// Made once: an outage of the store then costs no stack for each call.
const limitsUnavailable = reject(new GatewayError('limits_unavailable', { retryAfter: 1 }));

/** What may stand in a log: the text of an error of the store's own, which names no address. */
function reasonOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown ? String(thrown.name) : 'unknown';
}
