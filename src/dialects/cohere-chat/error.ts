import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { FaultKind, UpstreamFault } from '../canonical.ts';
import type { HeaderReader } from '../dialect.ts';
import {
  faultKindOfStatus,
  maskSecrets,
  readErrorContent,
  readRetryAfter,
  saysContextOverflow,
  saysInvalidCredential,
  saysOutOfMoney,
} from '../fault-text.ts';

/** A trial key's calls of a month, or of all time: https://docs.cohere.com/docs/rate-limits */
const monthlyLimit = /\bcalls? ?(?:\/|per|a) ?month\b/i;

/** "too many tokens: max tokens must be less than or equal to 4096" is about the answer, not the prompt. */
const answerTooLong = /\bmax[_ ]tokens must be\b/i;

const stoppedByFilter = /\bcontent (?:filter|policy|moderation)/i;

/** `{id, message}`, or anything a proxy made up: https://docs.cohere.com/reference/errors. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault {
  const { json, text } = readErrorContent(body);
  const message = messageOf(asObject(json) ?? {}) ?? text;
  const code = asString(asObject(json)?.error_type);
  const param = blamedParameter(message);
  const retryAfterMs = status >= 400 ? readRetryAfter(headers, message) : undefined;
  return {
    kind: kindOf(message, kindOfStatus(status)),
    message: maskSecrets(message),
    status,
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function messageOf(body: JsonObject): string | undefined {
  const error = asObject(body.error);
  return asString(body.message) ?? asString(error?.message) ?? asString(body.error) ?? asString(body.detail);
}

/** 498 is an invalid token to Cohere's own clients, 499 a request whose sender went away. */
function kindOfStatus(status: number): FaultKind {
  if (status === 498) return 'auth';
  return status === 499 ? 'server_error' : faultKindOfStatus(status);
}

function kindOf(message: string, kind: FaultKind): FaultKind {
  if (kind === 'rate_limit') return monthlyLimit.test(message) || saysOutOfMoney(message) ? 'quota' : kind;
  if (kind !== 'invalid_request') return kind;
  if (answerTooLong.test(message)) return kind;
  if (saysContextOverflow(message)) return 'context_window';
  if (stoppedByFilter.test(message)) return 'content_filter';
  if (saysInvalidCredential(message)) return 'auth';
  return saysOutOfMoney(message) ? 'quota' : kind;
}

function blamedParameter(message: string): string | undefined {
  return answerTooLong.test(message) ? 'max_tokens' : undefined;
}

/** What an answer says that ended with `ERROR` or `TIMEOUT`: fields of `message-end`, or of a whole answer. */
export function decodeFailure(end: JsonObject): UpstreamFault {
  const code = asString(end.error_type);
  const message = asString(end.error) ?? '';
  return {
    kind: end.finish_reason === 'TIMEOUT' ? 'timeout' : 'server_error',
    message: maskSecrets(message),
    ...(code !== undefined && { code }),
  };
}

/** An error body inside a 200. */
export function decodeErrorBody(body: JsonObject): UpstreamFault {
  return { kind: 'server_error', message: maskSecrets(messageOf(body) ?? '') };
}

/** An event that cannot be read. */
export function malformed(what: string): UpstreamFault {
  return { kind: 'invalid_response', message: `The provider sent an event that cannot be read: ${what}.` };
}
