import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import type { DialectSamples } from '../contract.ts';
import { answerFixture, jsonFixture } from './fixtures.ts';

const answers = [
  'text',
  'tool-calls',
  'reasoning',
  'text-signature',
  'several-choices',
  'refusal',
  'legacy-function-call',
  'audio',
  'vendor-fields',
];

const streams = [
  'text',
  'tool-calls',
  'reasoning',
  'several-choices',
  'refusal',
  'legacy-function-call',
  'vendor-fields',
];

const user = { role: 'user', content: 'Hi' };

function chunk(delta: JsonObject, finishReason: string | null): WireEvent {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return { event: undefined, data: JSON.stringify({ id: 'a', created: 1, model: 'm', choices }) };
}

export const samples: DialectSamples = {
  requests: [
    { name: 'a request with everything', body: jsonFixture('requests/everything') },
    { name: 'a request to reason', body: jsonFixture('requests/reasoning') },
    { name: 'a request in the form before tools', body: jsonFixture('requests/legacy-functions') },
    {
      name: 'a request with the older name of the token limit',
      body: { model: 'gpt-4o', messages: [user], max_tokens: 5 },
      encoded: { model: 'gpt-4o', messages: [user], max_completion_tokens: 5 },
    },
    {
      name: 'a stream without usage',
      body: { model: 'gpt-4o', messages: [user], stream: true },
      encoded: { model: 'gpt-4o', messages: [user], stream: true, stream_options: { include_usage: true } },
    },
    {
      name: 'a request with fields that speak to the gateway',
      body: { model: 'gpt-4o', messages: [user], models: ['a'], fallback: 'b', fallbacks: [], options: { x: 1 } },
      encoded: { model: 'gpt-4o', messages: [user] },
    },
    {
      name: 'tool settings without tools',
      body: { model: 'gpt-4o', messages: [user], tool_choice: 'auto', parallel_tool_calls: true },
      encoded: { model: 'gpt-4o', messages: [user] },
    },
    {
      name: 'an answer sent back as it came',
      body: {
        model: 'gpt-4o',
        messages: [user, { role: 'assistant', content: 'Hi', refusal: null, annotations: [], audio: null }, user],
      },
      encoded: { model: 'gpt-4o', messages: [user, { role: 'assistant', content: 'Hi' }, user] },
    },
  ],
  refusedRequests: [
    { name: 'no messages', body: { model: 'm' }, param: 'messages' },
    { name: 'an empty list of messages', body: { model: 'm', messages: [] }, param: 'messages' },
    { name: 'no model', body: { messages: [user] }, param: 'model' },
    { name: 'a message that is none', body: { model: 'm', messages: ['Hi'] }, param: 'messages[0]' },
    { name: 'an unknown role', body: { model: 'm', messages: [{ role: 'x' }] }, param: 'messages[0].role' },
    {
      name: 'content that is a number',
      body: { model: 'm', messages: [user, { role: 'user', content: 5 }] },
      param: 'messages[1].content',
    },
    {
      name: 'a tool result without an id',
      body: { model: 'm', messages: [{ role: 'tool', content: '' }] },
      param: 'messages[0].tool_call_id',
    },
    { name: 'a tool without a name', body: { model: 'm', messages: [user], tools: [{}] }, param: 'tools[0].function' },
    {
      name: 'a temperature in words',
      body: { model: 'm', messages: [user], temperature: 'hot' },
      param: 'temperature',
    },
    { name: 'a stream that is no boolean', body: { model: 'm', messages: [user], stream: 'yes' }, param: 'stream' },
    { name: 'a stop of numbers', body: { model: 'm', messages: [user], stop: [1] }, param: 'stop' },
  ],
  answers: answers.map((name) => ({ name, body: jsonFixture(`answers/${name}`) })),
  streams: streams.map(answerFixture),
  unknownFinish: {
    name: 'an unknown finish reason',
    raw: 'bored',
    whole: {
      id: 'a',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'bored' }],
    },
    events: [
      chunk({ role: 'assistant', content: 'H' }, null),
      chunk({ content: 'i' }, 'bored'),
      { event: undefined, data: '[DONE]' },
    ],
  },
  unknownEvent: { event: undefined, data: '{"type":"keepalive","n":1}' },
  malformedEvent: { event: undefined, data: '{"id":"chatcmpl-1","choices":[{"ind' },
  errorEvent: {
    event: {
      event: undefined,
      data: '{"error":{"message":"The server is overloaded.","type":"overloaded_error","code":null}}',
    },
    fault: { kind: 'server_error', message: 'The server is overloaded.', code: 'overloaded_error' },
  },
  errorBody: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  errors: [
    {
      name: 'a rate limit with a hint in the text',
      status: 429,
      body: { error: { message: 'Limit reached. Try again in 1.5s.', type: 'tokens', code: 'rate_limit_exceeded' } },
      fault: { kind: 'rate_limit', code: 'rate_limit_exceeded', retryAfterMs: 1500 },
    },
    {
      name: 'an account without money, which is no rate limit',
      status: 429,
      body: { error: { message: 'You exceeded your current quota.', type: 'x', code: 'insufficient_quota' } },
      fault: { kind: 'quota', code: 'insufficient_quota' },
    },
    {
      name: 'a parameter the model refuses',
      status: 400,
      body: { error: { message: 'Unsupported', type: 'invalid_request_error', param: 'n', code: 'unsupported_value' } },
      fault: { kind: 'invalid_request', param: 'n', code: 'unsupported_value' },
    },
    {
      name: "Mistral's flat error",
      status: 400,
      body: { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' },
      fault: { kind: 'model_not_found', message: 'Invalid model: x', code: '1500' },
    },
    {
      name: 'a list of problems from FastAPI',
      status: 422,
      body: { detail: [{ loc: ['body', 'n'], msg: 'Extra inputs are not permitted' }, { msg: 'Too much' }] },
      fault: { kind: 'invalid_request', message: 'Extra inputs are not permitted; Too much' },
    },
    {
      name: "Groq's failed tool call",
      status: 400,
      body: { error: { message: 'Failed', code: 'tool_use_failed', type: 'invalid_request_error' } },
      fault: { kind: 'invalid_response', code: 'tool_use_failed' },
    },
    {
      name: "Groq's request above the allowance per minute",
      status: 413,
      body: { error: { message: 'Request too large for model', type: 'tokens', code: 'rate_limit_exceeded' } },
      fault: { kind: 'context_window' },
    },
    {
      name: "xAI's wrong key with status 400",
      status: 400,
      body: { code: 'invalid-argument', error: 'Incorrect API key provided: xai-abcdefgh.' },
      fault: { kind: 'auth', code: 'invalid-argument' },
    },
    {
      name: 'what a provider behind OpenRouter said',
      status: 400,
      body: {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: { raw: '{"error":{"message":"maximum context length is 8192 tokens"}}' },
        },
        user_id: 'user_1',
      },
      fault: { kind: 'context_window', message: 'Provider returned error: maximum context length is 8192 tokens' },
    },
    {
      name: "OpenRouter's moderation",
      status: 403,
      body: { error: { code: 403, message: 'Your input requires moderation' } },
      fault: { kind: 'content_filter' },
    },
    {
      name: "Azure's content filter",
      status: 400,
      body: { error: { message: 'Filtered', type: null, param: 'prompt', code: 'content_filter', status: 400 } },
      fault: { kind: 'content_filter', code: 'content_filter', param: 'prompt' },
    },
    {
      name: "llama.cpp's overflow",
      status: 400,
      body: { error: { code: 400, message: 'too long', type: 'exceed_context_size_error', n_ctx: 4096 } },
      fault: { kind: 'context_window', code: 'exceed_context_size_error' },
    },
    {
      name: "DeepSeek's empty account",
      status: 402,
      body: { error: { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' } },
      fault: { kind: 'quota' },
    },
    {
      name: 'plain text',
      status: 503,
      body: 'upstream connect error',
      fault: { kind: 'server_error', message: 'upstream connect error' },
    },
  ],
};
