import type { JsonObject } from '../../../src/core/json.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import type { DialectSamples, RequestSample } from '../contract/samples.ts';

const origin = { model: 'gemini-2.5-flash', stream: false };
const gemini3 = { model: 'gemini-3-flash-preview', stream: true };
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const citySchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

const requests: readonly RequestSample[] = [
  { name: 'a question', origin, body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] } },
  {
    name: 'every parameter',
    origin,
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/abc',
      generationConfig: {
        maxOutputTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        seed: 7,
        candidateCount: 2,
        responseLogprobs: true,
        logprobs: 3,
        stopSequences: ['END'],
        responseModalities: ['TEXT'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
        thinkingConfig: { thinkingBudget: 512, includeThoughts: true },
      },
    },
  },
  {
    name: 'a JSON Schema for the answer',
    origin,
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Which city?' }] }],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: citySchema },
    },
  },
  {
    name: 'an OpenAPI schema for the answer',
    origin,
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Which city?' }] }],
      generationConfig: {
        responseMimeType: 'application/json',
        responseSchema: { type: 'OBJECT', properties: { city: { type: 'STRING', nullable: true } } },
      },
    },
  },
  {
    name: 'an enumeration for the answer',
    origin,
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Which?' }] }],
      generationConfig: { responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a', 'b'] } },
    },
  },
  {
    name: 'tools of every kind',
    origin,
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
      tools: [
        {
          functionDeclarations: [
            { name: 'weather', description: 'Weather of a city', parametersJsonSchema: citySchema },
            { name: 'now', behavior: 'NON_BLOCKING' },
            {
              name: 'old',
              parameters: { type: 'OBJECT', properties: { at: { type: 'STRING', format: 'date-time' } } },
            },
          ],
        },
        { googleSearch: {} },
        { codeExecution: {} },
      ],
      toolConfig: {
        functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather', 'now'] },
        retrievalConfig: { languageCode: 'en' },
      },
    },
  },
  {
    name: 'calls that must be valid',
    origin: gemini3,
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: citySchema }, { name: 'now' }] }],
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['weather'] } },
      generationConfig: { thinkingConfig: { thinkingLevel: 'low' } },
    },
  },
  {
    name: 'a tool loop with signatures and ids',
    origin: gemini3,
    body: {
      contents: [
        { role: 'user', parts: [{ text: 'Weather in Paris and Rome?' }] },
        {
          role: 'model',
          parts: [
            { text: 'Two calls.', thought: true },
            { text: 'I look.', thoughtSignature: 'c2lnLXRleHQ=' },
            {
              functionCall: { id: 'a1', name: 'weather', args: { city: 'Paris' } },
              thoughtSignature: 'c2lnLWNhbGw+/_-=',
            },
            { functionCall: { id: 'a2', name: 'weather', args: { city: 'Rome' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'a1', name: 'weather', response: { result: 'sunny' } } },
            { functionResponse: { id: 'a2', name: 'weather', response: { sky: 'grey', degrees: 12 } } },
          ],
        },
        { role: 'model', parts: [{ text: 'Sunny; grey.' }, { text: '', thoughtSignature: 'c2lnLWVuZA==' }] },
        { role: 'user', parts: [{ text: 'And now?' }] },
      ],
    },
  },
  {
    name: 'a tool loop without ids',
    origin,
    body: {
      contents: [
        { role: 'user', parts: [{ text: 'Weather and time?' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'weather', args: { city: 'Paris' } } },
            { functionCall: { name: 'now', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'weather', response: { error: 'no such city' } } },
            { functionResponse: { name: 'now', response: { output: 'noon' }, willContinue: false } },
          ],
        },
      ],
    },
  },
  {
    name: 'media of every kind',
    origin,
    body: {
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is all this?' },
            {
              inlineData: { mimeType: 'image/png', data: onePixel },
              mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' },
            },
            { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } },
            { inlineData: { mimeType: 'application/pdf', data: 'JVBERg==', displayName: 'a.pdf' } },
            { fileData: { mimeType: 'application/pdf', fileUri: 'gs://bucket/a.pdf' } },
            {
              fileData: {
                mimeType: 'image/png',
                fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc-123',
              },
            },
            {
              fileData: { mimeType: 'video/mp4', fileUri: 'https://www.youtube.com/watch?v=abc' },
              videoMetadata: { startOffset: '1s' },
            },
          ],
        },
      ],
    },
  },
  {
    name: 'what Google ran itself',
    origin,
    body: {
      contents: [
        { role: 'user', parts: [{ text: 'Compute.' }] },
        {
          role: 'model',
          parts: [
            { executableCode: { language: 'PYTHON', code: 'print(1)' } },
            { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
            { text: 'One.' },
          ],
        },
        { role: 'user', parts: [{ text: 'Again.' }] },
      ],
    },
  },
  {
    name: 'media inside a tool result',
    origin: gemini3,
    body: {
      contents: [
        { role: 'user', parts: [{ text: 'Show me.' }] },
        { role: 'model', parts: [{ functionCall: { id: 'x', name: 'shot', args: {} }, thoughtSignature: 'c2ln' }] },
        {
          role: 'user',
          parts: [
            {
              functionResponse: {
                id: 'x',
                name: 'shot',
                response: { result: 'done' },
                parts: [{ inlineData: { mimeType: 'image/png', data: onePixel } }],
              },
            },
          ],
        },
      ],
    },
  },
  {
    name: 'snake_case, nulls, and turns in pieces',
    origin: gemini3,
    body: {
      model: 'models/gemini-3-flash-preview',
      system_instruction: 'Be brief.',
      tool_config: null,
      contents: [
        { parts: [{ text: 'Weather?', thought: false }] },
        {
          role: 'model',
          parts: [{ function_call: { name: 'weather', args: { min_degrees: 1 } }, thought_signature: 'c2ln' }],
        },
        { role: 'function', parts: [{ function_response: { name: 'weather', response: { a_b: 1 } } }] },
        { role: 'user', parts: { text: 'And?' } },
      ],
      tools: [
        { function_declarations: [{ name: 'weather', parameters_json_schema: citySchema }], code_execution: null },
      ],
      generation_config: { max_output_tokens: 5, thinking_config: { thinking_level: 'HIGH', include_thoughts: true } },
    },
    encoded: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'weather', args: { min_degrees: 1 } }, thoughtSignature: 'c2ln' }],
        },
        {
          role: 'user',
          parts: [{ functionResponse: { name: 'weather', response: { a_b: 1 } } }, { text: 'And?' }],
        },
      ],
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: citySchema }] }],
      generationConfig: { maxOutputTokens: 5, thinkingConfig: { thinkingLevel: 'high', includeThoughts: true } },
    },
  },
];

