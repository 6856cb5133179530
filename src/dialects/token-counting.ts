import type { DialectName } from '../core/dialect-name.ts';
import { asArray, asObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { tokenCount } from '../core/usage.ts';

/** How a dialect asks how many tokens a prompt has, and how it says so. */
export interface TokenCounting {
  /** The chat request a caller wants counted. */
  chatRequest(body: JsonObject): JsonObject;
  /** The question for a provider, from a chat request in its dialect. */
  question(chatRequest: JsonObject, model: string): JsonObject;
  /** `undefined` for what is no answer. */
  decode(answer: JsonValue): number | undefined;
  encode(tokens: number): JsonObject;
}

/** https://docs.anthropic.com/en/api/messages-count-tokens#body */
const anthropicMembers: readonly string[] = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
  'mcp_servers',
  'context_management',
];

const anthropic: TokenCounting = {
  chatRequest: (body) => body,
  question: (request) =>
    Object.fromEntries(anthropicMembers.flatMap((key) => (key in request ? [[key, request[key]]] : []))),
  decode: (answer) => tokenCount(asObject(answer)?.input_tokens),
  encode: (tokens) => ({ input_tokens: tokens }),
};

/** https://ai.google.dev/api/tokens */
const gemini: TokenCounting = {
  chatRequest: (body) => {
    const wrapped = asObject(body.generateContentRequest);
    if (wrapped !== undefined) return wrapped;
    return { ...body, contents: asArray(body.contents) };
  },
  question: (request, model) => ({ generateContentRequest: { ...request, model: `models/${model}` } }),
  decode: (answer) => tokenCount(asObject(answer)?.totalTokens),
  encode: (tokens) => ({ totalTokens: tokens }),
};

/** The dialects that have such a question. */
export const tokenCounting: { readonly [Name in DialectName]?: TokenCounting } = {
  'anthropic-messages': anthropic,
  gemini,
};
