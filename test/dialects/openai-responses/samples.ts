import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { DialectSamples } from '../contract.ts';
import { streamOf } from './wire-events.ts';

/** A response with everything OpenAI puts into one. */
export function responseWith(members: JsonObject): JsonObject {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_750_000_000,
    status: 'completed',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: 'Be brief.',
    max_output_tokens: null,
    model: 'gpt-4.1',
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: {
      input_tokens: 36,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 87,
      output_tokens_details: { reasoning_tokens: 9 },
      total_tokens: 123,
    },
    user: null,
    metadata: { a: 'b' },
    ...members,
  };
}

export function textItem(id: string, text: string, members: JsonObject = {}): JsonObject {
  const content = [{ type: 'output_text', annotations: [], logprobs: [], text }];
  return { type: 'message', id, status: 'completed', role: 'assistant', content, ...members };
}

const call = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'weather',
  arguments: '{"city":"Paris"}',
  status: 'completed',
};

const reasoning = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'Think \u00e9\u4e2d\ud83d\ude00.' }],
  encrypted_content: 'gAAAAAB-opaque+/==',
};

const answers: Readonly<Record<string, JsonObject>> = {
  'a text': responseWith({ output: [textItem('msg_1', 'Hello \u00e9\u4e2d\ud83d\ude00, how are you?')] }),
  'reasoning and calls': responseWith({
    output: [reasoning, call, { ...call, id: 'fc_2', call_id: 'call_2', name: 'now', arguments: '{}' }],
  }),
  'reasoning that shows nothing': responseWith({
    output: [{ type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAAAB' }, textItem('msg_1', 'Yes.')],
  }),
  'several summaries, in different items': responseWith({
    output: [
      { ...reasoning, summary: [...reasoning.summary, { type: 'summary_text', text: '**Then** more' }] },
      { ...reasoning, id: 'rs_3' },
      textItem('msg_1', 'Yes.'),
    ],
  }),
  'reasoning in full': responseWith({
    output: [
      { type: 'reasoning', id: 'rs_4', summary: [], content: [{ type: 'reasoning_text', text: 'We need a city.' }] },
      textItem('msg_1', 'Paris.'),
    ],
  }),
  'messages of several phases and contents': responseWith({
    output: [
      textItem('msg_1', 'I look it up.', { phase: 'commentary' }),
      textItem('msg_2', 'One. ', {
        phase: 'final_answer',
        content: [
          { type: 'output_text', annotations: [], logprobs: [], text: 'One. ' },
          { type: 'refusal', refusal: 'But no two.' },
        ],
      }),
    ],
  }),
  'a refusal': responseWith({
    output: [textItem('msg_1', '', { content: [{ type: 'refusal', refusal: "I'm sorry, no." }] })],
  }),
  'citations and a search': responseWith({
    output: [
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'news' } },
      textItem('msg_1', 'News.', {
        content: [
          {
            type: 'output_text',
            annotations: [{ type: 'url_citation', start_index: 0, end_index: 4, url: 'https://a.example', title: 'A' }],
            logprobs: [],
            text: 'News.',
          },
        ],
      }),
    ],
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3, num_sources_used: 4 },
  }),
  'log probabilities': responseWith({
    output: [
      textItem('msg_1', 'Hi!', {
        content: [
          {
            type: 'output_text',
            annotations: [],
            logprobs: [
              { token: 'Hi', bytes: [72, 105], logprob: -0.25, top_logprobs: [] },
              { token: '!', bytes: [33], logprob: -0.5, top_logprobs: [] },
            ],
            text: 'Hi!',
          },
        ],
      }),
    ],
  }),
  'an answer that ran out of tokens': responseWith({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    output: [textItem('msg_1', 'Once upon', { status: 'incomplete' })],
  }),
  'an answer that was filtered': responseWith({
    status: 'incomplete',
    incomplete_details: { reason: 'content_filter' },
    output: [textItem('msg_1', 'Once', { status: 'incomplete' })],
  }),
  'an empty answer': responseWith({ output: [textItem('msg_1', '')] }),
};