const usageMetadata = {
  promptTokenCount: 20,
  candidatesTokenCount: 10,
  thoughtsTokenCount: 5,
  cachedContentTokenCount: 4,
  toolUsePromptTokenCount: 3,
  totalTokenCount: 38,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
  trafficType: 'ON_DEMAND',
};

function answer(candidates: readonly JsonObject[], rest: JsonObject = {}): JsonObject {
  return { candidates, usageMetadata, modelVersion: 'gemini-3-flash', responseId: 'answer-1', ...rest };
}

const textAnswer = answer([
  {
    content: {
      role: 'model',
      parts: [
        { text: 'Let me think \u00e9\u4e2d\ud83d\ude00.', thought: true },
        { text: 'It is\nsunny "here".', thoughtSignature: 'c2lnLXRleHQ=' },
      ],
    },
    finishReason: 'STOP',
    index: 0,
    groundingMetadata: { webSearchQueries: ['weather'] },
  },
]);

const callAnswer = answer([
  {
    content: {
      role: 'model',
      parts: [
        { text: 'I look.' },
        { functionCall: { id: 'a1', name: 'weather', args: { city: 'Paris' } }, thoughtSignature: 'c2lnLWNhbGw+/_-=' },
        { functionCall: { name: 'now', args: {} } },
      ],
    },
    finishReason: 'STOP',
    index: 0,
    finishMessage: 'Model generated function call(s).',
  },
]);

const choicesAnswer = answer([
  { content: { role: 'model', parts: [{ text: 'One.' }] }, finishReason: 'STOP', index: 0 },
  {
    content: { role: 'model', parts: [{ text: 'Tw' }, { inlineData: { mimeType: 'image/png', data: onePixel } }] },
    finishReason: 'MAX_TOKENS',
    index: 1,
  },
]);

const blockedAnswer = {
  promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 0, totalTokenCount: 9 },
  modelVersion: 'gemini-3-flash',
  responseId: 'answer-1',
};

const unknownFinishAnswer = answer([
  { content: { role: 'model', parts: [{ text: 'Hm.' }] }, finishReason: 'NEW_REASON', index: 0 },
]);

const chunkUsage = { usageMetadata: { promptTokenCount: 20, totalTokenCount: 20 } };
const chunkNames = { modelVersion: 'gemini-3-flash', responseId: 'answer-1' };

function chunk(parts: readonly JsonObject[], rest: JsonObject = {}, top: JsonObject = chunkUsage): WireEvent {
  return event({ candidates: [{ content: { parts, role: 'model' }, index: 0, ...rest }], ...top, ...chunkNames });
}

export function event(body: JsonObject): WireEvent {
  return { event: undefined, data: JSON.stringify(body) };
}

const finalUsage = { usageMetadata };

