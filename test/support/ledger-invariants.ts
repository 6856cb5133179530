import { expect } from '@jest/globals';
import { sql } from 'kysely';
import type { SqlEngine } from '../../src/stores/sql/engine.ts';
import { measureNames } from '../../src/usage/usage-cell.ts';

export interface LedgerRows {
  readonly attempts: readonly Record<string, unknown>[];
  readonly calls: readonly Record<string, unknown>[];
}

/**
 * What must hold in a ledger whenever nothing is under way: each attempt has exactly one end (I2) and no reservation is
 * left open (I4); each call has one row; the sums that reports read are the sums of the rows (I1).
 */
export async function checkLedgerInvariants(engine: SqlEngine): Promise<LedgerRows> {
  const read = async (query: ReturnType<typeof sql<Record<string, unknown>>>) => (await query.execute(engine.db)).rows;
  const attempts = await read(sql`select * from ledger_attempts where terminal = 1`);
  const reserved = await read(sql`select * from ledger_attempts where terminal = 0`);
  const calls = await read(sql`select * from ledger_calls`);
  const ended = new Set(attempts.map((row) => row.attempt_id));
  expect(ended.size).toBe(attempts.length);
  expect(new Set(calls.map((row) => row.call_id)).size).toBe(calls.length);
  expect(reserved.filter((row) => !ended.has(row.attempt_id))).toEqual([]);
  const known = new Set(calls.map((row) => row.call_id));
  expect(attempts.filter((row) => !known.has(row.call_id))).toEqual([]);
  for (const call of calls) {
    const own = attempts.filter((row) => row.call_id === call.call_id);
    expect([call.call_id, Number(call.attempts)]).toEqual([call.call_id, own.length]);
  }
  const [sums] = await read(
    sql`select ${sql.join(measureNames.map((name) => sql`coalesce(sum(${sql.ref(column(name))}), 0) as ${sql.ref(name)}`))} from usage_cells`,
  );
  const total = (rows: readonly Record<string, unknown>[], name: string) =>
    rows.reduce((sum, row) => sum + BigInt(String(row[name] ?? 0)), 0n);
  expect(
    Object.fromEntries(Object.entries(sums ?? {}).map(([name, sum]) => [name, BigInt(String(sum))])),
  ).toMatchObject({
    requests: BigInt(calls.length),
    attempts: BigInt(attempts.length),
    rejected: BigInt(calls.filter((row) => row.status === 'rejected').length),
    cacheHits: BigInt(calls.filter((row) => row.status === 'cache_hit').length),
    latencyMs: total(calls, 'latency_ms'),
    costNanoUsd: total(attempts, 'cost_nano_usd'),
    inputTokens: total(attempts, 'input_tokens'),
    outputTokens: total(attempts, 'output_tokens'),
    cacheReadTokens: total(attempts, 'cache_read_tokens'),
    reasoningTokens: total(attempts, 'reasoning_tokens'),
  });
  return { attempts, calls };
}

function column(measure: string): string {
  return measure.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
