import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { deadlineHeader } from '../core/header-names.ts';
import { asObject, type JsonObject } from '../core/json.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { wantsExtendedBody } from './extended-body.ts';

/** What the gateway itself reads from a request, before any dialect does. */
export interface RequestFields {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the caller wants usage inside a stream. */
  readonly includeUsage: boolean;
  /** Models to fall back to, in order. */
  readonly fallback: readonly string[];
  /** Milliseconds the caller gives the first output. */
  readonly deadline?: number;
}

const fallbackFields = ['fallback', 'fallbacks', 'models'] as const;
const maxFallbacks = 16;

/** @throws GatewayError `invalid_request` naming the field */
export function readRequestFields(call: Call, json: JsonObject, dialect: Dialect): RequestFields {
  // What cannot be meant is refused here, before anything is tried.
  wantsExtendedBody(call);
  const deadline = readDeadline(call, json);
  const envelope = dialect.request.envelope(json, call.origin);
  return {
    model: readModel(envelope.model),
    stream: readStream(envelope.stream),
    includeUsage: envelope.includeUsage,
    fallback: readFallback(json),
    ...(deadline !== undefined && { deadline }),
  };
}

function readModel(model: unknown): string {
  if (typeof model === 'string' && model !== '') return model;
  throw invalid('model', 'must be the name of a model, such as `openai/gpt-4o` or `gpt-4o`.');
}

function readStream(stream: unknown): boolean {
  if (stream === undefined || stream === null) return false;
  if (typeof stream === 'boolean') return stream;
  throw invalid('stream', 'must be true or false.');
}

function readFallback(json: JsonObject): readonly string[] {
  const field = fallbackFields.find((name) => json[name] !== undefined);
  const value: unknown = field === undefined ? undefined : json[field];
  if (field === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string' && entry !== '')) {
    throw invalid(field, 'must be a list of model names.');
  }
  if (value.length > maxFallbacks) throw invalid(field, `must not list more than ${maxFallbacks} models.`);
  return value;
}

function readDeadline(call: Call, json: JsonObject): number | undefined {
  const inHeader = call.header(deadlineHeader);
  const inBody = asObject(json.options)?.max_latency_ms;
  const fromHeader = inHeader === undefined ? undefined : positive(Number(inHeader), deadlineHeader);
  const fromBody = inBody === undefined ? undefined : positive(inBody, 'options.max_latency_ms');
  if (fromHeader === undefined || fromBody === undefined) return fromHeader ?? fromBody;
  return Math.min(fromHeader, fromBody);
}

function positive(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(name, 'must be a number of milliseconds greater than 0.');
}

function invalid(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', { param, message: `\`${param}\` ${rule}` });
}
