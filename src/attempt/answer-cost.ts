import type { Call } from '../core/call.ts';
import { sumOfCosts } from '../core/cost.ts';
import { header } from '../core/header-names.ts';
import type { WholeReply } from '../core/reply.ts';
import type { Runtime } from '../core/runtime.ts';
import type { AttemptRecord } from '../core/settlement.ts';
import { usdOf, usdText } from '../core/usd.ts';
import type { BillableUsage } from '../prices/index.ts';
import { targetPricing } from '../providers/facts/facts-of.ts';
import type { Target } from '../providers/provider.ts';
import { extendReply, wantsExtendedBody } from './extended-body.ts';
import type { AnswerReader } from './inquiry.ts';

/** What an answer costs in nano-USD; null where nobody knows. */
export type AnswerCost = (usage: BillableUsage) => number | null;

/** Prices at the time the answer is there. */
export function answerCost(target: Target, runtime: Pick<Runtime, 'wallTime'>): AnswerCost {
  return (usage) => targetPricing(target).priceOf(usage, runtime.wallTime())?.nanoUsd ?? null;
}

/**
 * A reader whose whole replies say what the call cost, its earlier attempts included, where that is known; in the body,
 * too, for callers who ask. A stream's headers are gone before anybody knows.
 */
export function pricedReader(read: AnswerReader, cost: AnswerCost, served: Served): AnswerReader {
  return (raw, plan) => {
    const answer = read(raw, plan);
    if ('fault' in answer || answer.reply.kind !== 'whole') return answer;
    const nanoUsd = answer.usage === undefined ? null : withEarlier(cost(answer.usage), served.call);
    const reply: WholeReply =
      nanoUsd === null
        ? answer.reply
        : { ...answer.reply, headers: { ...answer.reply.headers, [header.costUsd]: usdText(nanoUsd) } };
    if (!wantsExtendedBody(served.call)) return { ...answer, reply };
    const { call, provider } = served;
    const costUsd = nanoUsd === null ? null : usdOf(nanoUsd);
    return {
      ...answer,
      reply: extendReply(reply, { provider, latencyMs: call.runtime.now() - call.startedAt, costUsd }),
    };
  };
}

/** Who answers which call. */
export interface Served {
  readonly call: Call;
  /** Name of the provider. */
  readonly provider: string;
}

function withEarlier(nanoUsd: number | null, { attempts }: Call): number | null {
  const earlier = sumOfCosts(attempts.map((attempt) => attempt.cost));
  if (nanoUsd === null || earlier === null) return null;
  return nanoUsd + (earlier ?? 0);
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
