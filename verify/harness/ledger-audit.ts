import { sql } from 'kysely';
import type { SqlEngine } from '../../src/stores/sql/engine.ts';
import { measureNames } from '../../src/usage/usage-cell.ts';
import { exactly, type Measure } from './measure.ts';

export type LedgerRow = Readonly<Record<string, unknown>>;

/** Every row of a ledger, and whether they fit together. */
export interface LedgerAudit {
  /** Attempts that have ended. */
  readonly attempts: readonly LedgerRow[];
  readonly calls: readonly LedgerRow[];
  readonly measures: readonly Measure[];
}

/**
 * What must hold in a ledger whenever nothing is under way: each attempt has exactly one end (I2) and no reservation is
 * left open (I4); each call has one row; the sums that reports read are the sums of the rows (I1).
 */
export async function auditLedger({ db }: SqlEngine): Promise<LedgerAudit> {
  const read = async (query: ReturnType<typeof sql<LedgerRow>>) => (await query.execute(db)).rows;
  const attempts = await read(sql`select * from ledger_attempts where terminal = 1`);
  const reserved = await read(sql`select attempt_id from ledger_attempts where terminal = 0`);
  const calls = await read(sql`select * from ledger_calls`);
  const totals = measureNames.map((name) => sql`coalesce(sum(${sql.ref(column(name))}), 0) as ${sql.ref(name)}`);
  const [sums = {}] = await read(sql`select ${sql.join(totals)} from usage_cells`);
  const [sumsOfDays = {}] = await read(sql`select ${sql.join(totals)} from usage_days`);
  const ended = new Set(attempts.map((row) => row.attempt_id));
  const ids = new Set(calls.map((row) => row.call_id));
  const byCall = Map.groupBy(attempts, (row) => row.call_id);
  const miscounted = calls.filter((row) => Number(row.attempts) !== (byCall.get(row.call_id)?.length ?? 0));
  const expected = sumsOf(attempts, calls);
  const wrong = Object.entries(expected).flatMap(([name, sum]) =>
    [sums[name], sumsOfDays[name]]
      .filter((told) => BigInt(String(told)) !== sum)
      .map((told) => `${name} ${told}, not ${sum}`),
  );
  const zero = (name: string, value: number, detail?: string): Measure =>
    exactly({ name, value, bound: 0, ...(detail !== undefined && { detail }) });
  const measures = [
    zero('attempts and calls written twice', attempts.length - ended.size + calls.length - ids.size),
    zero('reservations left open', reserved.filter((row) => !ended.has(row.attempt_id)).length),
    zero('attempts without a call', attempts.filter((row) => !ids.has(row.call_id)).length),
    zero('calls with attempts too few or too many', miscounted.length),
    zero(
      'reported sums that are not those of the rows',
      wrong.length,
      wrong.join('; ') || 'cost and tokens among them',
    ),
  ];
  return { attempts, calls, measures };
}

function sumsOf(attempts: readonly LedgerRow[], calls: readonly LedgerRow[]): Readonly<Record<string, bigint>> {
  const withStatus = (status: string): bigint => BigInt(calls.filter((row) => row.status === status).length);
  return {
    requests: BigInt(calls.length),
    attempts: BigInt(attempts.length),
    rejected: withStatus('rejected'),
    cacheHits: withStatus('cache_hit'),
    latencyMs: total(calls, 'latency_ms'),
    costNanoUsd: total(attempts, 'cost_nano_usd'),
    inputTokens: total(attempts, 'input_tokens'),
    outputTokens: total(attempts, 'output_tokens'),
    cacheReadTokens: total(attempts, 'cache_read_tokens'),
    reasoningTokens: total(attempts, 'reasoning_tokens'),
  };
}

/** Exact, whatever the database's driver makes of large numbers. */
export function total(rows: readonly LedgerRow[], name: string): bigint {
  return rows.reduce((sum, row) => sum + BigInt(String(row[name] ?? 0)), 0n);
}

function column(measure: string): string {
  return measure.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
