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
import { parseFrame } from '../parse-frame.ts';

/**
 * By type in lower case, without `Exception`: in streams it begins with a small letter.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
 */
const kinds: ReadonlyMap<string, FaultKind> = new Map([
  ['accessdenied', 'auth'],
  ['expiredtoken', 'auth'],
  ['incompletesignature', 'auth'],
  ['invalidclienttokenid', 'auth'],
  ['invalidsignature', 'auth'],
  ['missingauthenticationtoken', 'auth'],
  ['notauthorized', 'auth'],
  ['optinrequired', 'auth'],
  ['unrecognizedclient', 'auth'],
  ['validation', 'invalid_request'],
  ['conflict', 'invalid_request'],
  ['servicequotaexceeded', 'quota'],
  ['resourcenotfound', 'model_not_found'],
  ['throttling', 'rate_limit'],
  ['modeltimeout', 'timeout'],
  ['modelerror', 'server_error'],
  ['modelstreamerror', 'server_error'],
  ['modelnotready', 'server_error'],
  ['internalserver', 'server_error'],
  ['internalfailure', 'server_error'],
  ['serviceunavailable', 'server_error'],
]);

/** The credential is good, but the account has not this model, or not in this way. Other models may serve. */
const noSuchModel =
  /\bmodel identifier is invalid\b|\baccess to the model\b|\bon-demand throughput\b|\bend of its life\b|\bmodel is not supported\b/i;

const filtered = /\bblocked by (?:the )?content filter|\bcontent filter(?:ing)? policy\b/i;

/** An error answer: Bedrock's own, or anything a proxy made up. Never throws. */
export function decodeError(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault {
  const { json, text } = readErrorContent(body);
  const wording = messageIn(json) ?? text;
  const type = shortType(headers('x-amzn-errortype') ?? asString(asObject(json)?.__type));
  const retryAfterMs = status >= 400 ? readRetryAfter(headers, wording) : undefined;
  return {
    kind: kindOf(wording, type, faultKindOfStatus(status)),
    message: masked(wording),
    status,
    ...(type !== undefined && { code: type }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** An error object that stands where an answer should be. */
export function decodeErrorObject(body: JsonObject): UpstreamFault {
  return faultOf(messageIn(body) ?? '', shortType(asString(body.__type)));
}

/**
 * A frame that reports a failure, `exception:<type>` or `error:<code>`.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html
 */
export function decodeExceptionFrame(event: string, data: string): UpstreamFault {
  return faultOf(messageIn(parseFrame(data)) ?? '', shortType(event.slice(event.indexOf(':') + 1)));
}

function faultOf(message: string, type: string | undefined): UpstreamFault {
  return {
    kind: kindOf(message, type, 'server_error'),
    message: masked(message),
    ...(type !== undefined && { code: type }),
  };
}

function messageIn(json: JsonValue | undefined): string | undefined {
  const body = asObject(json);
  return asString(body?.message) ?? asString(body?.Message) ?? asString(asObject(body?.error)?.message);
}

/** `ValidationException:http://internal.amazon.com/...` and `com.amazon.coral.service#ValidationException` without the rest. */
function shortType(type: string | undefined): string | undefined {
  const short = type?.split(':')[0]?.split('#').at(-1)?.trim();
  return short === '' ? undefined : short;
}

function kindOf(message: string, type: string | undefined, fallback: FaultKind): FaultKind {
  const kind = kinds.get((type ?? '').toLowerCase().replace(/exception$/, '')) ?? fallback;
  if ((kind === 'invalid_request' || kind === 'auth') && noSuchModel.test(message)) return 'model_not_found';
  if (kind === 'invalid_request' && saysContextOverflow(message)) return 'context_window';
  if (kind === 'invalid_request' && filtered.test(message)) return 'content_filter';
  return (kind === 'invalid_request' || kind === 'rate_limit') && saysOutOfMoney(message) ? 'quota' : kind;
}

/** AWS names the caller and the account in its refusals. */
const principal = /\barn:aws[\w-]*:(?:iam|sts)::[^\s"',]+/g;
const account = /(\barn:aws[\w-]*:[\w-]+:[\w-]*:)\d{12}/g;

function masked(text: string): string {
  return maskSecrets(text.slice(0, 2000).replace(principal, '***').replace(account, '$1***'));
}
