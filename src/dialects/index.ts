import type { DialectName } from '../core/dialect-name.ts';
import { GatewayError } from '../core/errors.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import { cohereChat } from './cohere-chat/index.ts';
import type { Dialect } from './dialect.ts';
import { gemini } from './gemini/index.ts';
import { ollamaChat } from './ollama-chat/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import { plainChat } from './plain-chat/index.ts';

/** Every dialect as its vendor defines it: what callers speak to us. Providers bring variants of their own. */
export const dialects = {
  'openai-chat': openaiChat(),
  'openai-responses': openaiResponses(),
  'anthropic-messages': anthropicMessages(),
  gemini: gemini(),
  'bedrock-converse': bedrockConverse(),
  'ollama-chat': ollamaChat(),
  'cohere-chat': cohereChat(),
  'plain-chat': plainChat(),
} as const satisfies Partial<Record<DialectName, Dialect>>;

/** The dialect of this name. */
export function dialectOf(name: DialectName): Dialect {
  const found: Dialect | undefined = name in dialects ? dialects[name as keyof typeof dialects] : undefined;
  if (found === undefined) throw new GatewayError('not_found');
  return found;
}
