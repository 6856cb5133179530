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
  | { readonly type: 'invalid-utf8'; readonly callId: string; readonly target: string };

/** Hears of events. What it throws is lost: it can never break a call. */
export type GatewayEventListener = (event: GatewayEvent) => void;
