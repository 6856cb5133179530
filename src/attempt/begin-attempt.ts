import type { Call } from '../core/call.ts';
import type { GatewayEventListener } from '../core/events.ts';
import { ownProviderKey } from '../core/own-provider-key.ts';
import type { AttemptRecord } from '../core/settlement.ts';
import { usdOf } from '../core/usd.ts';
import type { Target } from '../providers/provider.ts';
import { candidateOf } from '../providers/target.ts';
import { faultError } from '../routing/fault-error.ts';
import { answerCost, pricedReader, priceRecord } from './answer-cost.ts';
import { Attempt } from './attempt.ts';
import type { AttemptEnd } from './attempt-plan.ts';
import { settleRecord, startRecord } from './attempt-record.ts';
import type { Inquiry, OutgoingRequest } from './inquiry.ts';

export interface BeginAttempt {
  readonly call: Call;
  readonly inquiry: Inquiry;
  readonly target: Target;
  readonly outgoing: OutgoingRequest;
  readonly keyNumber: number | undefined;
  /** Runtime milliseconds. */
  readonly deadlineAt: number;
  readonly emit: GatewayEventListener;
  /** The attempt is over and its record complete; capabilities hear of it afterwards. */
  readonly onEnd: (end: AttemptEnd, record: AttemptRecord) => void;
}

export interface BegunAttempt {
  readonly attempt: Attempt;
  readonly record: AttemptRecord;
}

/** Opens an attempt's record and the attempt itself, ready to be attached to an exchange. */
export function beginAttempt(begin: BeginAttempt): BegunAttempt {
  const { call, inquiry, target, outgoing, deadlineAt } = begin;
  const { timeouts } = target.instance;
  const own = call.get(ownProviderKey);
  const record = startRecord(call, target, own === undefined ? begin.keyNumber : undefined);
  const cost = answerCost(target, call.runtime);
  const { allowance } = call;
  const candidate = candidateOf(target);
  const attempt = new Attempt({
    call,
    record,
    inbound: inquiry.dialect,
    outbound: outgoing.dialect,
    secrets() {
      const secrets = [...target.instance.apiKeys, ...(target.instance.authorizer?.secrets() ?? [])];
      return own === undefined ? secrets : [...secrets, own];
    },
    passThrough: outgoing.passThrough,
    read: pricedReader(outgoing.read, cost, { call, provider: target.instance.name }),
    ...(outgoing.maxAnswerBytes !== undefined && { maxAnswerBytes: outgoing.maxAnswerBytes }),
    reply: {
      model: target.model,
      fallbackId: `chatcmpl-${call.id}`,
      created: Math.floor(call.runtime.wallTime() / 1000),
      includeUsage: inquiry.includeUsage,
      origin: call.origin,
      served: {
        provider: target.instance.name,
        elapsed: () => call.runtime.now() - call.startedAt,
        costUsd(usage) {
          const nanoUsd = cost(usage);
          return nanoUsd === null ? null : usdOf(nanoUsd);
        },
      },
    },
    limits: { ...timeouts, firstToken: Math.max(timeouts.firstToken, outgoing.patience ?? 0), deadlineAt },
    promptTokens: () => inquiry.promptTokens(target.model),
    exceededBy: allowance && ((tokens) => allowance.exceededBy(candidate, tokens)),
    toError: faultError,
    onEnd: (end) => {
      priceRecord(record, target, call);
      begin.onEnd(end, record);
      settleRecord(call, record);
    },
    onInvalidUtf8: () => begin.emit({ type: 'invalid-utf8', callId: call.id, target: target.id }),
  });
  return { attempt, record };
}
