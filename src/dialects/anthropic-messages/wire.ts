import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Extensions } from '../canonical.ts';
import { ownFields } from '../own-fields.ts';

/** https://platform.claude.com/docs/en/api/messages */
export const dialect = 'anthropic-messages';

export const { opaque, ownExtensions, ownValue, withExtensions } = ownFields(dialect);

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

/**
 * Extension fields of a block or a tool. `cache_control` is accepted from OpenAI callers, too, who have no word of their
 * own for it: https://openrouter.ai/docs/guides/best-practices/prompt-caching
 */
export function blockExtensions(extensions: Extensions | undefined, dropped: Set<string>): JsonObject {
  const foreign = extensions?.['openai-chat'];
  if (!isJsonObject(foreign?.cache_control)) return ownExtensions(extensions, dropped);
  const { cache_control, ...rest } = foreign;
  return { cache_control, ...ownExtensions({ ...extensions, 'openai-chat': rest }, dropped) };
}
