import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import type { DialectSamples, RequestSample, StreamSample } from '../contract/samples.ts';

export const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const citySchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const hello = { role: 'user', content: 'Hello' };
const weather = { type: 'function', function: { name: 'weather', description: 'Weather', parameters: citySchema } };

const requests: readonly RequestSample[] = [
  { name: 'a question', body: { model: 'llama3.2', messages: [hello], stream: false } },
  {
    name: 'a question that does not say whether to stream',
    body: { model: 'llama3.2', messages: [hello] },
    encoded: { model: 'llama3.2', messages: [hello], stream: true },
  },
  { name: 'a model that is to be loaded', body: { model: 'llama3.2', messages: [], keep_alive: '10m', stream: false } },
  {
    name: 'every parameter',
    body: {
      model: 'llama3.2',
      messages: [{ role: 'system', content: 'Be brief.' }, hello],
      stream: true,
      format: 'json',
      think: 'high',
      keep_alive: 0,
      logprobs: true,
      top_logprobs: 3,
      truncate: false,
      options: {
        num_predict: 100,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        min_p: 0.05,
        seed: 42,
        stop: ['END', 'FIN'],
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        repeat_penalty: 1.1,
        num_ctx: 8192,
      },
    },
  },
  {
    name: 'an answer without a limit',
    body: { model: 'llama3.2', messages: [hello], options: { num_predict: -1 }, stream: false },
  },
  {
    name: 'one stop sequence, and parameters that are not set',
    body: {
      model: 'llama3.2',
      messages: [hello],
      options: { stop: 'END', seed: null },
      format: '',
      think: null,
      keep_alive: null,
      tools: [],
      stream: false,
    },
    encoded: { model: 'llama3.2', messages: [hello], options: { stop: ['END'] }, stream: false },
  },
  {
    name: 'a tool loop with thinking',
    body: {
      model: 'qwen3',
      messages: [
        { role: 'user', content: 'Weather in Paris and Rome?' },
        {
          role: 'assistant',
          content: 'I look.',
          thinking: 'Two calls.',
          tool_calls: [
            { id: 'call_a', type: 'function', function: { name: 'weather', arguments: { city: 'Paris' } } },
            { id: 'call_b', type: 'function', function: { name: 'weather', arguments: {} } },
          ],
        },
        { role: 'tool', content: 'sunny', tool_name: 'weather', tool_call_id: 'call_a' },
        { role: 'tool', content: '', tool_name: 'weather', tool_call_id: 'call_b', images: [onePixel] },
      ],
      tools: [weather, { type: 'function', function: { name: 'now' } }],
      think: true,
      stream: true,
    },
  },
  {
    name: 'a tool loop without ids',
    body: {
      model: 'qwen3',
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ type: 'function', function: { name: 'weather', arguments: { city: 'Paris' } } }],
        },
        { role: 'tool', content: 'sunny', tool_name: 'weather' },
      ],
      tools: [weather],
      think: false,
      stream: false,
    },
  },
  {
    name: 'images and a schema for the answer',
    body: {
      model: 'gemma3',
      messages: [{ role: 'user', content: 'What is this?', images: [onePixel, '/9j/4AAQSkZJRg=='] }],
      format: citySchema,
      stream: false,
    },
  },
  {
    name: 'members nobody knows',
    body: {
      model: 'gemma3',
      messages: [{ ...hello, mood: 'good' }],
      options: { new_option: true },
      new_member: 1,
      stream: false,
    },
  },
];

// ---- Answers ----

/** Of a stream's lines each has a time of its own; here it is the same, so that both forms of an answer can be equal. */
const head = { model: 'qwen3', created_at: '2026-01-02T03:04:05.678901Z' };
const durations = {
  total_duration: 1_671_921_584,
  load_duration: 140_923_875,
  prompt_eval_duration: 155_740_000,
  eval_duration: 1_361_034_000,
};
const counts = { prompt_eval_count: 310, eval_count: 145 };

function answer(message: JsonObject, rest: JsonObject = {}): JsonObject {
  return {
    ...head,
    message: { role: 'assistant', ...message },
    done: true,
    done_reason: 'stop',
    ...durations,
    ...counts,
    ...rest,
  };
}

