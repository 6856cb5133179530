import type { PlayedDialect } from '../../src/testing/personality.ts';
import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';
import { cohere } from './cohere.ts';
import type { Exchange } from './exchange.ts';
import { gemini } from './gemini.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { responses } from './responses.ts';

/** The same call in every dialect. */
export const exchanges: Readonly<Record<PlayedDialect, Exchange>> = {
  'openai-chat': { ...openai, dialect: 'openai-chat' },
  'openai-responses': responses,
  'anthropic-messages': { ...anthropic, dialect: 'anthropic-messages' },
  gemini: { ...gemini, dialect: 'gemini', origin: { model: gemini.model, stream: true } },
  'bedrock-converse': bedrock,
  'ollama-chat': ollama,
  'cohere-chat': cohere,
};
