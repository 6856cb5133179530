import type { AttemptEntry } from '../../src/usage/ledger.ts';

/** The line of the ledger that says what an attempt of a user cost. */
export function settledAttempt(attempt: {
  readonly id: string;
  readonly user: string;
  readonly nanoUsd: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}): AttemptEntry {
  const { id, user, nanoUsd, at } = attempt;
  return {
    entry: 'attempt',
    phase: 'settle',
    attemptId: id,
    callId: id,
    requestId: id,
    number: 1,
    keyId: 'check',
    user,
    team: null,
    project: null,
    feature: null,
    requestedModel: 'chat',
    provider: 'openai',
    model: 'demo-small',
    keyNumber: 1,
    status: 'ok',
    fault: null,
    httpStatus: 200,
    inputTokens: 1,
    outputTokens: 1,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    usageSource: 'provider',
    costNanoUsd: nanoUsd,
    priceVersion: 'check',
    reservedAt: at,
    at,
    latencyMs: 1,
    firstOutputMs: null,
  };
}
