import type { RequestHead } from '../core/call.ts';
import type { DialectName } from '../core/dialect-name.ts';

/** What a request brings to prove who it is. */
export type Credential =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'missing' }
  /** Two different ones: taking either would be a guess. */
  | { readonly kind: 'ambiguous' };

const missing: Credential = { kind: 'missing' };
const ambiguous: Credential = { kind: 'ambiguous' };

/** Request headers that can carry a key, by the SDKs that send them: all, Anthropic, Azure OpenAI, Google. */
export const credentialHeaders = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;

/**
 * The one key of a request. Read from the headers as sent: Node's `headers` keeps the first `Authorization` of several
 * and says nothing of the others. The same key in several places is one key.
 */
export function readCredential(head: RequestHead, dialect: DialectName): Credential {
  const { rawHeaders } = head;
  let key: string | undefined;
  let authorization: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = credentialHeader(rawHeaders[index] ?? '');
    if (name === undefined) continue;
    const value = rawHeaders[index + 1] ?? '';
    const found = name === 'authorization' ? bearerToken(value) : value;
    if (name === 'authorization') {
      const sent = found ?? value;
      if (authorization !== undefined && authorization !== sent) return ambiguous;
      authorization = sent;
    }
    if (found === undefined || found === '') continue;
    if (key !== undefined && key !== found) return ambiguous;
    key = found;
  }
  // Google's SDKs and examples put the key into the query: https://ai.google.dev/gemini-api/docs/api-key
  if (dialect !== 'gemini') return key === undefined ? missing : { kind: 'key', key };
  return withQueryKeys(key, head.path);
}

function withQueryKeys(headerKey: string | undefined, path: string): Credential {
  const query = path.indexOf('?');
  const inQuery = query === -1 ? [] : new URLSearchParams(path.slice(query + 1)).getAll('key');
  const keys = new Set(inQuery.filter((key) => key !== ''));
  if (headerKey !== undefined) keys.add(headerKey);
  if (keys.size > 1) return ambiguous;
  const [key] = keys;
  return key === undefined ? missing : { kind: 'key', key };
}

/** The lower-case name when the header can carry a key. The length first: this runs for every header of every request. */
function credentialHeader(name: string): (typeof credentialHeaders)[number] | undefined {
  switch (name.length) {
    case 13:
      return name.toLowerCase() === 'authorization' ? 'authorization' : undefined;
    case 9:
      return name.toLowerCase() === 'x-api-key' ? 'x-api-key' : undefined;
    case 7:
      return name.toLowerCase() === 'api-key' ? 'api-key' : undefined;
    case 14:
      return name.toLowerCase() === 'x-goog-api-key' ? 'x-goog-api-key' : undefined;
    default:
      return undefined;
  }
}

/** The token of a `Bearer` credential (RFC 6750, section 2.1; schemes are case-insensitive); `undefined` for other schemes. */
function bearerToken(value: string): string | undefined {
  return value.slice(0, 7).toLowerCase() === 'bearer ' ? value.slice(7).trim() : undefined;
}
