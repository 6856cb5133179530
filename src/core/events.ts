/** Things an operator wants to know that are not the end of a call. Targets are named `provider/model`. */
export type GatewayEvent =
  /** A target failed several times in a row and left rotation. */
  | {
      readonly type: 'target-ejected';
      readonly target: string;
      readonly durationMs: number;
      readonly consecutiveFailures: number;
      /** 1 for the first since it was last well. */
      readonly timesEjected: number;
    }
  /** One request tries an ejected target again. */
  | { readonly type: 'target-probing'; readonly target: string }
  | { readonly type: 'target-recovered'; readonly target: string }
  /** A call moved on to another target. `fault` is the kind that made it. */
  | {
      readonly type: 'failed-over';
      readonly callId: string;
      readonly from: string;
      readonly to: string;
      readonly fault: string;
    }
  /** The provider refused the gateway's own key, or there was no credential to be had: `fault` then is the error's name. */
  | {
      readonly type: 'upstream-auth-failed';
      readonly callId: string;
      readonly target: string;
      readonly keyNumber?: number;
      readonly fault?: string;
    }
  /** The gateway's account with the provider has nothing left. */
  | {
      readonly type: 'upstream-quota-exhausted';
      readonly callId: string;
      readonly target: string;
      readonly keyNumber?: number;
    }
  /** A link of a chain names a model its provider does not have, or an address that redirects. */
  | { readonly type: 'target-misconfigured'; readonly callId: string; readonly target: string; readonly fault: string }
  /** A provider streamed bytes that are not UTF-8. */
  | { readonly type: 'invalid-utf8'; readonly callId: string; readonly target: string }
  | BudgetThresholdEvent
  /** An alert could not be handed to the webhook and is given up. `status` is its last answer, where there was one. */
  | {
      readonly type: 'budget-alert-undelivered';
      readonly budget: string;
      readonly threshold: number;
      readonly status?: number;
    }
  /** A model without a known price was used where a budget applies: what it cost counts nowhere. */
  | { readonly type: 'model-unpriced'; readonly callId: string; readonly target: string }
  /** Where budgets are counted, something could not be done now. */
  | {
      readonly type: 'budget-store-failed';
      readonly operation: 'reserve' | 'renew' | 'settle' | 'claim';
      readonly reason: string;
    }
  /** A use could not be booked for so long that it was given up: its budgets show too little. */
  | { readonly type: 'budget-use-lost'; readonly reservation: string; readonly nanoUsd: number }
  /** Where limits are counted does not answer. `reason` is the error's name. */
  | { readonly type: 'limit-store-failed'; readonly reason: string }
  /** A limit in shadow would have refused the call. */
  | { readonly type: 'limit-exceeded-in-shadow'; readonly callId: string; readonly limit: string };

/** The spending of a user, team, ... has reached a percentage of its budget; once in each period. */
export interface BudgetThresholdEvent {
  readonly type: 'budget-threshold';
  /** Name of the budget. */
  readonly budget: string;
  readonly scope: string;
  /** Whose spending it is: the user's name, the key's id, ... */
  readonly value: string;
  /** Percent. */
  readonly threshold: number;
  readonly spentNanoUsd: number;
  readonly limitNanoUsd: number;
  /** When the budget counts from zero again, ISO 8601 with the offset of its time zone. */
  readonly resetAt: string;
}

/** Hears of events. What it throws is lost: it can never break a call. */
export type GatewayEventListener = (event: GatewayEvent) => void;
