import type { AttemptEntry, CallEntry, LedgerEntry } from './ledger.ts';

/** What usage can be grouped and filtered by. */
export const dimensions = [
  'key',
  'user',
  'team',
  'project',
  'feature',
  'model',
  'provider',
  'served_model',
  'status',
] as const;
export type Dimension = (typeof dimensions)[number];

/** What is added up, in this order. */
export const measureNames = [
  'requests',
  'errors',
  'rejected',
  'cacheHits',
  'latencyMs',
  'timedRequests',
  'firstOutputMs',
  'firstOutputs',
  'attempts',
  'unpriced',
  'costNanoUsd',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
] as const;
export type MeasureName = (typeof measureNames)[number];

/** Exact sums. */
export type Measures = Readonly<Record<MeasureName, bigint>>;

/** What happened in one quarter of an hour, or in one day, to one combination of the dimensions. */
export interface UsageCell {
  /** Its start, milliseconds since 1970. */
  readonly slot: number;
  /** In the order of `dimensions`; empty for "not known". */
  readonly values: readonly string[];
  /** In the order of `measureNames`. A quarter of an hour stays far below 2^53, and days are summed up elsewhere. */
  readonly sums: number[];
}

/** Every time zone's hours begin on a quarter: Kathmandu is at +05:45, Chatham at +12:45. */
export const slotMs = 900_000;

/** A day of UTC. */
export const dayMs = 86_400_000;

export function slotOf(time: number): number {
  return startOf(time, slotMs);
}

export function dayOf(time: number): number {
  return startOf(time, dayMs);
}

function startOf(time: number, length: number): number {
  return time - (((time % length) + length) % length);
}

/** Cells by their key. */
export type CellTable = Map<string, UsageCell>;

/** Adds what a line of the ledger means to its cell. A reservation means nothing yet. */
export function addToCells(cells: CellTable, entry: LedgerEntry): void {
  if (entry.entry === 'attempt' && entry.phase === 'reserve') return;
  const slot = slotOf(entry.entry === 'attempt' ? entry.at : entry.endedAt);
  const values = cellValues(entry);
  const key = cellKey(slot, values);
  let cell = cells.get(key);
  if (cell === undefined) {
    cell = { slot, values, sums: measureNames.map(() => 0) };
    cells.set(key, cell);
  }
  addSums(cell.sums, entry.entry === 'attempt' ? attemptSums(entry) : callSums(entry));
}

/** The same by days. */
export function daysOf(cells: CellTable): CellTable {
  const days: CellTable = new Map();
  for (const { slot, values, sums } of cells.values()) {
    const day = dayOf(slot);
    const key = cellKey(day, values);
    const known = days.get(key);
    if (known === undefined) days.set(key, { slot: day, values, sums: [...sums] });
    else addSums(known.sums, sums);
  }
  return days;
}

/** No text can pass for two: each is preceded by its length. */
export function cellKey(slot: number, values: readonly string[]): string {
  let key = `${slot}`;
  for (const value of values) key += `:${value.length}:${value}`;
  return key;
}

export function addSums(sums: number[], more: readonly number[]): void {
  for (let index = 0; index < sums.length; index += 1) sums[index] = (sums[index] ?? 0) + (more[index] ?? 0);
}

/** A name that no model has says nothing in a report, and a caller could fill the table with such names. */
function cellValues(entry: LedgerEntry): readonly string[] {
  const unknown = entry.entry === 'call' ? entry.errorCode === 'model_not_found' : entry.fault === 'model_not_found';
  return [
    entry.keyId,
    entry.user ?? '',
    entry.team ?? '',
    entry.project ?? '',
    entry.feature ?? '',
    unknown ? '' : (entry.requestedModel ?? ''),
    entry.provider ?? '',
    unknown ? '' : (entry.model ?? ''),
    entry.status ?? entryStatus(entry),
  ];
}

function entryStatus(entry: LedgerEntry): string {
  return entry.entry === 'attempt' ? entry.phase : '';
}

/** Ends of a call that are somebody's fault, and not the caller's. */
const errorStatuses: ReadonlySet<string> = new Set([
  'upstream_error',
  'upstream_truncated',
  'timeout',
  'failed',
  'crash_recovered',
]);

function callSums(call: CallEntry): readonly number[] {
  return [
    1,
    errorStatuses.has(call.status) ? 1 : 0,
    call.status === 'rejected' ? 1 : 0,
    call.status === 'cache_hit' ? 1 : 0,
    call.latencyMs ?? 0,
    call.latencyMs === null ? 0 : 1,
    call.firstOutputMs ?? 0,
    call.firstOutputMs === null ? 0 : 1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
}

function attemptSums(attempt: AttemptEntry): readonly number[] {
  return [
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    isUnpriced(attempt) ? 1 : 0,
    attempt.costNanoUsd ?? 0,
    attempt.inputTokens ?? 0,
    attempt.outputTokens ?? 0,
    attempt.cacheReadTokens ?? 0,
    attempt.cacheWriteTokens ?? 0,
    attempt.reasoningTokens ?? 0,
  ];
}

/** Something was used, or may have been, and nobody knows what it costs. */
function isUnpriced({ phase, costNanoUsd, inputTokens, outputTokens }: AttemptEntry): boolean {
  if (costNanoUsd !== null) return false;
  return phase === 'crash_recovered' || (inputTokens ?? 0) + (outputTokens ?? 0) > 0;
}
