import type { Call } from '../core/call.ts';
import { notify } from '../core/notify.ts';
import type { AttemptRecord, AttemptStatus } from '../core/settlement.ts';
import type { Usage, UsageSource } from '../core/usage.ts';
import type { Target } from '../providers/provider.ts';

/** Opens the record of an attempt and tells the call's capabilities. */
export function startRecord(call: Call, target: Target, keyNumber: number | undefined): AttemptRecord {
  const number = call.attempts.length + 1;
  const record: AttemptRecord = {
    id: `${call.id}-${number}`,
    number,
    provider: target.instance.name,
    model: target.model,
    startedAt: call.runtime.now(),
    keyNumber,
  };
  call.attempts.push(record);
  for (const capability of call.capabilities) {
    if (capability.onAttempt !== undefined) notify(capability, () => capability.onAttempt?.(call, record));
  }
  return record;
}

/** Tells the call's capabilities that the attempt's record is complete. */
export function settleRecord(call: Call, record: AttemptRecord): void {
  for (const capability of call.capabilities) {
    if (capability.onAttemptSettled === undefined) continue;
    notify(capability, () => capability.onAttemptSettled?.(call, record));
  }
}

export interface RecordEnd {
  readonly status: AttemptStatus;
  /** Runtime milliseconds. */
  readonly at: number;
  readonly usage?: Usage | undefined;
  readonly source: UsageSource;
  readonly fault: string | undefined;
}

/** Writes down how an attempt ended. */
export function endRecord(record: AttemptRecord, { status, at, usage, source, fault }: RecordEnd): void {
  record.status = status;
  record.endedAt = at;
  record.usageSource = source;
  if (usage !== undefined) record.usage = usage;
  if (fault !== undefined) record.fault = fault;
}
