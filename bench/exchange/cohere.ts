import type { Exchange } from './exchange.ts';
import { chunksPerStream, completionTokens, padded, promptTokens, streamPieces, wholeText } from './text.ts';

const model = 'command-a-03-2025';
const id = '00000000-1111-4222-8333-444444444444';

function request(stream: boolean): string {
  return padded((filler) => ({
    model,
    messages: [
      { role: 'system', content: 'You are a careful assistant. Answer in one paragraph.' },
      { role: 'user', content: filler },
    ],
    max_tokens: 512,
    temperature: 0.7,
    stream,
  }));
}

const tokens = { input_tokens: promptTokens, output_tokens: completionTokens };
const usage = { billed_units: tokens, tokens };

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** https://docs.cohere.com/docs/streaming */
const opening =
  event('message-start', {
    id,
    delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
  }) + event('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } });
const closing =
  event('content-end', { index: 0 }) +
  event('message-end', { delta: { finish_reason: 'COMPLETE', usage } }) +
  'data: [DONE]\n\n';

export const cohere: Exchange = {
  dialect: 'cohere-chat',
  model,
  request,
  whole: padded((filler) => ({
    id,
    message: { role: 'assistant', content: [{ type: 'text', text: wholeText(filler) }] },
    finish_reason: 'COMPLETE',
    usage,
  })),
  frames: streamPieces.map((text, index) => {
    const delta = event('content-delta', { index: 0, delta: { message: { content: { text } } } });
    return (index === 0 ? opening : '') + delta + (index === chunksPerStream - 1 ? closing : '');
  }),
};
