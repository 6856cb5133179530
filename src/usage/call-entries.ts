import type { Call, Caller } from '../core/call.ts';
import type { AttemptRecord, Settlement } from '../core/settlement.ts';
import type { Usage, UsageSource } from '../core/usage.ts';
import type { AttemptEntry, AttemptPhase, CallEntry, LedgerOwner, LedgerTokens } from './ledger.ts';

/** Longest text a column takes from a caller; the rest is cut off. */
const maxText = 256;
const maxTags = 16;

export function reserveEntry(call: Call, attempt: AttemptRecord, callId: string): AttemptEntry {
  return attemptEntry({ call, attempt, callId, phase: 'reserve' });
}

/** The terminal line of an attempt whose record is complete. */
export function endEntry(call: Call, attempt: AttemptRecord, callId: string): AttemptEntry {
  return attemptEntry({ call, attempt, callId, phase: attempt.status === 'not_sent' ? 'release' : 'settle' });
}

interface AttemptLine {
  readonly call: Call;
  readonly attempt: AttemptRecord;
  readonly callId: string;
  readonly phase: AttemptPhase;
}

function attemptEntry({ call, attempt, callId, phase }: AttemptLine): AttemptEntry {
  const { runtime } = call;
  const { startedAt, endedAt, firstOutputAt } = attempt;
  const wall = runtime.wallTime();
  const clock = runtime.now();
  // One spread, and in front: that is a copy; each further one would be an assignment for every member of it.
  return {
    ...ownerAndTokens(call.caller, attempt),
    entry: 'attempt',
    phase,
    attemptId: `${callId}-${attempt.number}`,
    callId,
    requestId: cut(call.id),
    number: attempt.number,
    requestedModel: textOrNull(call.requestedModel),
    provider: cut(attempt.provider),
    model: cut(attempt.model),
    keyNumber: attempt.keyNumber ?? null,
    status: attempt.status ?? null,
    fault: attempt.fault ?? null,
    httpStatus: attempt.httpStatus ?? null,
    costNanoUsd: attempt.cost?.nanoUsd ?? null,
    priceVersion: attempt.cost?.priceVersion ?? null,
    reservedAt: Math.round(wall - (clock - startedAt)),
    at: Math.round(wall - (endedAt === undefined ? 0 : clock - endedAt)),
    latencyMs: endedAt === undefined ? null : Math.round(endedAt - startedAt),
    firstOutputMs: firstOutputAt === undefined ? null : Math.round(firstOutputAt - startedAt),
  };
}

export function callEntry(call: Call, settlement: Settlement, callId: string): CallEntry {
  const { attempts, error, firstOutputMs } = settlement;
  const endedAt = Math.round(call.runtime.wallTime());
  const latencyMs = Math.round(settlement.latencyMs);
  return {
    ...ownerAndTokens(call.caller, settlement),
    entry: 'call',
    callId,
    requestId: cut(call.id),
    tags: tagsOf(call.caller),
    operation: call.operation,
    dialect: call.dialect,
    stream: call.stream ? 1 : 0,
    requestedModel: textOrNull(call.requestedModel),
    provider: textOrNull(settlement.provider),
    model: textOrNull(settlement.model),
    status: isCacheHit(call, settlement) ? 'cache_hit' : settlement.status,
    errorCode: error?.code ?? null,
    httpStatus: settlement.httpStatus,
    attempts: attempts.length,
    costNanoUsd: settlement.cost ?? null,
    createdAt: endedAt - latencyMs,
    endedAt,
    latencyMs,
    firstOutputMs: firstOutputMs === undefined ? null : Math.round(firstOutputMs),
  };
}

const asksModels: ReadonlySet<string> = new Set(['chat', 'embeddings', 'images']);

/** Answered, and nobody was asked. */
function isCacheHit({ operation }: Call, { status, attempts }: Settlement): boolean {
  return status === 'ok' && attempts.length === 0 && asksModels.has(operation);
}

interface Counted {
  readonly usage?: Usage | undefined;
  readonly usageSource?: UsageSource;
}

function ownerAndTokens(
  { keyId, user, team, project, feature }: Caller,
  { usage, usageSource }: Counted,
): LedgerOwner & LedgerTokens {
  return {
    keyId: cut(keyId),
    user: textOrNull(user),
    team: textOrNull(team),
    project: textOrNull(project),
    feature: textOrNull(feature),
    inputTokens: usage?.inputTokens ?? null,
    outputTokens: usage?.outputTokens ?? null,
    cacheReadTokens: usage?.cacheReadTokens ?? null,
    cacheWriteTokens: usage?.cacheWriteTokens ?? null,
    reasoningTokens: usage?.reasoningTokens ?? null,
    usageSource: usageSource ?? null,
  };
}

function tagsOf({ tags }: Caller): string | null {
  return tags === undefined || tags.length === 0 ? null : JSON.stringify(tags.slice(0, maxTags).map(cut));
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : cut(text);
}

/** PostgreSQL takes no NUL in a text, and half a surrogate pair is no text at all. */
function cut(text: string): string {
  const short = text.length > maxText ? text.slice(0, maxText) : text;
  return short.includes('\0') || !short.isWellFormed() ? short.replaceAll('\0', '').toWellFormed() : short;
}
