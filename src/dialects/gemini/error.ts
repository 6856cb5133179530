import {
  asArray,
  asNumber,
  asObject,
  asString,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import type { FaultKind, UpstreamFault } from '../canonical.ts';
import type { HeaderReader } from '../dialect.ts';
import {
  durationMs,
  faultKindOfStatus,
  maskSecrets,
  readErrorContent,
  readRetryAfter,
  retryHintInText,
  saysContextOverflow,
  saysInvalidCredential,
} from '../fault-text.ts';
import { wireList, wireObjects } from './wire.ts';

/*
 * `{error: {code, message, status, details}}`, at times inside an array.
 *
 * https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193
 */

/** Reads any error answer. */
export function decodeError(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault {
  const { json, text } = readErrorContent(body);
  const error = errorObject(json);
  const fault = error === undefined ? undefined : readError(error, status);
  const message = fault?.message ?? maskSecrets(text);
  const retryAfterMs = fault?.retryAfterMs ?? readRetryAfter(headers, message);
  return {
    kind: fault?.kind ?? kindOf({ status, text }),
    ...fault,
    message,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The error inside an answer that came with status 200. @param value what stands under `error` */
export function faultOfError(value: JsonValue): UpstreamFault {
  const error = asObject(value) ?? { message: asString(value) };
  const status = httpStatus(error);
  const fault = readError(error, status);
  const retryAfterMs = fault.retryAfterMs ?? retryHintInText(fault.message);
  return {
    ...fault,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The model broke its own answer off, e.g. with a function call that cannot be read. */
export function breakdownFault(finishReason: string, finishMessage: string | undefined): UpstreamFault {
  return { kind: 'invalid_response', message: maskSecrets(finishMessage ?? ''), code: finishReason };
}

function errorObject(json: JsonValue | undefined): JsonObject | undefined {
  const [first] = wireList(json);
  const error = asObject(first)?.error;
  if (isJsonObject(error)) return error;
  return typeof error === 'string' ? { message: error } : undefined;
}

function readError(error: JsonObject, status: number | undefined): UpstreamFault {
  const text = asString(error.message) ?? '';
  const details = wireObjects(error.details);
  const code = asString(error.status) ?? reasonOf(details);
  const param = blamedField(details);
  const retryAfterMs = retryDelay(details);
  return {
    kind: kindOf({ status, text: `${text} ${reasonOf(details) ?? ''}`, code, details }),
    message: maskSecrets(text),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

interface Evidence {
  readonly status: number | undefined;
  readonly text: string;
  readonly code?: string | undefined;
  readonly details?: readonly JsonObject[];
}

function kindOf({ status, text, code, details = [] }: Evidence): FaultKind {
  // A key that Google does not know is answered with 400.
  if (saysInvalidCredential(text)) return 'auth';
  if (saysContextOverflow(text)) return 'context_window';
  const kind = statusKind(status, code);
  return kind === 'rate_limit' && isUsedUp(details) ? 'quota' : kind;
}

/** https://google.aip.dev/193 with https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const httpStatuses: ReadonlyMap<string, number> = new Map<string, number>([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['OUT_OF_RANGE', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['RESOURCE_EXHAUSTED', 429],
  ['CANCELLED', 499],
  ['INTERNAL', 500],
  ['UNKNOWN', 500],
  ['DATA_LOSS', 500],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]);

function statusKind(status: number | undefined, code: string | undefined): FaultKind {
  const said = code === undefined ? undefined : httpStatuses.get(code);
  return faultKindOfStatus(status ?? said ?? 500);
}

/** The HTTP status an error object stands for. */
function httpStatus(error: JsonObject): number | undefined {
  const code = asNumber(error.code);
  if (code !== undefined && code >= 400 && code <= 599) return code;
  return httpStatuses.get(asString(error.status) ?? '');
}

/** A day's quota comes back tomorrow, the one of a minute soon. */
function isUsedUp(details: readonly JsonObject[]): boolean {
  return details.some((detail) =>
    asArray(detail.violations).some((violation) => /PerDay/.test(asString(asObject(violation)?.quotaId) ?? '')),
  );
}

function retryDelay(details: readonly JsonObject[]): number | undefined {
  const delay = details.map((detail) => asString(detail.retryDelay)).find((text) => text !== undefined);
  return delay === undefined ? undefined : durationMs(delay);
}

function reasonOf(details: readonly JsonObject[]): string | undefined {
  return details.map((detail) => asString(detail.reason)).find((reason) => reason !== undefined);
}

function blamedField(details: readonly JsonObject[]): string | undefined {
  const violations = details.flatMap((detail) => asArray(detail.fieldViolations));
  return violations.map((violation) => asString(asObject(violation)?.field)).find((field) => field !== undefined);
}
