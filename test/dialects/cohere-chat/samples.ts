import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import type { DialectSamples, RequestSample, StreamSample } from '../contract/samples.ts';

export const citySchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const hello = { role: 'user', content: 'Hello' };

function functionTool(name: string, parameters: JsonObject = citySchema): JsonObject {
  return { type: 'function', function: { name, description: `The ${name}`, parameters } };
}

function call(id: string, name: string, words: string): JsonObject {
  return { id, type: 'function', function: { name, arguments: words } };
}

const requests: readonly RequestSample[] = [
  { name: 'a question', body: { model: 'command-a-03-2025', messages: [hello] } },
  {
    name: 'every parameter',
    body: {
      model: 'command-a-03-2025',
      messages: [{ role: 'system', content: 'Be brief.' }, hello],
      response_format: { type: 'json_object', json_schema: citySchema },
      max_tokens: 100,
      temperature: 0.5,
      p: 0.9,
      k: 40,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      seed: 17,
      stop_sequences: ['END', '\n\nHuman:'],
      logprobs: true,
      safety_mode: 'STRICT',
      citation_options: { mode: 'FAST' },
      priority: 3,
      stream: true,
    },
  },
  {
    name: 'documents to cite',
    body: {
      model: 'command-a-03-2025',
      messages: [hello],
      documents: ['The sky is green.', { id: 'doc-1', data: { title: 'Sky', text: 'It is blue.' } }],
      citation_options: { mode: 'ACCURATE' },
    },
  },
  {
    name: 'a tool loop with a plan, citations and documents in the results',
    body: {
      model: 'command-a-03-2025',
      messages: [
        { role: 'user', content: 'Weather in Paris and Rome?' },
        {
          role: 'assistant',
          tool_plan: 'I will look both up.',
          tool_calls: [
            call('weather_a', 'weather', '{"city": "Paris"}'),
            call('weather_b', 'weather', '{"city":"Rome"}'),
          ],
        },
        { role: 'tool', tool_call_id: 'weather_a', content: 'sunny' },
        {
          role: 'tool',
          tool_call_id: 'weather_b',
          content: [
            { type: 'document', document: { id: 'rome', data: { output: 'rain' } } },
            { type: 'text', text: 'It pours.' },
          ],
        },
        {
          role: 'assistant',
          content: 'Sunny there, rain here.',
          citations: [{ start: 0, end: 5, text: 'Sunny', sources: [{ type: 'tool', id: 'weather_a:0' }] }],
        },
        { role: 'user', content: 'And now?' },
      ],
      tools: [functionTool('weather'), functionTool('now', { type: 'object', properties: {} })],
      tool_choice: 'REQUIRED',
      strict_tools: true,
    },
  },
  {
    name: 'thinking and what was thought before',
    body: {
      model: 'command-a-reasoning-08-2025',
      messages: [
        hello,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'They greet me.' },
            { type: 'text', text: 'Hello!' },
          ],
          tool_calls: [call('now_1', 'now', '{}')],
        },
        { role: 'tool', tool_call_id: 'now_1', content: 'noon' },
      ],
      tools: [functionTool('now')],
      tool_choice: 'NONE',
      thinking: { type: 'enabled', token_budget: 500 },
    },
  },
  {
    name: 'thinking turned off',
    body: { model: 'command-a-plus-05-2026', messages: [hello], thinking: { type: 'disabled' } },
  },
  {
    name: 'pictures, and content nobody knows',
    body: {
      model: 'command-a-vision-07-2025',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
            { type: 'hologram', data: 'AAAA' },
          ],
        },
      ],
    },
  },
  {
    name: 'what may be written in several ways',
    body: {
      model: 'command-a-03-2025',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
        {
          role: 'assistant',
          content: [],
          citations: [],
          tool_plan: null,
          tool_calls: [{ id: 'a', function: { name: 'now', arguments: '' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'noon' }] },
      ],
      tools: [{ function: { name: 'now', parameters: {} } }],
      response_format: { type: 'text' },
      documents: null,
      stream: false,
    },
    encoded: {
      model: 'command-a-03-2025',
      messages: [
        hello,
        { role: 'assistant', tool_calls: [call('a', 'now', '{}')] },
        { role: 'tool', tool_call_id: 'a', content: 'noon' },
      ],
      tools: [{ type: 'function', function: { name: 'now', parameters: {} } }],
      response_format: { type: 'text' },
    },
  },
  {
    name: 'the older name of the schema',
    body: {
      model: 'command-r',
      messages: [hello],
      response_format: { type: 'json_object', schema: citySchema },
    },
    encoded: {
      model: 'command-r',
      messages: [hello],
      response_format: { type: 'json_object', json_schema: citySchema },
    },
  },
];

