import { createServer } from 'node:net';
import type { ProviderOptions, ProvidersOptions } from '../../src/providers/options.ts';
import type { FakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';

/** How a gateway is told of a fake provider that speaks OpenAI's dialect. */
export function openaiAt(wall: Pick<FakeProvider, 'baseUrl'>, options: Partial<ProviderOptions> = {}): ProviderOptions {
  return { type: 'openai-compatible', apiKey: 'provider-key', baseUrl: wall.baseUrl('openai-chat'), ...options };
}

/** A provider of this name in each of the three dialects, all of them the same fake one. */
export function everyDialectAt(
  wall: Pick<FakeProvider, 'baseUrl'>,
  options: Partial<ProviderOptions> = {},
): Readonly<Record<'openai' | 'anthropic' | 'gemini', ProviderOptions>> {
  const apiKey = 'provider-key';
  return {
    openai: { apiKey, baseUrl: wall.baseUrl('openai-chat'), ...options },
    anthropic: { apiKey, baseUrl: wall.baseUrl('anthropic-messages'), ...options },
    gemini: { apiKey, baseUrl: wall.baseUrl('gemini'), ...options },
  };
}

/** One fake provider in every dialect there is, and the model by which a caller of chat completions gets each. */
export function playedProviders(
  wall: Pick<FakeProvider, 'baseUrl'>,
  options: Partial<ProviderOptions> = {},
): ProvidersOptions {
  const apiKey = 'provider-key';
  return {
    ...everyDialectAt(wall, options),
    bedrock: { apiKey, baseUrl: wall.baseUrl('bedrock-converse'), region: 'us-east-1', ...options },
    ollama: { baseUrl: wall.baseUrl('ollama-chat'), ...options },
    cohere: { apiKey, baseUrl: wall.baseUrl('cohere-chat'), ...options },
  };
}

export const modelOf: Readonly<Record<PlayedDialect, string>> = {
  'openai-chat': 'openai/demo-small',
  // The Responses API alone serves Codex.
  'openai-responses': 'openai/gpt-5-codex',
  'anthropic-messages': 'anthropic/demo-small',
  gemini: 'gemini/demo-small',
  'bedrock-converse': 'bedrock/demo-small',
  'ollama-chat': 'ollama/demo-small',
  'cohere-chat': 'cohere/demo-small',
};

/** An address where nobody listens. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export const question = { messages: [{ role: 'user', content: 'Say hello.' }] };
