import type { Call, Slot } from '../core/call.ts';
import { type Candidate, type Capability, type Decision, type Plan, pass, reject } from '../core/capability.ts';
import type { NanoUsd } from '../core/cost.ts';
import { GatewayError } from '../core/errors.ts';
import type { GatewayEvent, GatewayEventListener } from '../core/events.ts';
import type { Operation } from '../core/inbound.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import type { RequestBody } from '../core/request-body.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import type { Settlement } from '../core/settlement.ts';
import { createAlerts } from './alerts.ts';
import { allowanceOf } from './allowance.ts';
import { type Assessment, assessCall, type TargetsOf } from './assess-call.ts';
import { type Booked, BookKeeper } from './book-keeper.ts';
import type { BudgetStore, Reservation, ReserveRequest, ReserveResult } from './budget-store.ts';
import { type Need, needOf, planWithin, refusalOf } from './call-bounds.ts';
import { budgetFinder, type CallBudget } from './call-budgets.ts';
import { createLocalPurse } from './local-purse.ts';
import { type BudgetsSettings, resolveCostGuardOptions } from './options.ts';
import { budgetExceeded, budgetUnavailable, priceUnknown, tooDear } from './refusals.ts';
import { unpricedTargets, usedByCall, usedSoFar } from './used-cost.ts';
import { createWebhook } from './webhook.ts';

export interface CostGuardContext {
  readonly store: BudgetStore;
  readonly targetsOf: TargetsOf;
  readonly onEvent?: GatewayEventListener | undefined;
  readonly runtime?: Runtime;
  /** How the operator knows the settings. @default 'costGuard()' */
  readonly where?: string;
}

export interface CostGuard extends Capability {
  /** Calls under way for which money is set aside. */
  readonly open: number;
  /** Books what has not been booked yet, and ends the alerts under way. The store stays open: it is the caller's. */
  close(): Promise<void>;
}

/** What was decided for a call when it was let in. */
interface Admission extends Assessment {
  /** What is set aside for it. */
  readonly granted: NanoUsd;
  readonly reservation: Reservation | undefined;
  /** Whether the store was away, so that the money comes from this process's own purse. */
  readonly local: boolean;
  /** What the caller reads when no target is left that what is set aside pays for. */
  readonly unaffordable: () => GatewayError;
}

/** What is billed; nothing else is ever refused for want of money. */
const billed: ReadonlySet<Operation> = new Set(['chat', 'embeddings', 'images']);