// ---- Answers ----

const usage = {
  billed_units: { input_tokens: 9, output_tokens: 20 },
  tokens: { input_tokens: 500, output_tokens: 25, reasoning_tokens: 5 },
  cached_tokens: 464,
};

function answer(message: JsonObject, rest: JsonObject = {}): JsonObject {
  return { id: 'answer-1', message: { role: 'assistant', ...message }, finish_reason: 'COMPLETE', usage, ...rest };
}

function text(words: string): JsonObject {
  return { type: 'text', text: words };
}

const thoughtful = answer({
  content: [{ type: 'thinking', thinking: 'Let me think \u00e9\u4e2d\ud83d\ude00.' }, text('It is\nsunny "here".')],
});

const toolCalls = answer(
  {
    tool_plan: 'I will look.',
    tool_calls: [call('weather_a', 'weather', '{"city": "Paris"}'), call('now_b', 'now', '{}')],
  },
  { finish_reason: 'TOOL_CALL' },
);

const thoughtfulCalls = answer(
  { content: [{ type: 'thinking', thinking: 'One call.' }], tool_calls: [call('now_b', 'now', '{}')] },
  { finish_reason: 'TOOL_CALL' },
);

const citations = [
  { start: 0, end: 5, text: 'Sunny', sources: [{ type: 'document', id: 'doc-1', document: { id: 'doc-1' } }] },
  { start: 7, end: 11, text: 'warm', sources: [], type: 'TEXT_CONTENT', content_index: 0 },
];
const cited = answer({ content: [text('Sunny, warm.')], citations });

const pieces = [
  { text: 'Hi', token_ids: [7], logprobs: [-0.5] },
  { text: ' there', token_ids: [8, 9], logprobs: [-0.25, -1] },
];
const measured = answer({ content: [text('Hi there')] }, { logprobs: pieces });

// ---- Streams ----

