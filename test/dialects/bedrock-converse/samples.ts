import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import type { DialectSamples, RequestSample, StreamSample } from '../contract/samples.ts';

const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const cachePoint = { cachePoint: { type: 'default' } };
const sonnet = { model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', stream: false };

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

function tool(name: string, more: JsonObject = {}): JsonObject {
  return { toolSpec: { name, inputSchema: { json: citySchema }, ...more } };
}

function toolUse(toolUseId: string, name: string, input: JsonObject = {}): JsonObject {
  return { toolUse: { toolUseId, name, input } };
}

function toolResult(toolUseId: string, content: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { toolResult: { toolUseId, content, ...more } };
}

const hello = user({ text: 'Hello' });

const requests: readonly RequestSample[] = [
  { name: 'a question', origin: sonnet, body: { messages: [hello] } },
  {
    name: 'every parameter',
    origin: { model: 'anthropic.claude-3-5-haiku-20241022-v1:0', stream: true },
    body: {
      messages: [hello],
      system: [{ text: 'Be brief.' }, cachePoint, { guardContent: { text: { text: 'Be kind.' } } }],
      inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END', '\n\nHuman:'] },
      additionalModelRequestFields: { top_k: 40, anthropic_beta: ['some-beta'] },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
      guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: 'DRAFT', trace: 'enabled' },
      promptVariables: { a: { text: 'b' } },
      requestMetadata: { user: 'user-17', team: 'blue' },
      performanceConfig: { latency: 'optimized' },
      serviceTier: { type: 'flex' },
    },
  },
  {
    name: 'a tool loop with thinking and its signatures',
    origin: sonnet,
    body: {
      messages: [
        user({ text: 'Weather in Paris and Rome?' }),
        assistant(
          { reasoningContent: { reasoningText: { text: 'Two calls.', signature: 'c2ln+/==' } } },
          { reasoningContent: { redactedContent: 'ZGF0YQ==' } },
          { text: 'I look.' },
          toolUse('tooluse_a', 'weather', { city: 'Paris' }),
          toolUse('tooluse_b', 'weather', { city: 'Rome' }),
        ),
        user(
          toolResult('tooluse_a', [{ text: 'sunny' }], { status: 'success' }),
          toolResult('tooluse_b', [{ text: 'No such city' }], { status: 'error' }),
          cachePoint,
          { text: 'Hurry.' },
        ),
      ],
      inferenceConfig: { maxTokens: 4000 },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } },
      toolConfig: {
        tools: [tool('weather', { description: 'Weather of a city', strict: true }), cachePoint, tool('now')],
        toolChoice: { auto: {} },
      },
    },
  },
  {
    name: 'results of every kind',
    origin: sonnet,
    body: {
      messages: [
        hello,
        assistant(...['a', 'b', 'c'].map((id) => toolUse(id, 'now'))),
        user(
          toolResult('a', [{ json: { hour: 12 } }]),
          toolResult('b', [{ text: 'Here.' }, { json: { hour: 13 } }, { json: [1, 2] }]),
          toolResult('c', [
            { image: { format: 'png', source: { bytes: onePixel } } },
            { document: { format: 'pdf', name: 'report', source: { bytes: 'JVBERg==' } } },
            { video: { format: 'mp4', source: { bytes: 'AAAA' } } },
          ]),
        ),
      ],
      toolConfig: { tools: [tool('now')], toolChoice: { any: {} } },
    },
  },
  {
    name: 'media of every kind',
    origin: sonnet,
    body: {
      messages: [
        user(
          { text: 'What is all this?' },
          { image: { format: 'jpeg', source: { bytes: onePixel } } },
          {
            image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png', bucketOwner: '111122223333' } } },
          },
          { document: { format: 'csv', name: 'Numbers (1)', source: { bytes: 'YSxi' } } },
          {
            document: {
              format: 'txt',
              name: 'facts',
              source: { text: 'words' },
              context: 'c',
              citations: { enabled: true },
            },
          },
          { document: { format: 'pdf', name: 'big', source: { s3Location: { uri: 's3://bucket/b.pdf' } } } },
          { document: { name: 'chunks', source: { content: [{ text: 'one' }] } } },
          { video: { format: 'mp4', source: { s3Location: { uri: 's3://bucket/c.mp4' } } } },
          { searchResult: { source: 's', title: 't', content: [{ text: 'found' }] } },
          { guardContent: { text: { text: 'guarded', qualifiers: ['query'] } } },
        ),
      ],
    },
  },
  {
    name: 'sound for a model that hears',
    origin: { model: 'us.amazon.nova-2-omni-v1:0' },
    body: { messages: [user({ text: 'Listen.' }, { audio: { format: 'mp3', source: { bytes: 'AAAA' } } })] },
  },
  {
    name: 'tools the provider runs, and what they found',
    origin: { model: 'us.amazon.nova-2-lite-v1:0' },
    body: {
      messages: [
        user({ text: 'Search.' }),
        assistant(
          { toolUse: { toolUseId: 's', name: 'nova_grounding', input: { query: 'x' }, type: 'server_tool_use' } },
          toolResult('s', [{ text: 'found' }], { status: 'success', type: 'nova_grounding_result' }),
          { citationsContent: { content: [{ text: 'Found.' }], citations: [{ title: 't' }] } },
          { citationsContent: { citations: [{ title: 'u' }] } },
        ),
        user({ text: 'More.' }),
      ],
      toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }], toolChoice: { tool: { name: 'x' } } },
      additionalModelRequestFields: {
        inferenceConfig: { topK: 5 },
        reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
      },
    },
  },
  {
    name: 'a schema for the answer',
    origin: sonnet,
    body: {
      messages: [hello],
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: {
            jsonSchema: { schema: JSON.stringify(citySchema), name: 'city', description: 'A city.' },
          },
        },
      },
    },
  },
  {
    name: 'adaptive thinking with effort and a system turn in the middle',
    origin: { model: 'global.anthropic.claude-opus-4-8' },
    body: {
      messages: [
        hello,
        { role: 'system', content: [{ text: 'Be brief from now on.' }] },
        assistant({ text: 'Yes.' }),
        hello,
      ],
      additionalModelRequestFields: {
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: { effort: 'xhigh', task_budget: { type: 'tokens', total: 40_000 } },
      },
    },
  },
  {
    name: 'effort without thinking',
    origin: { model: 'us.anthropic.claude-opus-4-6-v1' },
    body: { messages: [hello], additionalModelRequestFields: { output_config: { effort: 'low' } } },
  },
  {
    name: 'thinking turned off',
    origin: { model: 'us.amazon.nova-2-lite-v1:0' },
    body: { messages: [hello], additionalModelRequestFields: { reasoningConfig: { type: 'disabled' } } },
  },
  {
    name: 'effort of an open model',
    origin: { model: 'openai.gpt-oss-120b-1:0' },
    body: { messages: [hello], additionalModelRequestFields: { reasoning_effort: 'medium' } },
  },
  {
    name: 'the older name of thinking',
    origin: sonnet,
    body: {
      messages: [hello],
      additionalModelRequestFields: { reasoning_config: { type: 'enabled', budget_tokens: 1024 } },
    },
    encoded: {
      messages: [hello],
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    },
  },
];

