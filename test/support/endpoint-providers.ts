import type { ProvidersOptions } from '../../src/providers/options.ts';
import type { FakeProvider } from '../../src/testing/index.ts';

const apiKey = 'provider-key-canary-0123456789';

/** One fake provider under the name of every vendor that gives embeddings or pictures, and of one that gives neither. */
export function endpointProviders(wall: FakeProvider): ProvidersOptions {
  const openai = wall.baseUrl('openai-chat');
  return {
    openai: { apiKey, baseUrl: openai },
    azure: { apiKey, baseUrl: wall.url },
    gemini: { apiKey, baseUrl: wall.baseUrl('gemini') },
    vertex: { apiKey, baseUrl: wall.url, project: 'demo-project', location: 'global' },
    mistral: { apiKey, baseUrl: openai },
    cohere: { apiKey, baseUrl: wall.url },
    bedrock: { apiKey, baseUrl: wall.url, region: 'eu-west-1' },
    ollama: { baseUrl: wall.url },
    together: { apiKey, baseUrl: openai },
    'hugging-face': { apiKey, baseUrl: openai },
    vllm: { baseUrl: openai },
    local: { type: 'openai-compatible', baseUrl: openai },
    anthropic: { apiKey, baseUrl: wall.baseUrl('anthropic-messages') },
  };
}
