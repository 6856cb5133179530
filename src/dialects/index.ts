import type { DialectName } from '../core/dialect-name.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import type { Dialect } from './dialect.ts';
import { gemini } from './gemini/index.ts';
import { openaiChat } from './openai-chat/index.ts';

/** Every dialect as its vendor defines it: what callers speak to us. Providers bring variants of their own. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'openai-chat': openaiChat(),
  'anthropic-messages': anthropicMessages(),
  gemini: gemini(),
};
