import type { Allowance } from './allowance.ts';
import type { BudgetRule } from './budget-rule.ts';
import { Cancellation } from './cancellation.ts';
import type { Capability } from './capability.ts';
import { sumOfCosts } from './cost.ts';
import type { DialectName } from './dialect-name.ts';
import { GatewayError } from './errors.ts';
import type { ForeignAnswer } from './foreign-answer.ts';
import type { Operation, RequestOrigin } from './inbound.ts';
import type { LimitRule } from './limit-rule.ts';
import { notify } from './notify.ts';
import type { ReplyHeaders } from './reply.ts';
import type { RequestBody } from './request-body.ts';
import type { Runtime } from './runtime.ts';
import type { AttemptRecord, Outcome, Settlement } from './settlement.ts';

/** The request as it arrived, before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** Path and query below the mount point. */
  readonly path: string;
  /** As Node gives them: lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Name, value, name, value, ... as sent: shows what `headers` hides, e.g. a header sent twice. */
  readonly rawHeaders: readonly string[];
  /** Address of the peer, where the host knows it. */
  readonly peer?: string;
}

/** Whom and what usage is counted for. */
export interface Attribution {
  readonly user?: string;
  readonly team?: string;
  readonly project?: string;
  readonly feature?: string;
  readonly tags?: readonly string[];
}

/** Who calls. Without `auth` everybody is the one `anonymous` caller. */
export interface Caller extends Attribution {
  /** Public id of the key; never the key. */
  readonly keyId: string;
  /** Limits and budgets of its own, beside those that hold for everybody. */
  readonly limits?: readonly LimitRule[];
  readonly budgets?: readonly BudgetRule[];
  /** Whether headers or body may say on whose behalf it calls; `user` then is who they name. @default false */
  readonly mayNameUser?: boolean;
  /** Whether it may use the admin routes and see what everybody has used. @default false */
  readonly admin?: boolean;
}

export const anonymous: Caller = { keyId: 'anonymous' };

/** A target that was left out before anybody was asked. */
export interface SkippedTarget {
  /** `provider/model`. */
  readonly target: string;
  /** What its model lacks (`vision`, `contextWindow`), or what a capability has against it. */
  readonly reason: string;
}

/** A typed place on the call with one writer. Made once per capability instance, so that one mounted twice has two. */
export interface Slot<Value> {
  readonly name: string;
  /** Never set: carries the type. */
  readonly value?: Value;
}

export interface CallInit {
  readonly head: RequestHead;
  readonly dialect: DialectName;
  readonly operation: Operation;
  /** What the path alone says of the request. @default nothing */
  readonly origin?: RequestOrigin;
  readonly runtime: Runtime;
  /** Reads the body once; applies the host's limits. */
  readonly readBody: () => Promise<RequestBody> | RequestBody;
  /** The caller's own request id, where it sent a usable one. */
  readonly id?: string | undefined;
}

/**
 * One request on its way through the capabilities. It belongs to the request, whichever host it arrived on, and settles
 * exactly once: when the work is over (`finish`) and the host has let go of the response (`close`).
 */
export class Call {
  readonly id: string;
  readonly head: RequestHead;
  readonly dialect: DialectName;
  readonly operation: Operation;
  readonly origin: RequestOrigin;
  readonly runtime: Runtime;
  /** Runtime milliseconds. */
  readonly startedAt: number;
  readonly cancellation = new Cancellation();
  readonly attempts: AttemptRecord[] = [];
  /** Capabilities this call has passed, in order. */
  readonly capabilities: Capability[] = [];
  /** Targets the call could have gone to and was not let go to, in order. */
  readonly skipped: SkippedTarget[] = [];
  /** Parameters of the request that the serving provider could not take. */
  droppedParams: readonly string[] = [];
  /** The model the caller asked for, once the body has been read. */
  requestedModel: string | undefined;
  /** Whether the caller asked for a stream, once the body has been read. */
  stream = false;
  /** Set by who guards the money. */
  allowance: Allowance | undefined;
  /** Set by a capability that hands the call to the app's own handler and wants its answer back. */
  foreign: ForeignAnswer | undefined;

  /** Headers for whatever the call is answered with, an error as well; set by the host's face as it writes the head. */
  replyHeaders: ReplyHeaders | undefined;

