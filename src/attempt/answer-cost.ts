import type { Call } from '../core/call.ts';
import { header } from '../core/header-names.ts';
import type { Runtime } from '../core/runtime.ts';
import type { AttemptRecord } from '../core/settlement.ts';
import type { BillableUsage } from '../prices/index.ts';
import { usdText } from '../prices/index.ts';
import { targetPricing } from '../providers/facts/facts-of.ts';
import type { Target } from '../providers/provider.ts';
import type { AnswerReader } from './inquiry.ts';

/** What an answer costs in nano-USD; null where nobody knows. */
export type AnswerCost = (usage: BillableUsage) => number | null;

/** Prices at the time the answer is there. */
export function answerCost(target: Target, runtime: Pick<Runtime, 'wallTime'>): AnswerCost {
  return (usage) => targetPricing(target).priceOf(usage, runtime.wallTime())?.nanoUsd ?? null;
}

/** A reader whose whole replies say what they cost, where it is known. A stream's headers are gone before anybody knows. */
export function pricedReader(read: AnswerReader, cost: AnswerCost): AnswerReader {
  return (raw, plan) => {
    const answer = read(raw, plan);
    if ('fault' in answer || answer.usage === undefined || answer.reply.kind !== 'whole') return answer;
    const nanoUsd = cost(answer.usage);
    if (nanoUsd === null) return answer;
    const headers = { ...answer.reply.headers, [header.costUsd]: usdText(nanoUsd) };
    return { ...answer, reply: { ...answer.reply, headers } };
  };
}

/** Notes what an attempt cost: at the provider's prices where it was counted, else what who guards the money books for it. */
export function priceRecord(record: AttemptRecord, target: Target, call: Pick<Call, 'allowance' | 'runtime'>): void {
  const price = record.usage && targetPricing(target).priceOf(record.usage, call.runtime.wallTime());
  if (price != null) {
    record.cost = { nanoUsd: price.nanoUsd, priceVersion: price.version };
    return;
  }
  const booked = call.allowance?.costOfUncounted(record);
  if (booked !== undefined) record.cost = { nanoUsd: booked, priceVersion: 'estimated' };
  else if (record.usage !== undefined) record.cost = { nanoUsd: null, priceVersion: 'unknown' };
}