export function event(type: string, fields: JsonObject): WireEvent {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

export function messageStart(): WireEvent {
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
  return event('message-start', { id: 'answer-1', delta: { message } });
}

export function content(index: number, kind: 'text' | 'thinking', ...deltas: readonly string[]): readonly WireEvent[] {
  return [
    event('content-start', { index, delta: { message: { content: { type: kind, [kind]: '' } } } }),
    ...deltas.map((delta) => event('content-delta', { index, delta: { message: { content: { [kind]: delta } } } })),
    event('content-end', { index }),
  ];
}

export function plan(...deltas: readonly string[]): readonly WireEvent[] {
  return deltas.map((delta) => event('tool-plan-delta', { delta: { message: { tool_plan: delta } } }));
}

export function toolCall(
  index: number,
  [id, name]: readonly [string, string],
  ...deltas: readonly string[]
): readonly WireEvent[] {
  const start = { id, type: 'function', function: { name, arguments: '' } };
  return [
    event('tool-call-start', { index, delta: { message: { tool_calls: start } } }),
    ...deltas.map((delta) =>
      event('tool-call-delta', { index, delta: { message: { tool_calls: { function: { arguments: delta } } } } }),
    ),
    event('tool-call-end', { index }),
  ];
}

function citation(index: number): readonly WireEvent[] {
  return [
    event('citation-start', { index, delta: { message: { citations: citations[index] } } }),
    event('citation-end', { index }),
  ];
}

export function messageEnd(reason: string): readonly WireEvent[] {
  return [event('message-end', { delta: { finish_reason: reason, usage } }), { event: undefined, data: '[DONE]' }];
}

const citedContent = content(0, 'text', 'Sunny', ', warm.');
const streams: readonly StreamSample[] = [
  {
    name: 'thinking and text',
    whole: thoughtful,
    events: [
      messageStart(),
      ...content(0, 'thinking', 'Let me think ', '\u00e9\u4e2d\ud83d\ude00.'),
      ...content(1, 'text', 'It is\n', 'sunny ', '"here".'),
      ...messageEnd('COMPLETE'),
    ],
  },
  {
    name: 'a plan and tool calls',
    whole: toolCalls,
    events: [
      messageStart(),
      ...plan('I will', ' look.'),
      ...toolCall(0, ['weather_a', 'weather'], '{"city"', ': "Par', 'is"}'),
      ...toolCall(1, ['now_b', 'now']),
      ...messageEnd('TOOL_CALL'),
    ],
  },
  {
    name: 'a tool call that was thought about',
    whole: thoughtfulCalls,
    events: [
      messageStart(),
      ...content(0, 'thinking', 'One', ' call.'),
      ...toolCall(0, ['now_b', 'now'], '{', '}'),
      ...messageEnd('TOOL_CALL'),
    ],
  },
  {
    name: 'citations in the middle of a text',
    whole: cited,
    events: [
      messageStart(),
      ...citedContent.slice(0, 2),
      ...citation(0),
      ...citedContent.slice(2, 3),
      ...citation(1),
      ...citedContent.slice(3),
      ...messageEnd('COMPLETE'),
    ],
  },
  {
    name: 'log probabilities',
    whole: measured,
    events: [
      messageStart(),
      event('content-start', { index: 0, delta: { message: { content: text('') } } }),
      ...pieces.map((logprobs) =>
        event('content-delta', { index: 0, logprobs, delta: { message: { content: { text: logprobs.text } } } }),
      ),
      event('content-end', { index: 0 }),
      ...messageEnd('COMPLETE'),
    ],
  },
];

const unknown = answer({ content: [text('Hi')] }, { finish_reason: 'SOME_NEW_REASON' });

export const samples: DialectSamples = {
  requests,
  refusedRequests: [
    { name: 'a request without a model', body: { messages: [hello] }, param: 'model' },
    { name: 'a request of the first version', body: { model: 'm', message: 'Hello' }, param: 'messages' },
    { name: 'a message that is a string', body: { model: 'm', messages: ['Hi'] }, param: 'messages.0' },
    {
      name: 'a role nobody has',
      body: { model: 'm', messages: [{ role: 'CHATBOT', content: 'x' }] },
      param: 'messages.0.role',
    },
    {
      name: 'a message without content',
      body: { model: 'm', messages: [hello, { role: 'user' }] },
      param: 'messages.1.content',
    },
    {
      name: 'content that is a number',
      body: { model: 'm', messages: [{ role: 'user', content: 7 }] },
      param: 'messages.0.content',
    },
    {
      name: 'a text part without text',
      body: { model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      param: 'messages.0.content.0',
    },
    {
      name: 'a tool call without a name',
      body: { model: 'm', messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: {} }] }] },
      param: 'messages.0.tool_calls.0',
    },
    {
      name: 'a result of no call',
      body: { model: 'm', messages: [{ role: 'tool', content: 'x' }] },
      param: 'messages.0.tool_call_id',
    },
    { name: 'tools that are no array', body: { model: 'm', messages: [hello], tools: {} }, param: 'tools' },
    { name: 'a tool without a name', body: { model: 'm', messages: [hello], tools: [{}] }, param: 'tools.0' },
    {
      name: "OpenAI's word for a tool choice",
      body: { model: 'm', messages: [hello], tool_choice: 'required' },
      param: 'tool_choice',
    },
    {
      name: "OpenAI's schema for the answer",
      body: { model: 'm', messages: [hello], response_format: { type: 'json_schema' } },
      param: 'response_format.type',
    },
    {
      name: 'thinking that is neither on nor off',
      body: { model: 'm', messages: [hello], thinking: { type: 'adaptive' } },
      param: 'thinking.type',
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
    { name: 'a plan and tool calls', body: toolCalls },
    { name: 'a tool call that was thought about', body: thoughtfulCalls },
    { name: 'citations', body: cited },
    { name: 'log probabilities', body: measured },
    { name: 'a stop sequence', body: answer({ content: [text('one two')] }, { finish_reason: 'STOP_SEQUENCE' }) },
    { name: 'an empty answer', body: answer({ content: [] }, { finish_reason: 'MAX_TOKENS' }) },
    { name: 'members of later versions', body: answer({ content: [text('Hi')] }, { meta: { warnings: ['old'] } }) },
  ],
  streams,
  unknownFinish: {
    name: 'a finish reason nobody knows',
    raw: 'SOME_NEW_REASON',
    whole: unknown,
    events: [messageStart(), ...content(0, 'text', 'Hi'), ...messageEnd('SOME_NEW_REASON')],
  },
  unknownEvent: event('some-new-event', { index: 0, delta: { message: { content: { text: 'not this' } } } }),
  malformedEvent: { event: 'content-delta', data: '{"type":"content-delta","index":0,"delta":{"mess' },
  errorEvent: {
    event: event('message-end', {
      delta: {
        finish_reason: 'ERROR',
        usage: {},
        error: 'An invalid tool call.',
        error_type: 'INVALID_TOOL_GENERATION',
      },
    }),
    fault: { kind: 'server_error', code: 'INVALID_TOOL_GENERATION', message: 'An invalid tool call.' },
  },
  namesModel: false,
  errorBody: (words) => ({ id: '7e434751', message: words }),
  errors: [
    {
      name: 'a wrong key',
      status: 401,
      body: { id: '1', message: 'Incorrect API key provided: ***********.' },
      fault: { kind: 'auth' },
    },
    { name: 'an invalid token', status: 498, body: { message: 'invalid token' }, fault: { kind: 'auth' } },
    {
      name: 'a request somebody cancelled',
      status: 499,
      body: { message: 'cancelled' },
      fault: { kind: 'server_error' },
    },
    {
      name: 'a model nobody has',
      status: 404,
      body: { id: '1', message: "model 'command-x' not found, make sure the correct model ID was used" },
      fault: { kind: 'model_not_found' },
    },
    {
      name: 'a trial key that called too often',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { message: 'You are using a Trial key, which is limited to 20 API calls / minute.' },
      fault: { kind: 'rate_limit', retryAfterMs: 7000 },
    },
    {
      name: 'a trial key whose month is over',
      status: 429,
      body: { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' },
      fault: { kind: 'quota' },
    },
    {
      name: 'a bill that was not paid',
      status: 402,
      body: { message: 'Please add or update your payment method to continue' },
      fault: { kind: 'quota' },
    },
    {
      name: 'a prompt that is too long',
      status: 400,
      body: {
        message: 'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292.',
      },
      fault: { kind: 'context_window' },
    },
    {
      name: 'an answer that would be too long',
      status: 400,
      body: { message: 'too many tokens: max tokens must be less than or equal to 4096 - received 8192.' },
      fault: { kind: 'invalid_request', param: 'max_tokens' },
    },
    {
      name: 'a prompt a filter stopped',
      status: 400,
      body: { message: 'Input blocked by content filtering policy' },
      fault: { kind: 'content_filter' },
    },
    {
      name: 'the error of an OpenAI-like host',
      status: 400,
      body: { error: { message: 'Bad.' } },
      fault: { kind: 'invalid_request', message: 'Bad.' },
    },
  ],
};