/**
 * Keeps spending within budgets: sets aside what a call can cost at most before anything is sent, bounds its answer to
 * that, and books what it did cost when it is over.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createCostGuard(settings: BudgetsSettings, context: CostGuardContext): CostGuard {
  const { store, targetsOf, onEvent, runtime = systemRuntime, where = 'costGuard()' } = context;
  const options = resolveCostGuardOptions(settings, where);
  const assessContext = { options, findBudgets: budgetFinder(options.rules), targetsOf };
  const slot: Slot<Admission> = { name: 'costGuard.admission' };
  const purse = options.localCap === undefined ? undefined : createLocalPurse(options.localCap);

  const emit = (event: GatewayEvent): void => {
    try {
      onEvent?.(event);
    } catch {
      // A listener's bug must not fail the call that happened to cause the event.
    }
  };
  const storeFailed = (operation: 'reserve' | 'renew' | 'settle' | 'claim', thrown: unknown): void =>
    emit({ type: 'budget-store-failed', operation, reason: reasonOf(thrown) });
  const webhook =
    options.webhook &&
    createWebhook({
      options: options.webhook,
      runtime,
      onUndelivered: ({ budget, threshold }, status) =>
        emit({ type: 'budget-alert-undelivered', budget, threshold, ...(status !== undefined && { status }) }),
    });
  const watchThresholds = createAlerts({
    store,
    send(alert) {
      emit(alert);
      webhook?.send(alert);
    },
    onFailure: (thrown) => storeFailed('claim', thrown),
  });
  const keeper = new BookKeeper({
    store,
    runtime,
    leaseMs: options.leaseMs,
    onFailure: storeFailed,
    onLoss: ({ id }, used) => emit({ type: 'budget-use-lost', reservation: id, nanoUsd: used }),
  });

  function admit(call: Call, body: RequestBody): Decision | Promise<Decision> {
    const assessment = assessCall(call, body, assessContext);
    if (assessment === undefined) return pass;
    const need = needOf(assessment.verdicts);
    if (need === undefined) return reject(refusalOf(assessment.verdicts) ?? priceUnknown());
    const { budgets } = assessment;
    if (budgets.length === 0 || need.most === 0)
      return letIn(call, { ...assessment, ...unreserved(assessment, need.most) });

    const asked: Asked = { assessment, need, request: reserveRequest(budgets, need) };
    try {
      const result = store.reserve(asked.request);
      if (!isPromiseLike(result)) return decide(call, asked, result);
      return Promise.resolve(result).then(
        (settled) => decide(call, asked, settled),
        (thrown: unknown) => withoutStore(call, asked, thrown),
      );
    } catch (thrown) {
      return withoutStore(call, asked, thrown);
    }
  }

  function reserveRequest(budgets: readonly CallBudget[], { most, least }: Need): ReserveRequest {
    return {
      id: runtime.newId(),
      counters: budgets.map(({ counter }) => counter),
      most,
      least: Math.max(1, least),
      leaseMs: options.leaseMs,
    };
  }

  function decide(call: Call, { assessment, need, request }: Asked, result: ReserveResult): Decision {
    if (result.kind === 'reserved') {
      const { id, counters } = request;
      const reservation = { id, counters, amount: result.amount };
      return letIn(call, { ...assessment, ...unreserved(assessment, result.amount), reservation });
    }
    const { counter, spent } = result;
    const budget = assessment.budgets.find((each) => each.counter.key === counter.key) ?? assessment.budgets[0];
    if (budget === undefined) return reject(new GatewayError('budget_exceeded'));
    watchThresholds({ budget, spent, exhausted: spent + request.least > counter.limit });
    const refused = budgetExceeded(budget);
    if (need.least > 0) return reject(refused);
    // A target that costs nothing is left.
    return letIn(call, { ...assessment, ...unreserved(assessment, 0), unaffordable: () => refused });
  }

  function withoutStore(call: Call, { assessment, need, request }: Asked, thrown: unknown): Decision {
    storeFailed('reserve', thrown);
    if (need.least === 0 && purse === undefined) {
      return letIn(call, {
        ...assessment,
        ...unreserved(assessment, 0),
        unaffordable: () => budgetUnavailable(thrown),
      });
    }
    const amount = purse?.take({ most: need.most, least: request.least });
    if (amount === undefined) return reject(budgetUnavailable(thrown));
    const { id, counters } = request;
    return letIn(call, {
      ...assessment,
      ...unreserved(assessment, amount),
      reservation: { id, counters, amount },
      local: true,
    });
  }

  function letIn(call: Call, admission: Admission): Decision {
    const { reservation, local, verdicts, granted } = admission;
    if (call.finished) {
      // Its caller went while the money was set aside, and its end has been told already.
      if (reservation !== undefined) settle(reservation, 0, admission);
      return reject(new GatewayError('client_closed_request'));
    }
    call.set(slot, admission);
    call.allowance = allowanceOf({ verdicts, granted, used: () => usedSoFar(call.attempts) });
    if (reservation !== undefined && !local) keeper.keep(reservation);
    return pass;
  }

  function settle(reservation: Reservation, used: NanoUsd, { budgets, local }: Admission): void {
    const booked: Booked = (states) => {
      if (local) purse?.putBack(reservation.amount);
      for (const [index, budget] of budgets.entries()) {
        const spent = states[index]?.spent;
        if (spent !== undefined) watchThresholds({ budget, spent, exhausted: false });
      }
    };
    keeper.settle(reservation, used, booked);
  }

  return {
    name: 'costGuard',

    /** Here and not in `onRequest`: in front of whole apps it sees paths that have no body, which stay as they are. */
    onHead(call) {
      if (!billed.has(call.operation) || call.head.method !== 'POST') return pass;
      const body = call.body();
      return body instanceof Promise ? body.then((read) => admit(call, read)) : admit(call, body);
    },

    onPlan(call, candidates: readonly Candidate[]): Plan {
      const admission = call.get(slot);
      if (admission === undefined) return { candidates, skipped: [] };
      return planWithin(candidates, admission.verdicts, admission);
    },

    onSettled(call: Call, settlement: Settlement): void {
      const admission = call.get(slot);
      if (admission === undefined) return;
      for (const target of unpricedTargets(settlement.attempts, admission.verdicts)) {
        emit({ type: 'model-unpriced', callId: call.id, target });
      }
      const used = usedByCall(call, settlement, admission);
      const { reservation, budgets } = admission;
      if (reservation !== undefined) settle(reservation, used, admission);
      else if (used > 0 && budgets.length > 0) {
        // It was to cost nothing, and did.
        settle({ id: runtime.newId(), counters: budgets.map(({ counter }) => counter), amount: used }, used, admission);
      }
    },

    get open() {
      return keeper.open;
    },

    async close() {
      await keeper.close();
      await webhook?.close();
    },
  };
}

interface Asked {
  readonly assessment: Assessment;
  readonly need: Need;
  readonly request: ReserveRequest;
}

/** An admission that nothing is set aside for in the store. */
function unreserved(
  { mostCost, budgets: [budget] }: Assessment,
  granted: NanoUsd,
): Pick<Admission, 'granted' | 'reservation' | 'local' | 'unaffordable'> {
  return {
    granted,
    reservation: undefined,
    local: false,
    unaffordable: () => (budget === undefined ? tooDear(mostCost ?? granted) : budgetExceeded(budget)),
  };
}

/** A store's error by its code or name: its text may hold an address or a credential. */
function reasonOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return 'unknown';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'name' in thrown && typeof thrown.name === 'string' ? thrown.name : 'unknown';
}
