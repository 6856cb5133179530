import { chunksPerStream, completionTokens, padded, promptTokens, streamPieces, wholeText } from './text.ts';
import type { Upstream } from './upstream.ts';

const served = 'gpt-4o-2024-08-06';
const usage = {
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
};

/** A chat request of `bodyBytes`, in the form every contender that is called the OpenAI way gets. */
export function openaiRequest(model: string, stream: boolean): string {
  return padded((filler) => ({
    model,
    messages: [
      { role: 'system', content: 'You are a careful assistant. Answer in one paragraph.' },
      { role: 'user', content: filler },
    ],
    max_tokens: 512,
    temperature: 0.7,
    ...(stream && { stream: true }),
  }));
}

function answer(filler: string): object {
  return {
    id: 'chatcmpl-BenchBenchBenchBenchBench',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: served,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: wholeText(filler), refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage,
    service_tier: 'default',
    system_fingerprint: 'fp_0123456789',
  };
}

function chunk(choices: readonly object[], extra: object): string {
  const body = {
    id: 'chatcmpl-BenchBenchBenchBenchBench',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: served,
    service_tier: 'default',
    system_fingerprint: 'fp_0123456789',
    choices,
    ...extra,
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

function choice(delta: object, finishReason: string | null): object {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

/**
 * The stream as OpenAI sends it: with `include_usage` every chunk has `usage: null` and one more chunk, without choices,
 * carries it. https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function openaiFrames(includeUsage: boolean): readonly string[] {
  const extra = includeUsage ? { usage: null } : {};
  return streamPieces.map((piece, index) => {
    const start = index === 0 ? chunk([choice({ role: 'assistant', content: '', refusal: null }, null)], extra) : '';
    const delta = chunk([choice({ content: piece }, null)], extra);
    if (index < chunksPerStream - 1) return start + delta;
    return `${delta}${chunk([choice({}, 'stop')], extra)}${includeUsage ? chunk([], { usage }) : ''}data: [DONE]\n\n`;
  });
}

const whole = padded(answer);

export const openai: Upstream = {
  name: 'openai',
  model: 'gpt-4o',
  path: () => '/v1/chat/completions',
  request: (stream) => openaiRequest('gpt-4o', stream),
  whole,
  wholeText: JSON.parse(whole).choices[0].message.content,
  frames: openaiFrames(false),
};