  readonly #readBody: CallInit['readBody'];
  #body: Promise<RequestBody> | RequestBody | undefined;
  #caller: Caller | undefined;
  #callerRead = false;
  #slots: Map<Slot<unknown>, unknown> | undefined;
  #outcome: Outcome | undefined;
  #delivered: boolean | undefined;
  #settled = false;

  constructor(init: CallInit) {
    this.id = init.id ?? init.runtime.newId();
    this.head = init.head;
    this.dialect = init.dialect;
    this.operation = init.operation;
    this.origin = init.origin ?? {};
    this.runtime = init.runtime;
    this.startedAt = init.runtime.now();
    this.#readBody = init.readBody;
  }

  /** The parsed body; read at the first call, the same value ever after. */
  body(): Promise<RequestBody> | RequestBody {
    this.#body ??= this.#readBody();
    return this.#body;
  }

  /** A request header's value; several lines with the same name are joined. */
  header(name: string): string | undefined {
    const value = this.head.headers[name];
    return typeof value === 'string' || value === undefined ? value : value.join(', ');
  }

  /** Adds to the headers the call is answered with. A name that is there already gets the new value. */
  addReplyHeaders(headers: ReplyHeaders): void {
    this.replyHeaders = this.replyHeaders === undefined ? headers : { ...this.replyHeaders, ...headers };
  }

  /** Who calls; `anonymous` until `auth` has said otherwise. */
  get caller(): Caller {
    this.#callerRead = true;
    return this.#caller ?? anonymous;
  }

  /**
   * @throws GatewayError `wrong_mount` when a caller was already named: two `auth` in one chain contradict each other; or
   *   when somebody has already read who calls and taken everybody for `anonymous`
   */
  setCaller(caller: Caller): void {
    if (this.#caller !== undefined) {
      throw new GatewayError('wrong_mount', { message: 'Two capabilities name the caller. Mount `auth` once.' });
    }
    if (this.#callerRead) {
      throw new GatewayError('wrong_mount', {
        message:
          'Something in front of `auth` has read who calls, and took everybody for anonymous. Mount `auth` first.',
      });
    }
    this.#caller = caller;
  }

  /** @throws GatewayError `wrong_mount` when the slot has been written before. */
  set<Value>(slot: Slot<Value>, value: Value): void {
    this.#slots ??= new Map();
    if (this.#slots.has(slot)) {
      throw new GatewayError('wrong_mount', { message: `The slot "${slot.name}" of a call is written twice.` });
    }
    this.#slots.set(slot, value);
  }

  get<Value>(slot: Slot<Value>): Value | undefined {
    return this.#slots?.get(slot) as Value | undefined;
  }

  /** The work on the call is over: answered, rejected or given up. The first outcome counts. */
  finish(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settleWhenOver();
  }

  /** True once the work is over. */
  get finished(): boolean {
    return this.#outcome !== undefined;
  }

  /** The host has let go of the response. `delivered` is false when the caller went before the last byte. */
  close(delivered: boolean): void {
    if (this.#delivered !== undefined) return;
    this.#delivered = delivered;
    // Also when somebody else has answered in our place: what still runs runs for nobody.
    if (!delivered || this.#outcome === undefined) this.cancellation.cancel('client_gone');
    this.#settleWhenOver();
  }

  #settleWhenOver(): void {
    if (this.#settled || this.#outcome === undefined || this.#delivered === undefined) return;
    this.#settled = true;
    const settlement = this.#settlement(this.#outcome, this.#delivered);
    for (const capability of this.capabilities) {
      if (capability.onSettled !== undefined) notify(capability, () => capability.onSettled?.(this, settlement));
    }
  }

  #settlement(outcome: Outcome, delivered: boolean): Settlement {
    const cost = sumOfCosts(this.attempts.map((attempt) => attempt.cost));
    const firstOutputAt = this.attempts.findLast((attempt) => attempt.status !== undefined)?.firstOutputAt;
    return {
      ...outcome,
      status: outcome.status === 'ok' && !delivered ? 'client_abort' : outcome.status,
      latencyMs: this.runtime.now() - this.startedAt,
      firstOutputMs: firstOutputAt === undefined ? undefined : firstOutputAt - this.startedAt,
      attempts: this.attempts,
      cost,
    };
  }
}