const user = { type: 'message', role: 'user', content: 'Hi' };
const tool = { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} }, strict: true };
const stateless = { store: false };

function request(members: JsonObject): JsonObject {
  return { model: 'gpt-4.1', input: [user], ...stateless, ...members };
}

const bored = responseWith({ status: 'bored', output: [textItem('msg_1', 'Hi')] });

export const samples: DialectSamples = {
  requests: [
    {
      name: 'a request with everything',
      body: request({
        instructions: 'Be brief.',
        input: [
          { type: 'message', role: 'developer', content: 'Speak French.' },
          {
            type: 'message',
            role: 'user',
            content: [
              { type: 'input_text', text: 'What is this?' },
              { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
              { type: 'input_image', file_id: 'file-1' },
              { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' },
              { type: 'input_file', file_url: 'https://a.example/b.pdf' },
            ],
          },
          reasoning,
          {
            type: 'message',
            role: 'assistant',
            id: 'msg_1',
            status: 'completed',
            phase: 'commentary',
            content: [{ type: 'output_text', text: 'I look.', annotations: [] }],
          },
          { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' },
          { type: 'function_call', call_id: 'call_2', name: 'weather', arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
          {
            type: 'function_call_output',
            call_id: 'call_2',
            output: [
              { type: 'input_text', text: 'See:' },
              { type: 'input_image', image_url: 'https://a.example/c.png' },
            ],
          },
          { type: 'message', role: 'assistant', content: 'Sunny.' },
          user,
        ],
        tools: [tool],
        tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'weather' }] },
        parallel_tool_calls: false,
        max_output_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        include: ['web_search_call.action.sources', 'message.output_text.logprobs'],
        top_logprobs: 2,
        text: {
          format: { type: 'json_schema', name: 'a', schema: { type: 'object' }, strict: true },
          verbosity: 'low',
        },
        metadata: { a: 'b' },
        service_tier: 'flex',
        truncation: 'auto',
        user: 'somebody',
        stream: true,
      }),
    },
    {
      name: 'a request to reason',
      body: request({
        model: 'o4-mini',
        reasoning: { effort: 'low', summary: 'auto' },
        include: ['reasoning.encrypted_content'],
      }),
    },
    {
      name: 'a detailed summary',
      body: request({
        model: 'x',
        reasoning: { effort: 'low', summary: 'detailed' },
        include: ['reasoning.encrypted_content'],
      }),
    },
    {
      name: 'tools the provider runs itself, and what they did',
      body: request({
        tools: [tool, { type: 'web_search', search_context_size: 'low' }, { type: 'custom', name: 'exec' }],
        tool_choice: { type: 'web_search' },
        input: [
          user,
          { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'news' } },
          { type: 'custom_tool_call', call_id: 'call_1', name: 'exec', input: 'ls' },
          { type: 'custom_tool_call_output', call_id: 'call_1', output: 'a b' },
          { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
        ],
      }),
    },
    {
      name: 'a text alone, which the provider would keep',
      body: { model: 'gpt-4.1', input: 'Hi' },
      encoded: request({}),
    },
    {
      name: 'a request to keep the answer',
      body: request({ store: true }),
    },
    {
      name: 'defaults written out',
      body: request({
        previous_response_id: null,
        background: false,
        truncation: 'disabled',
        include: [],
        tools: null,
        text: { format: { type: 'text' } },
        stream_options: { include_obfuscation: false },
      }),
      encoded: request({ text: { format: { type: 'text' } } }),
    },
    {
      name: 'a request with fields that speak to the gateway',
      body: request({ models: ['a'], fallback: 'b', fallbacks: [], options: { x: 1 } }),
      encoded: request({}),
    },
    {
      name: 'tool settings without tools',
      body: request({ tool_choice: 'auto', parallel_tool_calls: true }),
      encoded: request({}),
    },
    {
      name: 'an answer sent back as it came',
      body: request({ input: [user, textItem('msg_1', 'Hello.'), { ...call, status: 'completed' }] }),
      encoded: request({
        input: [
          user,
          {
            type: 'message',
            role: 'assistant',
            id: 'msg_1',
            status: 'completed',
            content: [{ type: 'output_text', text: 'Hello.', annotations: [] }],
          },
          { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' },
        ],
      }),
    },
    {
      name: 'ids this gateway made up for another provider',
      body: request({
        input: [
          user,
          { type: 'item_reference', id: 'rs_x_a_0' },
          { ...textItem('msg_x_a_1', 'Hello.'), status: 'completed' },
          { ...call, id: 'fc_x_a_2' },
        ],
      }),
      encoded: request({
        input: [
          user,
          { type: 'message', role: 'assistant', content: 'Hello.' },
          { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' },
        ],
      }),
    },
  ],
  refusedRequests: [
    { name: 'no input', body: { model: 'm' }, param: 'input' },
    { name: 'an empty list of items', body: { model: 'm', input: [] }, param: 'input' },
    { name: 'no model', body: { input: 'Hi' }, param: 'model' },
    { name: 'an item that is none', body: { model: 'm', input: [7] }, param: 'input[0]' },
    { name: 'an unknown role', body: { model: 'm', input: [{ role: 'x', content: '' }] }, param: 'input[0].role' },
    {
      name: 'content that is a number',
      body: { model: 'm', input: [user, { role: 'user', content: 5 }] },
      param: 'input[1].content',
    },
    {
      name: 'a call without an id',
      body: { model: 'm', input: [{ type: 'function_call', name: 'f' }] },
      param: 'input[0].call_id',
    },
    {
      name: 'a result without an id',
      body: { model: 'm', input: [{ type: 'function_call_output', output: '' }] },
      param: 'input[0].call_id',
    },
    {
      name: 'a tool without a name',
      body: { model: 'm', input: 'Hi', tools: [{ type: 'function' }] },
      param: 'tools[0].name',
    },
    { name: 'a temperature in words', body: { model: 'm', input: 'Hi', temperature: 'hot' }, param: 'temperature' },
    { name: 'a stream that is no boolean', body: { model: 'm', input: 'Hi', stream: 'yes' }, param: 'stream' },
    {
      name: 'instructions that are no text',
      body: { model: 'm', input: 'Hi', instructions: 5 },
      param: 'instructions',
    },
  ],
  answers: Object.entries(answers).map(([name, body]) => ({ name, body })),
  streams: Object.entries(answers).map(([name, whole]) => ({ name, whole, events: streamOf(whole) })),
  unknownFinish: { name: 'an unknown status', raw: 'bored', whole: bored, events: streamOf(bored) },
  unknownEvent: { event: 'keepalive', data: '{"type":"keepalive","sequence_number":1}' },
  malformedEvent: { event: 'response.output_text.delta', data: '{"type":"response.output_text.delta","del' },
  errorEvent: {
    event: {
      event: 'error',
      data: '{"type":"error","code":"rate_limit_exceeded","message":"Slow down.","param":null,"sequence_number":3}',
    },
    fault: { kind: 'rate_limit', message: 'Slow down.', code: 'rate_limit_exceeded' },
  },
  errorBody: (message): JsonValue => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  errors: [
    {
      name: 'a model nobody knows, which this API answers with 400',
      status: 400,
      body: {
        error: {
          message: "The requested model 'x' does not exist.",
          type: 'invalid_request_error',
          param: 'model',
          code: 'model_not_found',
        },
      },
      fault: { kind: 'model_not_found', code: 'model_not_found', param: 'model' },
    },
    {
      name: 'a prompt that is too long',
      status: 400,
      body: {
        error: { message: 'Your input exceeds the context window of this model.', code: 'context_length_exceeded' },
      },
      fault: { kind: 'context_window' },
    },
    {
      name: "xAI's wrong key with status 400",
      status: 400,
      body: { code: 'invalid-argument', error: 'Incorrect API key provided: xai-abcdefgh.' },
      fault: { kind: 'auth' },
    },
  ],
};
