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

/** `{"error": "text"}`, https://docs.ollama.com/api/errors, or anything a proxy made up. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault {
  const { json, text } = readErrorContent(body);
  const wording = errorText(json) ?? text;
  const code = asString(asObject(asObject(json)?.error)?.code);
  const retryAfterMs = status >= 400 ? readRetryAfter(headers, wording) : undefined;
  return {
    kind: kindOf(wording, faultKindOfStatus(status)),
    message: shown(wording),
    status,
    ...(code !== undefined && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** An `{"error": "text"}` inside a 200: a line of a stream, or where an answer should be. */
export function decodeErrorObject(body: JsonObject): UpstreamFault {
  const wording = errorText(body) ?? '';
  return { kind: kindOf(wording, 'server_error'), message: shown(wording) };
}

/**
 * The cloud's limits per session and week, with status 429: they end in hours or days, or when somebody pays.
 * https://docs.ollama.com/cloud
 */
const usageLimit = /\b(?:session|hourly|daily|weekly|monthly) usage limit\b/i;
/** They name the account. */
const accountName = /\byou \([^)]{1,100}\)/gi;

function shown(wording: string): string {
  return maskSecrets(wording.replace(accountName, 'you'));
}

function errorText(json: JsonValue | undefined): string | undefined {
  const body = asObject(json);
  return asString(body?.error) ?? asString(asObject(body?.error)?.message) ?? asString(body?.message);
}

function kindOf(wording: string, kind: FaultKind): FaultKind {
  if (kind !== 'auth' && saysContextOverflow(wording)) return 'context_window';
  return (kind === 'invalid_request' || kind === 'rate_limit') && (saysOutOfMoney(wording) || usageLimit.test(wording))
    ? 'quota'
    : kind;
}
