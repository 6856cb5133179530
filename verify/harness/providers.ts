import { createServer } from 'node:net';
import type { ProviderOptions } from '../../src/providers/options.ts';
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

/** The provider that the wall plays in each dialect, as an operator would write it. */
export const playedProviders: Readonly<
  Record<PlayedDialect, (wall: Pick<FakeProvider, 'baseUrl'>) => ProviderOptions>
> = {
  'openai-chat': (wall) => ({ type: 'openai', apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('openai-chat') }),
  'openai-responses': (wall) => ({
    type: 'openai',
    apiKey: 'provider-key-canary-0',
    baseUrl: wall.baseUrl('openai-responses'),
  }),
  'anthropic-messages': (wall) => ({
    type: 'anthropic',
    apiKey: 'provider-key-canary-0',
    baseUrl: wall.baseUrl('anthropic-messages'),
  }),
  'bedrock-converse': (wall) => ({
    type: 'bedrock',
    apiKey: 'provider-key-canary-0',
    region: 'us-east-1',
    baseUrl: wall.baseUrl('bedrock-converse'),
  }),
  'ollama-chat': (wall) => ({ type: 'ollama', baseUrl: wall.baseUrl('ollama-chat') }),
  'cohere-chat': (wall) => ({ type: 'cohere', apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('cohere-chat') }),
  gemini: (wall) => ({ type: 'gemini', apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('gemini') }),
};

/** Every dialect a provider can speak, and a caller, too. */
export const playedDialects = Object.keys(playedProviders) as readonly PlayedDialect[];

/** One fake provider under the names of the dialects it speaks. */
export function providersByDialect(
  wall: Pick<FakeProvider, 'baseUrl'>,
  options: Partial<ProviderOptions> = {},
): Readonly<Record<PlayedDialect, ProviderOptions>> {
  const named = playedDialects.map((dialect) => [dialect, { ...playedProviders[dialect](wall), ...options }] as const);
  return Object.fromEntries(named) as Record<PlayedDialect, ProviderOptions>;
}

/** What a caller of chat completions writes to have a dialect spoken to the provider, with these faults. */
export function modelAt(dialect: PlayedDialect, faults = ''): string {
  // The Responses API alone serves Codex.
  const model = dialect === 'openai-responses' ? 'gpt-5-codex' : 'demo-small';
  return `${dialect}/${model}${faults === '' ? '' : `+${faults}`}`;
}

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
