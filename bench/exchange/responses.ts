import type { Exchange } from './exchange.ts';
import {
  chunksPerStream,
  completionTokens,
  padded,
  promptTokens,
  streamPieces,
  streamText,
  wholeText,
} from './text.ts';

const model = 'gpt-4o';
const itemId = 'msg_BenchBenchBenchBenchBench';

function request(stream: boolean): string {
  return padded((filler) => ({
    model,
    instructions: 'You are a careful assistant. Answer in one paragraph.',
    input: filler,
    max_output_tokens: 512,
    temperature: 0.7,
    ...(stream && { stream: true }),
  }));
}

const usage = {
  input_tokens: promptTokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: completionTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: promptTokens + completionTokens,
};

function textPart(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function message(status: string, content: readonly object[]): object {
  return { id: itemId, type: 'message', status, content, role: 'assistant' };
}

/** https://platform.openai.com/docs/api-reference/responses/object */
function response(status: string, output: readonly object[]): object {
  return {
    id: 'resp_BenchBenchBenchBenchBench',
    object: 'response',
    created_at: 1_760_000_000,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: 'You are a careful assistant. Answer in one paragraph.',
    max_output_tokens: 512,
    model: 'gpt-4o-2024-08-06',
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: true,
    temperature: 0.7,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: status === 'completed' ? usage : null,
    user: null,
    metadata: {},
  };
}

let written = 0;
function event(type: string, fields: object): string {
  const data = { type, sequence_number: written, ...fields };
  written += 1;
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

const place = { item_id: itemId, output_index: 0, content_index: 0 };

/** https://platform.openai.com/docs/api-reference/responses-streaming */
function frames(): readonly string[] {
  written = 0;
  const opening =
    event('response.created', { response: response('in_progress', []) }) +
    event('response.in_progress', { response: response('in_progress', []) }) +
    event('response.output_item.added', { output_index: 0, item: message('in_progress', []) }) +
    event('response.content_part.added', { ...place, part: textPart('') });
  return streamPieces.map((delta, index) => {
    const piece = event('response.output_text.delta', { ...place, delta, logprobs: [] });
    return (index === 0 ? opening : '') + piece + (index === chunksPerStream - 1 ? closing() : '');
  });
}

function closing(): string {
  const item = message('completed', [textPart(streamText)]);
  return (
    event('response.output_text.done', { ...place, text: streamText, logprobs: [] }) +
    event('response.content_part.done', { ...place, part: textPart(streamText) }) +
    event('response.output_item.done', { output_index: 0, item }) +
    event('response.completed', { response: response('completed', [item]) })
  );
}

export const responses: Exchange = {
  dialect: 'openai-responses',
  model,
  request,
  whole: padded((filler) => response('completed', [message('completed', [textPart(wholeText(filler))])])),
  frames: frames(),
};
