import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { bedrock } from './bedrock.ts';
import { cerebras } from './cerebras.ts';
import { cohere } from './cohere.ts';
import { deepseek } from './deepseek.ts';
import { fireworks } from './fireworks.ts';
import { geminiProvider } from './gemini.ts';
import { groq } from './groq.ts';
import { huggingFace } from './hugging-face.ts';
import { mistral } from './mistral.ts';
import { nvidia } from './nvidia.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity.ts';
import type { Provider } from './provider.ts';
import { together } from './together.ts';
import { vertex } from './vertex.ts';
import { vllm } from './vllm.ts';
import { xai } from './xai.ts';
import { zai } from './zai.ts';

/** Every known provider. Without `GATEWAY_PROVIDERS` this is also their order of priority. */
export const providers: readonly Provider[] = [
  openai,
  anthropic,
  geminiProvider,
  mistral,
  cohere,
  groq,
  together,
  deepseek,
  xai,
  perplexity,
  cerebras,
  fireworks,
  zai,
  nvidia,
  openrouter,
  huggingFace,
  azure,
  bedrock,
  vertex,
  ollama,
  vllm,
  openaiCompatible,
];

const byName: ReadonlyMap<string, Provider> = new Map(
  providers.flatMap((provider) =>
    [provider.name, ...(provider.aliases ?? [])].map((name) => [name, provider] as const),
  ),
);

/** The provider of this name or alias. */
export function findProvider(name: string): Provider | undefined {
  return byName.get(name);
}
