import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { FaultKind, UpstreamFault } from '../canonical.ts';
import type { HeaderReader } from '../dialect.ts';
import {
  faultKindOfStatus,
  maskSecrets,
  readErrorContent,
  readRetryAfter,
  saysContextOverflow,
  saysOutOfMoney,
} from '../fault-text.ts';

/** https://platform.claude.com/docs/en/api/errors */
const kinds: ReadonlyMap<string, FaultKind> = new Map([
  ['authentication_error', 'auth'],
  ['permission_error', 'auth'],
  ['billing_error', 'quota'],
  ['not_found_error', 'model_not_found'],
  ['request_too_large', 'invalid_request'],
  ['rate_limit_error', 'rate_limit'],
  ['timeout_error', 'timeout'],
  ['api_error', 'server_error'],
  ['overloaded_error', 'server_error'],
]);

/** Limits of spending come with 400 and 429 as well, and end only when somebody pays or the month is over. */
const spendLimit = /\bspend(?:ing)? (?:limit|cap)|\bapi usage limits\b/i;

/** An error answer: the API's own, one of an OpenAI-like host, or anything a proxy made up. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault {
  const { json, text } = readErrorContent(body);
  // Vertex AI wraps the errors of its streaming methods in an array, for Claude as for Gemini.
  const { message, type } = readError(Array.isArray(json) ? json[0] : json);
  const wording = message === '' ? text : message;
  const param = blamedParameter(wording, type);
  const retryAfterMs = status >= 400 ? readRetryAfter(headers, wording) : undefined;
  return {
    kind: kindOf(wording, type, status),
    message: maskSecrets(wording),
    status,
    ...(type !== undefined && { code: type }),
    ...(param !== undefined && { param }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** An `{type: "error", error}` object inside a 200: in a stream, or where an answer should be. */
export function decodeErrorObject(body: JsonObject): UpstreamFault {
  const { message, type } = readError(body);
  return {
    kind: kindOf(message, type, undefined),
    message: maskSecrets(message),
    ...(type !== undefined && { code: type }),
  };
}

function readError(json: JsonValue | undefined): { readonly message: string; readonly type: string | undefined } {
  const body = asObject(json);
  const error = asObject(body?.error) ?? body;
  const message = asString(error?.message) ?? asString(body?.error) ?? asString(body?.detail) ?? '';
  return { message, type: asString(error?.type) ?? asString(error?.code) };
}

function kindOf(message: string, type: string | undefined, status: number | undefined): FaultKind {
  const kind = kinds.get(type ?? '') ?? (status === undefined ? kindInStream(type) : faultKindOfStatus(status));
  if (kind === 'invalid_request' && saysContextOverflow(message)) return 'context_window';
  if (kind === 'invalid_request' && /content filtering policy/i.test(message)) return 'content_filter';
  const mayBeMoney = kind === 'invalid_request' || kind === 'rate_limit';
  return mayBeMoney && (saysOutOfMoney(message) || spendLimit.test(message)) ? 'quota' : kind;
}

/** `invalid_request_error` stands for every 4xx without a type of its own: only where there is no status it decides. */
function kindInStream(type: string | undefined): FaultKind {
  return type === 'invalid_request_error' ? 'invalid_request' : 'server_error';
}

/** "max_tokens: 100000 > 64000" blames `max_tokens`, "messages.0.content: ..." `messages`. */
function blamedParameter(message: string, type: string | undefined): string | undefined {
  return type === 'invalid_request_error' ? /^([a-z][a-z_]{0,40})(?:\.[\w.]{1,200})?: /.exec(message)?.[1] : undefined;
}
