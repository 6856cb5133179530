import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import type { DialectSamples, RequestSample, StreamSample } from '../contract/samples.ts';

export const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const cached = { cache_control: { type: 'ephemeral' } };

export const citySchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

function user(...content: readonly JsonObject[]): JsonObject {
  return { role: 'user', content };
}

function assistant(...content: readonly JsonObject[]): JsonObject {
  return { role: 'assistant', content };
}

function text(words: string): JsonObject {
  return { type: 'text', text: words };
}

const hello = user(text('Hello'));

const requests: readonly RequestSample[] = [
  { name: 'a question', body: { model: 'claude-haiku-4-5', max_tokens: 100, messages: [hello] } },
  {
    name: 'every parameter',
    body: {
      model: 'claude-3-5-haiku-20241022',
      max_tokens: 100,
      system: 'Be brief.',
      messages: [hello],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END', '\n\nHuman:'],
      metadata: { user_id: 'user-17', more: 'kept' },
      service_tier: 'auto',
      inference_geo: 'eu',
      container: 'container_1',
      mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'example' }],
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      cache_control: { type: 'ephemeral' },
      stream: true,
    },
  },
  {
    name: 'cache breakpoints everywhere',
    body: {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      system: [text('Be brief.'), { ...text('Be kind.'), ...cached }],
      messages: [
        user({ ...text('Weather?'), ...cached }),
        assistant({ type: 'tool_use', id: 'toolu_1', name: 'now', input: {}, ...cached }),
        user({ type: 'tool_result', tool_use_id: 'toolu_1', content: 'noon', is_error: false, ...cached }),
      ],
      tools: [
        { name: 'now', description: 'Time', input_schema: { type: 'object' }, ...cached, defer_loading: false },
        { name: 'weather', input_schema: citySchema, strict: true },
        {
          type: 'custom',
          name: 'other',
          input_schema: { type: 'object', properties: {} },
          eager_input_streaming: true,
        },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    },
  },
  {
    name: 'tools the provider runs',
    body: {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [
        user(text('Search.'), { type: 'container_upload', file_id: 'file_1' }),
        assistant(
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ type: 'web_search_result' }] },
          { ...text('Found.'), citations: [{ type: 'web_search_result_location', cited_text: 'x' }] },
        ),
        user(text('More.')),
      ],
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
      tool_choice: { type: 'any' },
    },
  },
  {
    name: 'a tool loop with thinking and its signatures',
    body: {
      model: 'claude-sonnet-4-5',
      max_tokens: 4000,
      messages: [
        user(text('Weather in Paris and Rome?')),
        assistant(
          { type: 'thinking', thinking: 'Two calls.', signature: 'c2ln+/==' },
          { type: 'redacted_thinking', data: 'ZGF0YQ==' },
          text('I look.'),
          { type: 'tool_use', id: 'toolu_a', name: 'weather', input: { city: 'Paris' } },
          { type: 'tool_use', id: 'toolu_b', name: 'weather', input: { city: 'Rome' } },
        ),
        user(
          { type: 'tool_result', tool_use_id: 'toolu_a', content: 'sunny' },
          { type: 'tool_result', tool_use_id: 'toolu_b', content: 'No such city', is_error: true },
          text('Hurry.'),
        ),
      ],
      tools: [{ name: 'weather', input_schema: citySchema }],
      thinking: { type: 'enabled', budget_tokens: 2000 },
    },
  },
  {
    name: 'adaptive thinking with effort and a system turn in the middle',
    body: {
      model: 'claude-opus-4-8',
      max_tokens: 4000,
      messages: [hello, { role: 'system', content: [text('Be brief from now on.')] }, assistant(text('Yes.')), hello],
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'xhigh', task_budget: { type: 'tokens', total: 40_000 } },
    },
  },
  {
    name: 'effort without thinking, and a schema for the answer',
    body: {
      model: 'claude-opus-4-6',
      max_tokens: 100,
      messages: [hello],
      output_config: { effort: 'low', format: { type: 'json_schema', schema: citySchema } },
    },
  },
  {
    name: 'thinking turned off',
    body: { model: 'claude-sonnet-5', max_tokens: 100, messages: [hello], thinking: { type: 'disabled' } },
  },
  {
    name: 'media of every kind',
    body: {
      model: 'claude-haiku-4-5',
      max_tokens: 100,
      messages: [
        user(
          text('What is all this?'),
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: onePixel }, ...cached },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', source: { type: 'file', file_id: 'file_1' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, title: 'a' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' }, context: 'c' },
          {
            type: 'document',
            source: { type: 'url', url: 'https://example.com/a.pdf' },
            citations: { enabled: true },
          },
          { type: 'document', source: { type: 'file', file_id: 'file_2' } },
          { type: 'document', source: { type: 'content', content: [text('own')] } },
          { type: 'search_result', source: 's', title: 't', content: [text('found')] },
        ),
        assistant({ type: 'tool_use', id: 'toolu_1', name: 'shot', input: {} }),
        user({
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [
            text('Here.'),
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: onePixel } },
            { type: 'tool_reference', tool_name: 'shot' },
          ],
        }),
      ],
    },
  },
  {
    name: 'the beta form of a schema for the answer',
    body: {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [hello],
      output_format: { type: 'json_schema', schema: citySchema },
    },
    encoded: {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [hello],
      output_config: { format: { type: 'json_schema', schema: citySchema } },
    },
  },
];

