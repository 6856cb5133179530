import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Extensions, Opaque } from '../canonical.ts';

/** https://platform.claude.com/docs/en/api/messages */
export const dialect = 'anthropic-messages';

/** Top-level keys of a request the canonical form has a place for. */
const canonicalRequestKeys = [
  'model',
  'messages',
  'system',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'metadata',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
] as const;

/** Top-level keys of a request that only this dialect knows, kept as extensions. The last four need a beta header. */
const ownRequestKeys = [
  'service_tier',
  'cache_control',
  'inference_geo',
  'container',
  'context_management',
  'mcp_servers',
  'speed',
] as const;

/** Every top-level key the API takes today; it refuses others with a 400. */
export const requestKeys: ReadonlySet<string> = new Set([...canonicalRequestKeys, ...ownRequestKeys]);

/** Extension keys that may go out again. */
export const passedExtensionKeys: ReadonlySet<string> = new Set(ownRequestKeys);

/**
 * Keys the request decoder reads. `output_format` is the structured output of the beta; `anthropic_version` is what
 * hosts that name the model in the path want in the body, and is theirs to add.
 */
export const decodedRequestKeys: ReadonlySet<string> = new Set([
  ...canonicalRequestKeys,
  'output_format',
  'anthropic_version',
]);

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
export function ownExtensions(extensions: Extensions | undefined, dropped: Set<string>): JsonObject | undefined {
  if (extensions === undefined) return undefined;
  for (const [name, fields] of Object.entries(extensions)) {
    if (name === dialect) continue;
    for (const key of Object.keys(fields)) dropped.add(key);
  }
  return extensions[dialect];
}

/**
 * Extension fields of a block or a tool. `cache_control` is accepted from OpenAI callers, too, who have no word of their
 * own for it: https://openrouter.ai/docs/guides/best-practices/prompt-caching
 */
export function blockExtensions(extensions: Extensions | undefined, dropped: Set<string>): JsonObject | undefined {
  const foreign = extensions?.['openai-chat'];
  if (!isJsonObject(foreign?.cache_control)) return ownExtensions(extensions, dropped);
  const { cache_control, ...rest } = foreign;
  return { cache_control, ...ownExtensions({ ...extensions, 'openai-chat': rest }, dropped) };
}

/** Opaque state of this dialect; nothing for an empty or missing value. */
export function opaque(value: unknown): Opaque | undefined {
  return typeof value === 'string' && value !== '' ? { dialect, value } : undefined;
}

/** The value of opaque state, if this dialect made it. */
export function ownValue(state: Opaque | undefined): string | undefined {
  return state?.dialect === dialect ? state.value : undefined;
}
