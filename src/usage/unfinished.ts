import type { JournalRecord } from './journal-lines.ts';
import type { AttemptEntry, CallEntry } from './ledger.ts';

interface OpenCall {
  last: AttemptEntry;
  /** What its attempts have cost so far; null once that is not known. */
  cost: number | null;
}

/** What of a journal has begun and not ended. */
export class Unfinished {
  readonly #attempts = new Map<string, AttemptEntry>();
  readonly #calls = new Map<string, OpenCall>();
  /** An attempt may end after its call, when the caller left. */
  readonly #ended = new Set<string>();

  hear(record: JournalRecord): void {
    switch (record.entry) {
      case 'call':
        this.#calls.delete(record.callId);
        this.#ended.add(record.callId);
        return;
      case 'open':
        this.#calls.set(record.attempt.callId, { last: record.attempt, cost: null });
        return;
      case 'attempt':
        this.#hearAttempt(record);
    }
  }

  /** The ends of what has none. */
  lost(now: number): { readonly attempts: readonly AttemptEntry[]; readonly calls: readonly CallEntry[] } {
    return {
      attempts: [...this.#attempts.values()].map((attempt) => lostAttempt(attempt, now)),
      calls: [...this.#calls.values()].map((call) => lostCall(call, now)),
    };
  }

  #hearAttempt(attempt: AttemptEntry): void {
    const begins = attempt.phase === 'reserve';
    if (begins) this.#attempts.set(attempt.attemptId, attempt);
    else this.#attempts.delete(attempt.attemptId);
    if (this.#ended.has(attempt.callId)) return;
    const call = this.#calls.get(attempt.callId);
    if (call === undefined) {
      this.#calls.set(attempt.callId, { last: attempt, cost: begins ? 0 : attempt.costNanoUsd });
      return;
    }
    call.last = attempt;
    if (!begins)
      call.cost = call.cost === null || attempt.costNanoUsd === null ? null : call.cost + attempt.costNanoUsd;
  }
}

function lostAttempt(reserve: AttemptEntry, now: number): AttemptEntry {
  return { ...reserve, phase: 'crash_recovered', usageSource: 'none', at: now };
}

/** A call of which only attempts are known. */
function lostCall({ last, cost }: OpenCall, now: number): CallEntry {
  return {
    entry: 'call',
    callId: last.callId,
    requestId: last.requestId,
    keyId: last.keyId,
    user: last.user,
    team: last.team,
    project: last.project,
    feature: last.feature,
    tags: null,
    operation: 'unknown',
    dialect: 'unknown',
    stream: 0,
    requestedModel: last.requestedModel,
    provider: last.provider,
    model: last.model,
    status: 'crash_recovered',
    errorCode: null,
    httpStatus: null,
    attempts: last.number,
    inputTokens: last.inputTokens,
    outputTokens: last.outputTokens,
    cacheReadTokens: last.cacheReadTokens,
    cacheWriteTokens: last.cacheWriteTokens,
    reasoningTokens: last.reasoningTokens,
    usageSource: last.usageSource,
    costNanoUsd: last.phase === 'reserve' ? null : cost,
    createdAt: last.reservedAt,
    endedAt: now,
    latencyMs: null,
    firstOutputMs: null,
  };
}
