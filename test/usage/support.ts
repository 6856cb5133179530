import type { AttemptEntry, CallEntry, LedgerStore } from '../../src/usage/ledger.ts';
import { type MeasureName, type Measures, measureNames } from '../../src/usage/usage-cell.ts';

/** A Tuesday, 15 minutes to noon UTC. */
export const noon = Date.UTC(2026, 2, 10, 11, 45);

const owner = { keyId: 'key-1', user: 'ana', team: 'search', project: 'chat', feature: null };
const tokens = {
  inputTokens: 1000,
  outputTokens: 200,
  cacheReadTokens: 100,
  cacheWriteTokens: null,
  reasoningTokens: 50,
  usageSource: 'provider',
} as const;

export function attemptEntry(part: Partial<AttemptEntry> & { readonly attemptId: string }): AttemptEntry {
  return {
    entry: 'attempt',
    phase: 'settle',
    callId: part.attemptId.replace(/-\d+$/, ''),
    requestId: 'request-1',
    number: 1,
    ...owner,
    requestedModel: 'gpt-4o',
    provider: 'openai',
    model: 'gpt-4o-2024-11-20',
    keyNumber: 1,
    status: 'ok',
    fault: null,
    httpStatus: 200,
    ...tokens,
    costNanoUsd: 4_500_000,
    priceVersion: 'test-1',
    reservedAt: noon,
    at: noon + 800,
    latencyMs: 800,
    firstOutputMs: 300,
    ...part,
  };
}

export function callEntry(part: Partial<CallEntry> & { readonly callId: string }): CallEntry {
  return {
    entry: 'call',
    requestId: 'request-1',
    ...owner,
    tags: '["a","b"]',
    operation: 'chat',
    dialect: 'openai-chat',
    stream: 0,
    requestedModel: 'gpt-4o',
    provider: 'openai',
    model: 'gpt-4o-2024-11-20',
    status: 'ok',
    errorCode: null,
    httpStatus: 200,
    attempts: 1,
    ...tokens,
    costNanoUsd: 4_500_000,
    createdAt: noon,
    endedAt: noon + 900,
    latencyMs: 900,
    firstOutputMs: 350,
    ...part,
  };
}

/** Everything a store has counted. */
export async function totalOf(store: LedgerStore): Promise<Measures> {
  const rows = await store.totals({
    stretches: [{ from: 0, to: Date.UTC(2100, 0) }],
    groupBy: [],
    filters: [],
    most: 10,
  });
  if (rows === 'too many') throw new Error('One group cannot be too many.');
  return rows[0]?.measures ?? nothing();
}

export function nothing(): Measures {
  return Object.fromEntries(measureNames.map((name) => [name, 0n])) as Measures;
}

/** Measures in which only some are not 0. */
export function measures(part: Partial<Record<MeasureName, number | bigint>>): Measures {
  return { ...nothing(), ...Object.fromEntries(Object.entries(part).map(([name, value]) => [name, BigInt(value)])) };
}
