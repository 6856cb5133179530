import type { Call } from '../core/call.ts';
import type { ReplyHeaders } from '../core/reply.ts';
import type { ProviderInstance } from '../providers/provider.ts';
import type { TakenKey } from '../routing/key-ring.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * What a provider may learn of a caller's headers. Hop-by-hop headers, those that `Connection` names, credentials,
 * cookies and addresses are all left out by not standing here (RFC 9110, section 7.6.1).
 */
const forwarded: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-type',
  'if-range',
  'range',
  // https://platform.openai.com/docs/api-reference/debugging-requests
  'openai-beta',
  'idempotency-key',
  // https://docs.anthropic.com/en/api/versioning, https://docs.anthropic.com/en/api/beta-headers
  'anthropic-beta',
  'anthropic-version',
  // https://ai.google.dev/api/files#method:-media.upload
  'x-goog-upload-protocol',
]);

/** A WebSocket's handshake: https://www.rfc-editor.org/rfc/rfc6455#section-4.1 */
const handshake: ReadonlySet<string> = new Set([
  'openai-beta',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]);

/** What a caller may learn of a provider's headers: nothing of the account, no cookie, nothing of who serves it. */
const returned: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'openai-processing-ms',
  'openai-version',
  'request-id',
  'retry-after',
  'retry-after-ms',
]);

/** Request headers as the provider gets them, without its credential. */
export function forwardHeaders(call: Call, instance: ProviderInstance): Record<string, string> {
  return {
    accept: '*/*',
    'user-agent': 'ai-gateway-middleware',
    ...picked(call.head.headers, forwarded),
    // What is not compressed needs no second look at its length, and errors can be read.
    'accept-encoding': 'identity',
    ...instance.headers,
  };
}

/** Headers of a WebSocket's handshake as the provider gets them, without its credential. */
export function handshakeHeaders(call: Call, instance: ProviderInstance): Record<string, string> {
  return {
    'user-agent': 'ai-gateway-middleware',
    ...picked(call.head.headers, handshake),
    ...instance.headers,
    connection: 'Upgrade',
    upgrade: 'websocket',
  };
}

/** The header that carries the provider's key. */
export function credentialHeader(
  { provider }: ProviderInstance,
  key: TakenKey | undefined,
): Readonly<Record<string, string>> {
  const placement = provider.credential;
  if (key === undefined || placement === undefined) return {};
  return { [placement.header]: placement.header === 'authorization' ? `${placement.scheme} ${key.key}` : key.key };
}

/** Response headers as the caller gets them. */
export function returnHeaders(headers: Headers): Record<string, string> {
  const passed = picked(headers, returned);
  for (const name in headers) {
    if (name.startsWith('x-ratelimit-')) passed[name] = String(headers[name]);
  }
  return {
    ...passed,
    // A provider's bytes are whatever somebody uploaded there: no shared cache keeps them, no browser guesses at them.
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}

/** Headers of a successful handshake as the caller gets them. */
export function handshakeAnswer(headers: Headers, own: ReplyHeaders): Readonly<Record<string, string>> {
  const { 'sec-websocket-key': _key, ...known } = picked(headers, new Set([...handshake, 'sec-websocket-accept']));
  return {
    ...known,
    connection: 'Upgrade',
    upgrade: 'websocket',
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [name, String(value)])),
  };
}

function picked(headers: Headers, names: ReadonlySet<string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) found[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return found;
}
