import { endRecord, settleRecord, startRecord } from '../attempt/attempt-record.ts';
import type { Call } from '../core/call.ts';
import type { GatewayError } from '../core/errors.ts';
import type { AttemptRecord, AttemptStatus, CallStatus } from '../core/settlement.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import type { PassagePlan } from './passage-plan.ts';

/** How a passage ended. */
export interface PassageEnd {
  readonly attempt: AttemptStatus;
  readonly call: CallStatus;
  /** As the caller read it. */
  readonly httpStatus: number;
  readonly fault?: UpstreamFault;
  readonly error?: GatewayError;
}

/** The books of one passage: one attempt, settled once, and what it says of the provider's key. */
export class PassageRecord {
  readonly #call: Call;
  readonly #plan: PassagePlan;
  readonly #record: AttemptRecord;

  constructor(call: Call, plan: PassagePlan) {
    this.#call = call;
    this.#plan = plan;
    this.#record = startRecord(call, plan.target, plan.key?.number);
  }

  get settled(): boolean {
    return this.#record.status !== undefined;
  }

  /** The provider has answered. */
  answered(httpStatus: number): void {
    this.#record.httpStatus = httpStatus;
    if (httpStatus < 400) {
      this.#record.firstOutputAt = this.#call.runtime.now();
      this.#plan.key?.accepted();
    }
  }

  /** Once; later ends are ignored. */
  settle(end: PassageEnd): void {
    if (this.settled) return;
    const { fault, error } = end;
    this.#judgeKey(fault);
    const at = this.#call.runtime.now();
    endRecord(this.#record, { status: end.attempt, at, source: 'none', fault: fault?.kind });
    settleRecord(this.#call, this.#record);
    this.#call.finish({
      status: end.call,
      httpStatus: end.httpStatus,
      provider: this.#record.provider,
      model: this.#record.model,
      usageSource: 'none',
      ...(error !== undefined && { error }),
    });
  }

  #judgeKey(fault: UpstreamFault | undefined): void {
    const { key } = this.#plan;
    if (fault?.kind === 'auth') key?.refused(fault.status);
    else if (fault?.kind === 'quota') key?.exhausted(fault.retryAfterMs);
    else if (fault?.kind === 'rate_limit') key?.rateLimited(fault.retryAfterMs);
  }
}