function line(message: JsonObject, rest: JsonObject = {}): WireEvent {
  return event({ ...head, message: { role: 'assistant', ...message }, done: false, ...rest });
}

function lastLine(whole: JsonObject, message: JsonObject = { content: '' }): WireEvent {
  return event({ ...whole, message: { role: 'assistant', ...message } });
}

function event(data: JsonObject): WireEvent {
  return { event: undefined, data: JSON.stringify(data) };
}

const thoughtful = answer({ content: 'It is\nsunny "here".', thinking: 'Let me think \u00e9\u4e2d\ud83d\ude00.' });

const calls = [
  { id: 'call_a', function: { index: 0, name: 'weather', arguments: { city: 'Paris', unit: 'C' } } },
  { id: 'call_b', function: { index: 1, name: 'now', arguments: {} } },
];
const toolCalls = answer({ content: 'I look.', tool_calls: calls });
const toolCallsAtTheEnd = answer({ content: '', tool_calls: calls });
const cut = answer({ content: 'one two' }, { done_reason: 'length' });
const loaded: JsonObject = {
  ...head,
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'load',
};
const probable = answer(
  { content: 'Hi!' },
  {
    logprobs: [
      { token: 'Hi', logprob: -0.1, top_logprobs: [{ token: 'Hi', logprob: -0.1 }] },
      { token: '!', logprob: -0.2 },
    ],
  },
);
const drawn = answer({ content: 'Here.', images: [onePixel] });

const streams: readonly StreamSample[] = [
  {
    name: 'thinking and text',
    whole: thoughtful,
    events: [
      line({ content: '', thinking: 'Let me think ' }),
      line({ content: '', thinking: '\u00e9\u4e2d\ud83d\ude00.' }),
      line({ content: 'It is\n' }),
      line({ content: 'sunny "here".' }),
      lastLine(thoughtful),
    ],
  },
  {
    name: 'tool calls in lines of their own',
    whole: toolCalls,
    events: [
      line({ content: 'I ' }),
      line({ content: 'look.' }),
      line({ content: '', tool_calls: calls.slice(0, 1) }),
      line({ content: '', tool_calls: calls.slice(1) }),
      lastLine(toolCalls),
    ],
  },
  {
    name: 'tool calls in the last line',
    whole: toolCallsAtTheEnd,
    events: [
      line({ content: '' }),
      line({ content: '' }),
      lastLine(toolCallsAtTheEnd, { content: '', tool_calls: calls }),
    ],
  },
  {
    name: 'text at its limit',
    whole: cut,
    events: [line({ content: 'one' }), line({ content: ' two' }), lastLine(cut)],
  },
  {
    name: 'log probabilities',
    whole: probable,
    events: [
      line(
        { content: 'Hi' },
        { logprobs: [{ token: 'Hi', logprob: -0.1, top_logprobs: [{ token: 'Hi', logprob: -0.1 }] }] },
      ),
      line({ content: '!' }, { logprobs: [{ token: '!', logprob: -0.2 }] }),
      lastLine({ ...probable, logprobs: undefined }),
    ],
  },
  {
    name: 'an image',
    whole: drawn,
    events: [line({ content: 'Here.' }), line({ content: '', images: [onePixel] }), lastLine(drawn)],
  },
];

const unknown = answer({ content: 'Hi' }, { done_reason: 'some_new_reason' });