// ---- Answers ----

const usage = {
  input_tokens: 10,
  cache_creation_input_tokens: 3,
  cache_read_input_tokens: 4,
  cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 0 },
  output_tokens: 25,
  output_tokens_details: { thinking_tokens: 5 },
  service_tier: 'standard',
};

function message(content: readonly JsonObject[], rest: JsonObject): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
    ...rest,
  };
}

const citation = {
  type: 'char_location',
  cited_text: 'sun',
  document_index: 0,
  start_char_index: 0,
  end_char_index: 3,
};

const thoughtful = message(
  [
    { type: 'thinking', thinking: 'Let me think \u00e9\u4e2d\ud83d\ude00.', signature: 'c2ln+/==' },
    { type: 'redacted_thinking', data: 'ZGF0YQ==' },
    { type: 'thinking', thinking: '', signature: 'aGlkZGVu' },
    text('It is\nsunny "here".'),
  ],
  {},
);

const toolCalls = message(
  [
    text('I look.'),
    { type: 'tool_use', id: 'toolu_a', name: 'weather', input: { city: 'Paris', unit: 'C' } },
    {
      type: 'tool_use',
      id: 'toolu_b',
      name: 'now',
      input: {},
      caller: { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' },
    },
  ],
  { stop_reason: 'tool_use' },
);

const search = message(
  [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'sun' } },
    { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ type: 'web_search_result', title: 'S' }] },
    text('Mostly '),
    { ...text('sunny'), citations: [citation, { ...citation, document_index: 1 }] },
    text('.'),
  ],
  { container: { id: 'container_1', expires_at: '2026-01-01T00:00:00Z' }, context_management: { applied_edits: [] } },
);

const refused = message([text('Well,')], {
  stop_reason: 'refusal',
  stop_details: { type: 'refusal', category: 'cyber', explanation: 'I will not help with this.' },
});

const stopped = message([text('one two')], { stop_reason: 'stop_sequence', stop_sequence: 'three' });
const paused = message([text('Wait.')], { stop_reason: 'pause_turn' });

// ---- Streams ----

function event(data: JsonObject): WireEvent {
  return { event: String(data.type), data: JSON.stringify(data) };
}

export const ping: WireEvent = event({ type: 'ping' });

export function messageStart(whole: JsonObject): WireEvent {
  const start = { ...whole, content: [], stop_reason: null, stop_sequence: null };
  const counts = { ...usage, output_tokens: 1, output_tokens_details: { thinking_tokens: 0 } };
  return event({
    type: 'message_start',
    message: { ...start, usage: counts, container: null, stop_details: null, context_management: null },
  });
}

