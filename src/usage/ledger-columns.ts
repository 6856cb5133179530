import { type AttemptEntry, type CallEntry, isTerminal, type LedgerEntry } from './ledger.ts';

export type ColumnType = 'text' | 'bigint';
export type ColumnValue = string | number | null;

/** A column of a ledger table and the member of the entry it holds. */
export interface Column<Entry> {
  readonly name: string;
  readonly type: ColumnType;
  readonly read: (entry: Entry) => ColumnValue;
}

const text = <Entry>(name: string, read: (entry: Entry) => ColumnValue): Column<Entry> => ({
  name,
  type: 'text',
  read,
});
const whole = <Entry>(name: string, read: (entry: Entry) => ColumnValue): Column<Entry> => ({
  name,
  type: 'bigint',
  read,
});

/** The columns of `ledger_attempts`. `docs/usage.md` says what each means. */
export const attemptColumns: readonly Column<AttemptEntry>[] = [
  text('attempt_id', (entry) => entry.attemptId),
  whole('terminal', (entry) => (isTerminal(entry) ? 1 : 0)),
  text('phase', (entry) => entry.phase),
  text('call_id', (entry) => entry.callId),
  text('request_id', (entry) => entry.requestId),
  whole('number', (entry) => entry.number),
  text('key_id', (entry) => entry.keyId),
  text('user_id', (entry) => entry.user),
  text('team', (entry) => entry.team),
  text('project', (entry) => entry.project),
  text('feature', (entry) => entry.feature),
  text('requested_model', (entry) => entry.requestedModel),
  text('provider', (entry) => entry.provider),
  text('model', (entry) => entry.model),
  whole('key_number', (entry) => entry.keyNumber),
  text('status', (entry) => entry.status),
  text('fault', (entry) => entry.fault),
  whole('http_status', (entry) => entry.httpStatus),
  whole('input_tokens', (entry) => entry.inputTokens),
  whole('output_tokens', (entry) => entry.outputTokens),
  whole('cache_read_tokens', (entry) => entry.cacheReadTokens),
  whole('cache_write_tokens', (entry) => entry.cacheWriteTokens),
  whole('reasoning_tokens', (entry) => entry.reasoningTokens),
  text('usage_source', (entry) => entry.usageSource),
  whole('cost_nano_usd', (entry) => entry.costNanoUsd),
  text('price_version', (entry) => entry.priceVersion),
  whole('reserved_at', (entry) => entry.reservedAt),
  whole('at', (entry) => entry.at),
  whole('latency_ms', (entry) => entry.latencyMs),
  whole('first_output_ms', (entry) => entry.firstOutputMs),
];

/** The columns of `ledger_calls`. */
export const callColumns: readonly Column<CallEntry>[] = [
  text('call_id', (entry) => entry.callId),
  text('request_id', (entry) => entry.requestId),
  text('key_id', (entry) => entry.keyId),
  text('user_id', (entry) => entry.user),
  text('team', (entry) => entry.team),
  text('project', (entry) => entry.project),
  text('feature', (entry) => entry.feature),
  text('tags', (entry) => entry.tags),
  text('operation', (entry) => entry.operation),
  text('dialect', (entry) => entry.dialect),
  whole('stream', (entry) => entry.stream),
  text('requested_model', (entry) => entry.requestedModel),
  text('provider', (entry) => entry.provider),
  text('model', (entry) => entry.model),
  text('status', (entry) => entry.status),
  text('error_code', (entry) => entry.errorCode),
  whole('http_status', (entry) => entry.httpStatus),
  whole('attempts', (entry) => entry.attempts),
  whole('input_tokens', (entry) => entry.inputTokens),
  whole('output_tokens', (entry) => entry.outputTokens),
  whole('cache_read_tokens', (entry) => entry.cacheReadTokens),
  whole('cache_write_tokens', (entry) => entry.cacheWriteTokens),
  whole('reasoning_tokens', (entry) => entry.reasoningTokens),
  text('usage_source', (entry) => entry.usageSource),
  whole('cost_nano_usd', (entry) => entry.costNanoUsd),
  whole('created_at', (entry) => entry.createdAt),
  whole('ended_at', (entry) => entry.endedAt),
  whole('latency_ms', (entry) => entry.latencyMs),
  whole('first_output_ms', (entry) => entry.firstOutputMs),
];

export function rowOf<Entry>(columns: readonly Column<Entry>[], entry: Entry): ColumnValue[] {
  return columns.map((column) => column.read(entry));
}

export function attemptsOf(entries: readonly LedgerEntry[]): readonly AttemptEntry[] {
  return entries.filter((entry) => entry.entry === 'attempt');
}

export function callsOf(entries: readonly LedgerEntry[]): readonly CallEntry[] {
  return entries.filter((entry) => entry.entry === 'call');
}