export const samples: DialectSamples = {
  requests,
  refusedRequests: [
    { name: 'a request without a model', body: { messages: [hello] }, param: 'model' },
    { name: 'messages that are no array', body: { model: 'm', messages: {} }, param: 'messages' },
    { name: 'a message that is a string', body: { model: 'm', messages: ['Hi'] }, param: 'messages.0' },
    { name: 'a role nobody has', body: { model: 'm', messages: [{ role: 'judge' }] }, param: 'messages.0.role' },
    {
      name: 'content that is a list',
      body: { model: 'm', messages: [hello, { role: 'user', content: [] }] },
      param: 'messages.1.content',
    },
    {
      name: 'an image that is an object',
      body: { model: 'm', messages: [{ ...hello, images: [{}] }] },
      param: 'messages.0.images.0',
    },
    {
      name: 'a tool call without a name',
      body: { model: 'm', messages: [{ role: 'assistant', tool_calls: [{ function: {} }] }] },
      param: 'messages.0.tool_calls.0',
    },
    { name: 'tools that are no array', body: { model: 'm', messages: [hello], tools: {} }, param: 'tools' },
    { name: 'a tool without a name', body: { model: 'm', messages: [hello], tools: [{}] }, param: 'tools.0' },
    { name: 'options that are a list', body: { model: 'm', messages: [hello], options: [] }, param: 'options' },
    {
      name: 'a temperature that is a word',
      body: { model: 'm', messages: [hello], options: { temperature: 'warm' } },
      param: 'options.temperature',
    },
    {
      name: 'a stop sequence that is a number',
      body: { model: 'm', messages: [hello], options: { stop: ['a', 7] } },
      param: 'options.stop',
    },
    { name: 'a format nobody knows', body: { model: 'm', messages: [hello], format: 'xml' }, param: 'format' },
    { name: 'thinking by number', body: { model: 'm', messages: [hello], think: 7 }, param: 'think' },
    { name: 'a stream that is a word', body: { model: 'm', messages: [hello], stream: 'yes' }, param: 'stream' },
  ],
  answers: [
    { name: 'thinking and text', body: thoughtful },
    { name: 'tool calls', body: toolCalls },
    { name: 'text at its limit', body: cut },
    { name: 'a model that was loaded', body: loaded },
    { name: 'log probabilities', body: probable },
    { name: 'an image', body: drawn },
  ],
  streams,
  unknownFinish: {
    name: 'a reason nobody knows',
    raw: 'some_new_reason',
    whole: unknown,
    events: [line({ content: 'Hi' }), lastLine(unknown)],
  },
  unknownEvent: event({ status: 'pulling manifest', completed: 1 }),
  malformedEvent: { event: undefined, data: '{"model":"qwen3","message":{"role":"assis' },
  errorEvent: {
    event: event({ error: 'an error was encountered while running the model: unexpected EOF' }),
    fault: { kind: 'server_error', message: 'an error was encountered while running the model: unexpected EOF' },
  },
  uncountedUsage: ['cacheReadTokens'],
  errorBody: (words) => ({ error: words }),
  errors: [
    {
      name: 'a model nobody has',
      status: 404,
      body: { error: "model 'llama9' not found" },
      fault: { kind: 'model_not_found', message: "model 'llama9' not found" },
    },
    {
      name: 'a model that cannot call tools',
      status: 400,
      body: { error: 'registry.ollama.ai/library/gemma:2b does not support tools' },
      fault: { kind: 'invalid_request' },
    },
    {
      name: 'a model that does not fit into memory',
      status: 500,
      body: { error: 'model requires more system memory (5.6 GiB) than is available (3.1 GiB)' },
      fault: { kind: 'server_error' },
    },
    {
      name: 'a server with too many waiting requests',
      status: 503,
      body: { error: 'server busy, please try again.  maximum pending requests exceeded' },
      fault: { kind: 'server_error' },
    },
    {
      name: 'a prompt that the runner finds too long',
      status: 500,
      body: { error: 'the input length exceeds the context window of the model: maximum context length is 2048' },
      fault: { kind: 'context_window' },
    },
    {
      name: 'a spent limit of the cloud, without the name of the account',
      status: 429,
      body: {
        error:
          'you (some_name_7) have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade',
      },
      fault: {
        kind: 'quota',
        message: 'you have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade',
      },
    },
    {
      name: 'too many requests at once',
      status: 429,
      headers: { 'retry-after': '3' },
      body: { error: 'too many concurrent requests' },
      fault: { kind: 'rate_limit', retryAfterMs: 3000 },
    },
    {
      name: 'a missing credential',
      status: 401,
      body: { error: 'unauthorized' },
      fault: { kind: 'auth', message: 'unauthorized' },
    },
    {
      name: 'the error of its OpenAI surface',
      status: 400,
      body: { error: { message: 'Bad.', type: 'invalid_request_error', param: null, code: 'bad_thing' } },
      fault: { kind: 'invalid_request', message: 'Bad.', code: 'bad_thing' },
    },
  ],
};