/** A block as its events; `deltas` fill what the start leaves open. */
export function block(index: number, start: JsonObject, ...deltas: readonly JsonObject[]): readonly WireEvent[] {
  return [
    event({ type: 'content_block_start', index, content_block: start }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ];
}

export function textDeltas(...pieces: readonly string[]): readonly JsonObject[] {
  return pieces.map((piece) => ({ type: 'text_delta', text: piece }));
}

export function jsonDeltas(...pieces: readonly string[]): readonly JsonObject[] {
  return pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
}

export function messageEnd(whole: JsonObject): readonly WireEvent[] {
  const { stop_reason, stop_sequence, stop_details = null, container = null } = whole;
  const delta = { stop_reason, stop_sequence, stop_details, container };
  const { input_tokens, output_tokens, output_tokens_details } = usage;
  const counts = { input_tokens, output_tokens, output_tokens_details };
  const management = whole.context_management === undefined ? {} : { context_management: whole.context_management };
  return [event({ type: 'message_delta', delta, usage: counts, ...management }), event({ type: 'message_stop' })];
}

const emptyText = text('');
const streams: readonly StreamSample[] = [
  {
    name: 'thinking and text',
    whole: thoughtful,
    events: [
      messageStart(thoughtful),
      ping,
      ...block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'Let me think ' },
        { type: 'thinking_delta', thinking: '\u00e9\u4e2d\ud83d\ude00.' },
        { type: 'signature_delta', signature: 'c2ln+/==' },
      ),
      ...block(1, { type: 'redacted_thinking', data: 'ZGF0YQ==' }),
      ...block(
        2,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'signature_delta', signature: 'aGlkZGVu' },
      ),
      ...block(3, emptyText, ...textDeltas('It is\n', 'sunny ', '"here".')),
      ...messageEnd(thoughtful),
    ],
  },
  {
    name: 'tool calls',
    whole: toolCalls,
    events: [
      messageStart(toolCalls),
      ...block(0, emptyText, ...textDeltas('I ', 'look.')),
      ...block(
        1,
        { type: 'tool_use', id: 'toolu_a', name: 'weather', input: {} },
        ...jsonDeltas('', '{"city":"Par', 'is","unit":"C"}'),
      ),
      ping,
      ...block(
        2,
        {
          type: 'tool_use',
          id: 'toolu_b',
          name: 'now',
          input: {},
          caller: { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' },
        },
        ...jsonDeltas(''),
      ),
      ...messageEnd(toolCalls),
    ],
  },
  {
    name: 'a search with citations',
    whole: search,
    events: [
      messageStart(search),
      ...block(
        0,
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
        ...jsonDeltas('', '{"query":', '"sun"}'),
      ),
      ...block(1, {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: [{ type: 'web_search_result', title: 'S' }],
      }),
      ...block(2, emptyText, ...textDeltas('Mostly ')),
      ...block(3, { ...emptyText, citations: [] }, { type: 'citations_delta', citation }, ...textDeltas('sunny'), {
        type: 'citations_delta',
        citation: { ...citation, document_index: 1 },
      }),
      ...block(4, emptyText, ...textDeltas('.')),
      ...messageEnd(search),
    ],
  },
  {
    name: 'a refusal',
    whole: refused,
    events: [messageStart(refused), ...block(0, emptyText, ...textDeltas('Well,')), ...messageEnd(refused)],
  },
];

const unknown = message([text('Hi')], { stop_reason: 'some_new_reason' });