// ---- Answers ----

const usage = {
  inputTokens: 10,
  outputTokens: 25,
  totalTokens: 42,
  cacheReadInputTokens: 4,
  cacheWriteInputTokens: 3,
  cacheDetails: [{ ttl: '5m', inputTokens: 3 }],
};
const metrics = { latencyMs: 812 };

function answer(content: readonly JsonObject[], rest: JsonObject = {}): JsonObject {
  return { output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', usage, metrics, ...rest };
}

const citation = {
  title: 'facts',
  sourceContent: [{ text: 'sun' }],
  location: { documentChar: { documentIndex: 0, start: 0, end: 3 } },
};

const thoughtful = answer(
  [
    { reasoningContent: { reasoningText: { text: 'Let me think \u00e9\u4e2d\ud83d\ude00.', signature: 'c2ln+/==' } } },
    { reasoningContent: { redactedContent: 'ZGF0YQ==' } },
    { reasoningContent: { reasoningText: { text: '', signature: 'aGlkZGVu' } } },
    { text: 'It is\nsunny "here".' },
  ],
  { performanceConfig: { latency: 'optimized' } },
);

const toolCalls = answer(
  [{ text: 'I look.' }, toolUse('tooluse_a', 'weather', { city: 'Paris', unit: 'C' }), toolUse('tooluse_b', 'now')],
  { stopReason: 'tool_use' },
);

const cited = answer([
  { toolUse: { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use', input: { query: 'sun' } } },
  toolResult('s', [{ text: 'found' }], { status: 'success', type: 'nova_grounding_result' }),
  { text: 'Mostly ' },
  { citationsContent: { content: [{ text: 'sunny' }], citations: [citation, { title: 'other' }] } },
  { text: '.' },
  { citationsContent: { citations: [{ location: { web: { url: 'https://example.com', domain: 'example.com' } } }] } },
]);

const guarded = answer([{ text: 'I cannot say.' }], {
  stopReason: 'guardrail_intervened',
  trace: { guardrail: { actionReason: 'Guardrail blocked.', modelOutput: ['x'] } },
});

const stopped = answer([{ text: 'one two' }], {
  stopReason: 'stop_sequence',
  additionalModelResponseFields: { stop_sequence: 'three' },
});

const unknown = answer([{ text: 'Hi' }], { stopReason: 'some_new_reason' });

// ---- Streams ----

export function event(name: string, data: JsonObject): WireEvent {
  return { event: name, data: JSON.stringify({ ...data, p: 'abcd' }) };
}

const start = event('messageStart', { role: 'assistant' });

/** A block as its events; text and reasoning have no start. */
export function block(
  contentBlockIndex: number,
  first: JsonObject | undefined,
  ...deltas: readonly JsonObject[]
): readonly WireEvent[] {
  return [
    ...(first === undefined ? [] : [event('contentBlockStart', { contentBlockIndex, start: first })]),
    ...deltas.map((delta) => event('contentBlockDelta', { contentBlockIndex, delta })),
    event('contentBlockStop', { contentBlockIndex }),
  ];
}

function end(whole: JsonObject): readonly WireEvent[] {
  const { output: _, stopReason, additionalModelResponseFields, ...rest } = whole;
  return [
    event('messageStop', {
      stopReason,
      ...(additionalModelResponseFields != null && { additionalModelResponseFields }),
    }),
    event('metadata', rest),
  ];
}

const streams: readonly StreamSample[] = [
  {
    name: 'thinking and text',
    whole: thoughtful,
    events: [
      start,
      ...block(
        0,
        undefined,
        { reasoningContent: { text: 'Let me think ' } },
        { reasoningContent: { text: '\u00e9\u4e2d\ud83d\ude00.' } },
        { reasoningContent: { signature: 'c2ln+/==' } },
      ),
      ...block(1, undefined, { reasoningContent: { redactedContent: 'ZGF0YQ==' } }),
      ...block(2, undefined, { reasoningContent: { signature: 'aGlkZGVu' } }),
      ...block(3, undefined, { text: 'It is\n' }, { text: 'sunny ' }, { text: '' }, { text: '"here".' }),
      ...end(thoughtful),
    ],
  },
  {
    name: 'tool calls',
    whole: toolCalls,
    events: [
      start,
      ...block(0, undefined, { text: 'I ' }, { text: 'look.' }),
      ...block(
        1,
        { toolUse: { toolUseId: 'tooluse_a', name: 'weather' } },
        ...['', '{"city":"Par', 'is","unit":"C"}'].map((input) => ({ toolUse: { input } })),
      ),
      ...block(2, { toolUse: { toolUseId: 'tooluse_b', name: 'now', type: 'tool_use' } }, { toolUse: { input: '' } }),
      ...end(toolCalls),
    ],
  },
  {
    name: 'a search with citations',
    whole: cited,
    events: [
      start,
      ...block(
        0,
        { toolUse: { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' } },
        { toolUse: { input: '{"query":' } },
        { toolUse: { input: '"sun"}' } },
      ),
      ...block(
        1,
        { toolResult: { toolUseId: 's', status: 'success', type: 'nova_grounding_result' } },
        { toolResult: [{ text: 'found' }] },
      ),
      ...block(2, undefined, { text: 'Mostly ' }),
      ...block(3, undefined, { citation }, { text: 'sunny' }, { citation: { title: 'other' } }),
      ...block(4, undefined, { text: '.' }),
      ...block(5, undefined, {
        citation: { location: { web: { url: 'https://example.com', domain: 'example.com' } } },
      }),
      ...end(cited),
    ],
  },
  {
    name: 'a guarded answer',
    whole: guarded,
    events: [start, ...block(0, undefined, { text: 'I cannot say.' }), ...end(guarded)],
  },
  {
    name: 'a stop sequence',
    whole: stopped,
    events: [start, ...block(0, undefined, { text: 'one ' }, { text: 'two' }), ...end(stopped)],
  },
];

const invalid = (message: string): JsonObject => ({ __type: 'ValidationException', message });
const type = (name: string) => ({ 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/` });

export const samples: DialectSamples = {
  requests,
  refusedRequests: [
    { name: 'a request without messages', body: {}, param: 'messages' },
    { name: 'a request whose path names no model', body: { messages: [hello] }, param: 'modelId' },
    { name: 'a message that is a string', body: { messages: ['Hi'] }, param: 'messages.0' },
    { name: 'a role nobody has', body: { messages: [{ role: 'tool', content: [] }] }, param: 'messages.0.role' },
    {
      name: 'content that is a string',
      body: { messages: [{ role: 'user', content: 'Hi' }] },
      param: 'messages.0.content',
    },
    { name: 'a block that is a string', body: { messages: [hello, user({ text: 7 })] }, param: 'messages.1.content.0' },
    { name: 'an empty block', body: { messages: [user({})] }, param: 'messages.0.content.0' },
    { name: 'an image without a source', body: { messages: [user({ image: {} })] }, param: 'messages.0.content.0' },
    {
      name: 'a call without a name',
      body: { messages: [assistant({ toolUse: { toolUseId: 'a' } })] },
      param: 'messages.0.content.0',
    },
    {
      name: 'a result without content',
      body: { messages: [user({ toolResult: { toolUseId: 'a' } })] },
      param: 'messages.0.content.0',
    },
    { name: 'a system prompt that is a string', body: { system: 'x', messages: [hello] }, param: 'system' },
    {
      name: 'tools that are no array',
      body: { messages: [hello], toolConfig: { tools: {} } },
      param: 'toolConfig.tools',
    },
    {
      name: 'a tool that is none',
      body: { messages: [hello], toolConfig: { tools: [{}] } },
      param: 'toolConfig.tools.0',
    },
    {
      name: 'a choice that is none',
      body: { messages: [hello], toolConfig: { tools: [tool('a')], toolChoice: { none: {} } } },
      param: 'toolConfig.toolChoice',
    },
    {
      name: 'a temperature that is a word',
      body: { messages: [hello], inferenceConfig: { temperature: 'warm' } },
      param: 'inferenceConfig.temperature',
    },
    {
      name: 'a stop sequence that is a number',
      body: { messages: [hello], inferenceConfig: { stopSequences: ['a', 7] } },
      param: 'inferenceConfig.stopSequences',
    },
    {
      name: 'inferenceConfig that is a list',
      body: { messages: [hello], inferenceConfig: [] },
      param: 'inferenceConfig',
    },
    {
      name: 'a schema that is no JSON',
      body: {
        messages: [hello],
        outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{' } } } },
      },
      param: 'outputConfig',
    },
  ],
  answers: [
    { name: 'thinking and text', body: thoughtful },
    { name: 'tool calls', body: toolCalls },
    { name: 'a search with citations', body: cited },
    { name: 'a guarded answer', body: guarded },
    { name: 'a stop sequence', body: stopped },
    { name: 'a stop reason nobody knows', body: unknown },
  ],
  streams,
  unknownFinish: {
    name: 'a stop reason nobody knows',
    raw: 'some_new_reason',
    whole: unknown,
    events: [start, ...block(0, undefined, { text: 'Hi' }), ...end(unknown)],
  },
  unknownEvent: event('someNewEvent', { contentBlockIndex: 0, delta: { text: 'not this' } }),
  malformedEvent: { event: 'contentBlockDelta', data: '{"contentBlockIndex":0,"delta":{"te' },
  errorEvent: {
    event: { event: 'exception:throttlingException', data: '{"message":"Slow down."}' },
    fault: { kind: 'rate_limit', code: 'throttlingException', message: 'Slow down.' },
  },
  namesModel: false,
  errorBody: invalid,
  errors: [
    {
      name: 'a throttled request',
      status: 429,
      headers: type('ThrottlingException'),
      body: { message: 'Too many tokens, please wait before trying again.' },
      fault: { kind: 'rate_limit', code: 'ThrottlingException' },
    },
    {
      name: 'a model that failed, by its type and not by its status',
      status: 424,
      headers: type('ModelErrorException'),
      body: { message: 'The model failed.', originalStatusCode: 500 },
      fault: { kind: 'server_error', code: 'ModelErrorException' },
    },
    {
      name: 'a model that is not ready',
      status: 429,
      headers: type('ModelNotReadyException'),
      body: { message: 'The model is not ready.' },
      fault: { kind: 'server_error' },
    },
    {
      name: 'a model that took too long',
      status: 408,
      headers: type('ModelTimeoutException'),
      body: { message: 'The model took too long.' },
      fault: { kind: 'timeout' },
    },
    {
      name: 'an expired token',
      status: 403,
      headers: type('ExpiredTokenException'),
      body: { message: 'The security token included in the request is expired' },
      fault: { kind: 'auth', code: 'ExpiredTokenException' },
    },
    {
      name: 'an account without access to the model',
      status: 403,
      headers: type('AccessDeniedException'),
      body: { message: "You don't have access to the model with the specified model ID." },
      fault: { kind: 'model_not_found', code: 'AccessDeniedException' },
    },
    {
      name: 'a caller without the right, whose name stays here',
      status: 403,
      headers: type('AccessDeniedException'),
      body: {
        Message:
          'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/x',
      },
      fault: {
        kind: 'auth',
        message:
          'User: *** is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:***:inference-profile/x',
      },
    },
    {
      name: 'a model nobody has',
      status: 400,
      headers: type('ValidationException'),
      body: { message: 'The provided model identifier is invalid.' },
      fault: { kind: 'model_not_found' },
    },
    {
      name: 'a quota that is used up',
      status: 400,
      headers: type('ServiceQuotaExceededException'),
      body: { message: 'Your request exceeds the service quota for your account.' },
      fault: { kind: 'quota' },
    },
    {
      name: 'a prompt that is too long',
      status: 400,
      headers: type('ValidationException'),
      body: { message: 'Input is too long for requested model.' },
      fault: { kind: 'context_window', code: 'ValidationException' },
    },
    {
      name: 'an answer the content filter stopped',
      status: 400,
      headers: type('ValidationException'),
      body: { message: 'Output blocked by content filtering policy' },
      fault: { kind: 'content_filter' },
    },
    {
      name: 'a type in the body alone',
      status: 500,
      body: { __type: 'com.amazon.coral.service#InternalFailure' },
      fault: { kind: 'server_error', code: 'InternalFailure', message: '' },
    },
    {
      name: 'text of a proxy',
      status: 503,
      body: 'upstream connect error',
      fault: { kind: 'server_error', message: 'upstream connect error' },
    },
  ],
};
