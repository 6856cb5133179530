import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Extensions } from '../canonical.ts';

/** https://docs.cohere.com/reference/chat */
export const dialect = 'cohere-chat';

/** Top-level keys of a request the canonical form has a place for. */
const canonicalRequestKeys = [
  'model',
  'messages',
  'stream',
  'tools',
  'tool_choice',
  'strict_tools',
  'response_format',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'k',
  'p',
  'logprobs',
  'thinking',
] as const;

/** Top-level keys of a request that only this dialect knows, kept as extensions. */
const ownRequestKeys = ['documents', 'citation_options', 'safety_mode', 'priority', 'raw_prompting'] as const;

/** Keys the request decoder reads. */
export const decodedRequestKeys: ReadonlySet<string> = new Set(canonicalRequestKeys);

/** Extension keys that may go out again. */
export const passedExtensionKeys: ReadonlySet<string> = new Set(ownRequestKeys);

/** Every top-level key the API takes today; it refuses others with a 400. */
export const requestKeys: ReadonlySet<string> = new Set([...canonicalRequestKeys, ...ownRequestKeys]);

/** The members of an object that are not known and not null, which here means "not given"; nothing when there are none. */
export function givenMembers(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const entries = Object.entries(object).filter(([key, value]) => !known.has(key) && value != null);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** `extensions` with this dialect's fields, ready to be spread; nothing when there are none. */
export function withExtensions(own: JsonObject | undefined): { readonly extensions?: Extensions } {
  return own === undefined ? {} : { extensions: { [dialect]: own } };
}

/** This dialect's own extension fields. The names of all others are reported as dropped. */
export function ownExtensions(extensions: Extensions | undefined, dropped: Set<string>): JsonObject {
  for (const [name, fields] of Object.entries(extensions ?? {})) {
    if (name === dialect) continue;
    for (const key of Object.keys(fields)) dropped.add(key);
  }
  return extensions?.[dialect] ?? {};
}

/** The error of a request that means nothing. */
export function refusal(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', { param, message: `${param}: ${problem}.` });
}