export const samples: DialectSamples = {
  requests,
  refusedRequests: [
    { name: 'a request without a model', body: { max_tokens: 1, messages: [hello] }, param: 'model' },
    { name: 'a request without messages', body: { model: 'm', max_tokens: 1 }, param: 'messages' },
    { name: 'a message that is a string', body: { model: 'm', messages: ['Hi'] }, param: 'messages.0' },
    {
      name: 'a role nobody has',
      body: { model: 'm', messages: [{ role: 'tool', content: 'x' }] },
      param: 'messages.0.role',
    },
    {
      name: 'content that is a number',
      body: { model: 'm', messages: [{ role: 'user', content: 7 }] },
      param: 'messages.0.content',
    },
    {
      name: 'a text block without text',
      body: { model: 'm', messages: [hello, user(text('a'), { type: 'text' })] },
      param: 'messages.1.content.1',
    },
    {
      name: 'an image without a source',
      body: { model: 'm', messages: [user({ type: 'image' })] },
      param: 'messages.0.content.0',
    },
    { name: 'a system prompt that is a number', body: { model: 'm', system: 7, messages: [hello] }, param: 'system' },
    { name: 'tools that are no array', body: { model: 'm', messages: [hello], tools: {} }, param: 'tools' },
    { name: 'a tool without a name', body: { model: 'm', messages: [hello], tools: [{}] }, param: 'tools.0' },
    {
      name: 'a choice of a tool without its name',
      body: { model: 'm', messages: [hello], tool_choice: { type: 'tool' } },
      param: 'tool_choice',
    },
    {
      name: 'a temperature that is a word',
      body: { model: 'm', messages: [hello], temperature: 'warm' },
      param: 'temperature',
    },
    {
      name: 'a stop sequence that is a number',
      body: { model: 'm', messages: [hello], stop_sequences: ['a', 7] },
      param: 'stop_sequences',
    },
  ],
  answers: [
    { name: 'thinking and text', body: thoughtful },
    { name: 'tool calls', body: toolCalls },
    { name: 'a search with citations', body: search },
    { name: 'a refusal', body: refused },
    { name: 'a stop sequence', body: stopped },
    { name: 'a paused turn', body: paused },
    { name: 'a stop reason nobody knows', body: unknown },
  ],
  streams,
  unknownFinish: {
    name: 'a stop reason nobody knows',
    raw: 'some_new_reason',
    whole: unknown,
    events: [messageStart(unknown), ...block(0, emptyText, ...textDeltas('Hi')), ...messageEnd(unknown)],
  },
  unknownEvent: event({ type: 'some_new_event', index: 0, delta: { type: 'text_delta', text: 'not this' } }),
  malformedEvent: { event: 'content_block_delta', data: '{"type":"content_block_delta","index":0,"delta":{"ty' },
  errorEvent: {
    event: event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    fault: { kind: 'server_error', code: 'overloaded_error', message: 'Overloaded' },
  },
  errorBody: (words) => ({ type: 'error', error: { type: 'invalid_request_error', message: words } }),
  errors: [
    {
      name: 'an overload',
      status: 529,
      body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
      fault: { kind: 'server_error', code: 'overloaded_error' },
    },
    {
      name: 'a bill that was not paid',
      status: 402,
      body: { type: 'error', error: { type: 'billing_error', message: 'Check your payment details.' } },
      fault: { kind: 'quota', code: 'billing_error' },
    },
    {
      name: 'an empty account',
      status: 400,
      body: {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
        },
      },
      fault: { kind: 'quota' },
    },
    {
      name: 'a spend limit of the workspace',
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'You have reached your specified API usage limits.' },
      },
      fault: { kind: 'quota' },
    },
    {
      name: 'a request that is too large',
      status: 413,
      body: { type: 'error', error: { type: 'request_too_large', message: 'Request exceeds the maximum size' } },
      fault: { kind: 'invalid_request', code: 'request_too_large' },
    },
    {
      name: 'a rate limit with its waiting time',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { type: 'error', error: { type: 'rate_limit_error', message: 'Too many tokens per minute.' } },
      fault: { kind: 'rate_limit', retryAfterMs: 7000 },
    },
    {
      name: 'a prompt that is too long',
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      },
      fault: { kind: 'context_window' },
    },
    {
      name: 'an answer the content filter stopped',
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' },
      },
      fault: { kind: 'content_filter' },
    },
    {
      name: 'the parameter that is blamed',
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'max_tokens: 100000 > 64000, which is the maximum' },
      },
      fault: { kind: 'invalid_request', param: 'max_tokens' },
    },
    {
      name: 'a model nobody has',
      status: 404,
      body: { type: 'error', error: { type: 'not_found_error', message: 'model: claude-9' } },
      fault: { kind: 'model_not_found', message: 'model: claude-9' },
    },
    {
      name: 'the error of an OpenAI-like host',
      status: 400,
      body: { error: { message: 'Bad.', code: 'bad_thing' } },
      fault: { kind: 'invalid_request', message: 'Bad.', code: 'bad_thing' },
    },
  ],
};
