import type { Call, SkippedTarget } from '../core/call.ts';
import type { NanoUsd } from '../core/cost.ts';
import type { GatewayError } from '../core/errors.ts';
import type { AttemptRecord, Settlement } from '../core/settlement.ts';
import { usdOf } from '../core/usd.ts';
import { describeThrown } from './describe-thrown.ts';
import type { LogEntry, LogLevel } from './options.ts';

/** The line of a call. What is not known is left out. `docs/telemetry.md` says what each field means. */
export interface CallLine extends LogEntry {
  readonly message: 'call';
  request_id: string;
  status: string;
  http_status: number;
  error_code?: string;
  provider_code?: string;
  error_message?: string;
  error_cause?: string;
  error_stack?: string;
  operation: string;
  dialect: string;
  method?: string;
  path?: string;
  requested_model?: string;
  provider?: string;
  model?: string;
  stream: boolean;
  latency_ms: number;
  first_token_ms?: number;
  input_tokens?: number;
  output_tokens?: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
  reasoning_tokens?: number;
  usage_source?: string;
  cost_usd?: number | null;
  finish_reason?: string;
  dropped_params?: readonly string[];
  skipped?: readonly SkippedTarget[];
  attempts: number;
  attempt_list?: readonly AttemptLine[];
  key_id: string;
  user?: string;
  team?: string;
  project?: string;
  feature?: string;
  tags?: readonly string[];
}

export interface AttemptLine {
  provider: string;
  model: string;
  status?: string;
  fault?: string;
  http_status?: number;
  ms?: number;
  cost_usd?: number | null;
}

/** More than one call can sensibly make; bounds the line. */
const maxAttempts = 10;
const maxListed = 16;

/** `info` for what went as it should, `warn` for what a provider did, `error` for what is ours. */
export function callLevel({ status, error }: Settlement): LogLevel {
  if (error?.code === 'internal_error' || error?.code === 'wrong_mount') return 'error';
  return status === 'ok' || status === 'rejected' || status === 'client_abort' ? 'info' : 'warn';
}

export interface CallLineHead {
  readonly level: LogLevel;
  readonly time: string;
  /** Whether the line says what only somebody looking for a fault wants to read. */
  readonly verbose: boolean;
}

/** Assigned member by member: a spread for each optional field would cost more than all the rest. */
export function callLine(call: Call, settlement: Settlement, { level, time, verbose }: CallLineHead): CallLine {
  const { attempts, error } = settlement;
  const line: CallLine = {
    level,
    message: 'call',
    time,
    request_id: call.id,
    status: settlement.status,
    http_status: settlement.httpStatus,
    operation: call.operation,
    dialect: call.dialect,
    stream: call.stream,
    latency_ms: tenths(settlement.latencyMs),
    attempts: attempts.length,
    key_id: call.caller.keyId,
  };
  if (error !== undefined) addError(line, error);
  if (verbose || call.operation !== 'chat') addTarget(line, call);
  addModel(line, call, settlement);
  addUsage(line, settlement);
  if (call.droppedParams.length > 0) line.dropped_params = call.droppedParams.slice(0, maxListed);
  if (call.skipped.length > 0) line.skipped = call.skipped.slice(0, maxListed);
  if (attempts.length > 1 || (verbose && attempts.length > 0)) {
    line.attempt_list = attempts.slice(0, maxAttempts).map(attemptLine);
  }
  addCaller(line, call);
  return line;
}

/** Never a message that is not ours: a provider's, or that of a thrown error, can quote the prompt. */
function addError(line: CallLine, error: GatewayError): void {
  line.error_code = error.code;
  if (error.code === 'wrong_mount') line.error_message = error.message;
  if (error.providerCode !== undefined) line.provider_code = error.providerCode;
  const thrown = describeThrown(error.cause);
  if (thrown.cause !== undefined) line.error_cause = thrown.cause;
  if (line.level === 'error' && thrown.stack !== undefined) line.error_stack = thrown.stack;
}

function addTarget(line: CallLine, call: Call): void {
  line.method = call.head.method;
  // Google's SDKs put the key into the query.
  line.path = call.head.path.split('?', 1)[0] ?? '';
}

function addModel(line: CallLine, call: Call, settlement: Settlement): void {
  if (call.requestedModel !== undefined) line.requested_model = call.requestedModel;
  if (settlement.provider !== undefined) line.provider = settlement.provider;
  if (settlement.model !== undefined) line.model = settlement.model;
  if (settlement.firstOutputMs !== undefined) line.first_token_ms = tenths(settlement.firstOutputMs);
  if (settlement.finishReason !== undefined) line.finish_reason = settlement.finishReason;
}

function addUsage(line: CallLine, { usage, usageSource, cost }: Settlement): void {
  if (cost !== undefined) line.cost_usd = dollars(cost);
  if (usageSource !== undefined && usageSource !== 'provider') line.usage_source = usageSource;
  if (usage === undefined) return;
  line.input_tokens = usage.inputTokens;
  line.output_tokens = usage.outputTokens;
  if (usage.cacheReadTokens !== undefined) line.cache_read_tokens = usage.cacheReadTokens;
  if (usage.cacheWriteTokens !== undefined) line.cache_write_tokens = usage.cacheWriteTokens;
  if (usage.reasoningTokens !== undefined) line.reasoning_tokens = usage.reasoningTokens;
}

function addCaller(line: CallLine, { caller }: Call): void {
  if (caller.user !== undefined) line.user = caller.user;
  if (caller.team !== undefined) line.team = caller.team;
  if (caller.project !== undefined) line.project = caller.project;
  if (caller.feature !== undefined) line.feature = caller.feature;
  if (caller.tags !== undefined && caller.tags.length > 0) line.tags = caller.tags.slice(0, maxListed);
}

function attemptLine(attempt: AttemptRecord): AttemptLine {
  const line: AttemptLine = { provider: attempt.provider, model: attempt.model };
  if (attempt.status !== undefined) line.status = attempt.status;
  if (attempt.fault !== undefined) line.fault = attempt.fault;
  if (attempt.httpStatus !== undefined) line.http_status = attempt.httpStatus;
  if (attempt.endedAt !== undefined) line.ms = tenths(attempt.endedAt - attempt.startedAt);
  if (attempt.cost !== undefined) line.cost_usd = dollars(attempt.cost.nanoUsd);
  return line;
}

function dollars(cost: NanoUsd | null): number | null {
  return cost === null ? null : usdOf(cost);
}

/** Milliseconds with one decimal. */
function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