export const samples: DialectSamples = {
  requests,
  refusedRequests: [
    { name: 'a body without contents', body: {}, param: 'contents' },
    { name: 'contents that are text', body: { contents: 'Hello' }, param: 'contents' },
    { name: 'a turn that is text', body: { contents: ['Hello'] }, param: 'contents[0]' },
    {
      name: 'a role of another dialect',
      body: { contents: [{ parts: [{ text: 'a' }] }, { role: 'assistant', parts: [{ text: 'b' }] }] },
      param: 'contents[1].role',
    },
    {
      name: 'parts that are text',
      body: { contents: [{ role: 'user', parts: ['Hello'] }] },
      param: 'contents[0].parts',
    },
    { name: 'no model', body: { contents: [{ parts: [{ text: 'a' }] }] }, param: 'model' },
  ],
  answers: [
    { name: 'an answer with thinking, a signature and grounding', body: textAnswer },
    { name: 'an answer with function calls', body: callAnswer },
    { name: 'two candidates, one with an image', body: choicesAnswer },
    { name: 'a refused prompt', body: blockedAnswer },
    { name: 'a finish reason nobody knows', body: unknownFinishAnswer },
  ],
  streams: [
    {
      name: 'text whose signature comes at the end',
      events: [
        chunk([{ text: 'Let me ', thought: true }]),
        chunk([{ text: 'think \u00e9\u4e2d\ud83d\ude00.', thought: true }, { text: 'It is\n' }]),
        chunk([{ text: 'sunny ' }], {}, { usageMetadata: { trafficType: 'ON_DEMAND' } }),
        chunk([{ text: '"here".' }], { groundingMetadata: { webSearchQueries: ['weather'] } }),
        chunk([{ text: '', thoughtSignature: 'c2lnLXRleHQ=' }], { finishReason: 'STOP' }, finalUsage),
      ],
      whole: textAnswer,
    },
    {
      name: 'function calls before a separate STOP',
      events: [
        chunk([{ text: 'I ' }]),
        chunk([{ text: 'look.' }]),
        chunk([
          {
            functionCall: { id: 'a1', name: 'weather', args: { city: 'Paris' } },
            thoughtSignature: 'c2lnLWNhbGw+/_-=',
          },
        ]),
        chunk([{ functionCall: { name: 'now', args: {} } }]),
        chunk([{ text: '' }], { finishReason: 'STOP', finishMessage: 'Model generated function call(s).' }, finalUsage),
      ],
      whole: callAnswer,
    },
    {
      name: 'a refused prompt',
      events: [event(blockedAnswer)],
      whole: blockedAnswer,
    },
  ],
  unknownFinish: {
    name: 'a finish reason nobody knows',
    events: [chunk([{ text: 'H' }]), chunk([{ text: 'm.' }], { finishReason: 'NEW_REASON' }, finalUsage)],
    whole: unknownFinishAnswer,
    raw: 'NEW_REASON',
  },
  unknownEvent: { event: 'ping', data: '{"type":"ping"}' },
  malformedEvent: { event: undefined, data: '{"candidates":[{"conte' },
  errorEvent: {
    event: event({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
    fault: { kind: 'server_error', status: 503, code: 'UNAVAILABLE', message: 'The model is overloaded.' },
  },
  errorBody: (message) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
  errors: [
    {
      name: 'a key Google does not know',
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
          details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
        },
      },
      fault: { kind: 'auth', code: 'INVALID_ARGUMENT' },
    },
    {
      name: 'a rate limit inside an array, with its delay in the body',
      status: 429,
      body: [
        {
          error: {
            code: 429,
            message: 'You exceeded your current quota, please check your plan and billing details.',
            status: 'RESOURCE_EXHAUSTED',
            details: [
              { violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }] },
              { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
            ],
          },
        },
      ],
      fault: { kind: 'rate_limit', code: 'RESOURCE_EXHAUSTED', retryAfterMs: 34_400 },
    },
    {
      name: 'a quota that is used up for the day',
      status: 429,
      body: {
        error: {
          code: 429,
          message: 'You exceeded your current quota.',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] }],
        },
      },
      fault: { kind: 'quota' },
    },
    {
      name: 'a field the API does not know',
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'Invalid JSON payload received. Unknown name "x"',
          status: 'INVALID_ARGUMENT',
          details: [{ fieldViolations: [{ field: 'tools[0].function_declarations[0].parameters' }] }],
        },
      },
      fault: { kind: 'invalid_request', param: 'tools[0].function_declarations[0].parameters' },
    },
    {
      name: 'a prompt that is too long',
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).',
          status: 'INVALID_ARGUMENT',
        },
      },
      fault: { kind: 'context_window' },
    },
    {
      name: 'text that is no JSON',
      status: 503,
      body: 'upstream connect error',
      fault: { kind: 'server_error', message: 'upstream connect error' },
    },
  ],
};
