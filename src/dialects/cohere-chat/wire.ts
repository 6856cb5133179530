import { ownFields } from '../own-fields.ts';

/** https://docs.cohere.com/reference/chat */
export const dialect = 'cohere-chat';

export const { ownExtensions, withExtensions } = ownFields(dialect);

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
