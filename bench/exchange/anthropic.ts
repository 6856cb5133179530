import { chunksPerStream, completionTokens, padded, promptTokens, streamPieces, wholeText } from './text.ts';
import type { Upstream } from './upstream.ts';

const model = 'claude-sonnet-4-20250514';

function request(stream: boolean): string {
  return padded((filler) => ({
    model,
    system: 'You are a careful assistant. Answer in one paragraph.',
    messages: [{ role: 'user', content: filler }],
    max_tokens: 512,
    temperature: 0.7,
    ...(stream && { stream: true }),
  }));
}

const inputUsage = {
  input_tokens: promptTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  service_tier: 'standard',
};

function answer(filler: string): object {
  return {
    id: 'msg_01BenchBenchBenchBench',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: wholeText(filler) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { ...inputUsage, output_tokens: completionTokens },
  };
}

function event(data: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
const opening =
  event({
    type: 'message_start',
    message: {
      id: 'msg_01BenchBenchBenchBench',
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...inputUsage, output_tokens: 1 },
    },
  }) +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
  event({ type: 'ping' });

const closing =
  event({ type: 'content_block_stop', index: 0 }) +
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: completionTokens },
  }) +
  event({ type: 'message_stop' });

const whole = padded(answer);

export const anthropic: Upstream = {
  name: 'anthropic',
  model,
  path: () => '/v1/messages',
  request,
  whole,
  wholeText: JSON.parse(whole).content[0].text,
  frames: streamPieces.map((text, index) => {
    const delta = event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
    return (index === 0 ? opening : '') + delta + (index === chunksPerStream - 1 ? closing : '');
  }),
};
