import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { ask, dialects, type Question } from './support/ask.ts';
import { type Read, readStream, readWhole } from './support/read-answer.ts';

let wall: FakeProvider;

beforeAll(async () => {
  wall = await startFakeProvider();
});

beforeEach(() => {
  wall.reset();
});

afterAll(async () => {
  await wall.close();
});

/** The same question asked for a stream and for a whole answer. */
async function both(question: Question): Promise<readonly [Read, Read]> {
  const stream = await ask(wall, { ...question, stream: true });
  const whole = await ask(wall, { ...question, stream: false });
  expect([stream.status, whole.status, stream.bytes.toString(), whole.bytes.toString()]).toEqual([
    200,
    200,
    expect.any(String),
    expect.any(String),
  ]);
  return [readStream(stream), readWhole(whole)];
}

const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
};

/** Two tools in the dialect's own words. */
const tools: Readonly<Record<PlayedDialect, JsonObject>> = {
  'openai-chat': {
    tools: ['get_weather', 'get_time'].map((name) => ({
      type: 'function',
      function: { name, parameters: weatherSchema },
    })),
  },
  'openai-responses': {
    tools: ['get_weather', 'get_time'].map((name) => ({ type: 'function', name, parameters: weatherSchema })),
  },
  'anthropic-messages': { tools: ['get_weather', 'get_time'].map((name) => ({ name, input_schema: weatherSchema })) },
  'bedrock-converse': {
    toolConfig: {
      tools: ['get_weather', 'get_time'].map((name) => ({ toolSpec: { name, inputSchema: { json: weatherSchema } } })),
    },
  },
  'ollama-chat': {
    tools: ['get_weather', 'get_time'].map((name) => ({
      type: 'function',
      function: { name, parameters: weatherSchema },
    })),
  },
  'cohere-chat': {
    tools: ['get_weather', 'get_time'].map((name) => ({
      type: 'function',
      function: { name, parameters: weatherSchema },
    })),
  },
  gemini: {
    tools: [{ functionDeclarations: ['get_weather', 'get_time'].map((name) => ({ name, parameters: weatherSchema })) }],
  },
};

/** Ollama has no word for it: what is not asked for is not sent. */
const forced: Readonly<Record<Exclude<PlayedDialect, 'ollama-chat'>, JsonObject>> = {
  // No tool can be named: the only one that is sent is the one.
  'cohere-chat': {
    tools: [{ type: 'function', function: { name: 'get_time', parameters: weatherSchema } }],
    tool_choice: 'REQUIRED',
  },
  'openai-chat': { tool_choice: { type: 'function', function: { name: 'get_time' } } },
  'openai-responses': { tool_choice: { type: 'function', name: 'get_time' } },
  'anthropic-messages': { tool_choice: { type: 'tool', name: 'get_time' } },
  'bedrock-converse': {
    toolConfig: {
      tools: ['get_weather', 'get_time'].map((name) => ({ toolSpec: { name, inputSchema: { json: weatherSchema } } })),
      toolChoice: { tool: { name: 'get_time' } },
    },
  },
  gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['get_time'] } } },
};

const schemaFormat: Readonly<Record<PlayedDialect, JsonObject>> = {
  'openai-chat': { response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: weatherSchema } } },
  'openai-responses': { text: { format: { type: 'json_schema', name: 'weather', schema: weatherSchema } } },
  'anthropic-messages': { output_config: { format: { type: 'json_schema', schema: weatherSchema } } },
  gemini: { generationConfig: { responseMimeType: 'application/json', responseSchema: weatherSchema } },
  'bedrock-converse': {
    outputConfig: {
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(weatherSchema) } } },
    },
  },
  'ollama-chat': { format: weatherSchema },
  'cohere-chat': { response_format: { type: 'json_object', json_schema: weatherSchema } },
};

const prefix = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  'anthropic-messages': '/v1',
  gemini: '/v1beta',
  'bedrock-converse': '/model',
  'ollama-chat': '/api',
  'cohere-chat': '/v2',
} as const;
const natural = {
  'openai-chat': 'stop',
  'openai-responses': 'completed',
  'anthropic-messages': 'end_turn',
  gemini: 'STOP',
  'bedrock-converse': 'end_turn',
  'ollama-chat': 'stop',
  'cohere-chat': 'COMPLETE',
} as const;
const toolFinish = {
  'openai-chat': 'tool_calls',
  'openai-responses': 'completed',
  'anthropic-messages': 'tool_use',
  gemini: 'STOP',
  'bedrock-converse': 'tool_use',
  'ollama-chat': 'stop',
  'cohere-chat': 'TOOL_CALL',
} as const;
const lengthFinish = {
  'openai-chat': 'length',
  'openai-responses': 'max_output_tokens',
  'anthropic-messages': 'max_tokens',
  gemini: 'MAX_TOKENS',
  'bedrock-converse': 'max_tokens',
  'ollama-chat': 'length',
  'cohere-chat': 'MAX_TOKENS',
} as const;

describe.each(dialects)('a healthy %s provider', (dialect) => {
  it('answers with the gist of the question, the same streamed and whole', async () => {
    const [stream, whole] = await both({ dialect, text: 'How far is the moon?' });
    expect(whole.text).toBe('You said "How far is the moon?". This is a test answer from demo-small.');
    expect(stream.text).toBe(whole.text);
    expect([stream.finish, whole.finish]).toEqual([natural[dialect], natural[dialect]]);
    expect(stream.done).toBe(hasEndMarker(dialect));
  });

  it('repeats what it is told to say, to the letter', async () => {
    const text = 'data: [DONE]\n\n\u2028 "quoted" \u00e9\u{1f600} tail ';
    const [stream, whole] = await both({ dialect, text: `say: ${text}` });
    expect([stream.text, whole.text]).toEqual([text, text]);
  });

  it('reports the same usage streamed and whole, with all tokens accounted for', async () => {
    const [stream, whole] = await both({ dialect, text: 'write 12 words' });
    const last = stream.usages.at(-1);
    expect(last).toBeDefined();
    expect(whole.usages[0]).toMatchObject(last ?? {});
    expect(JSON.stringify(last)).toMatch(
      /"(completion_tokens|output_tokens|candidatesTokenCount|outputTokens|eval_count)":12/,
    );
  });

  it('calls several tools with the given arguments, in pieces where the vendor streams them', async () => {
    const text = 'Please call get_weather {"city":"Oslo","days":{"a":"}"}} and call get_time.';
    const [stream, whole] = await both({ dialect, text, fields: tools[dialect] });
    for (const read of [stream, whole]) {
      expect(read.finish).toBe(toolFinish[dialect]);
      expect(read.toolCalls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
        ['get_weather', { city: 'Oslo', days: { a: '}' } }],
        ['get_time', { city: 'example', days: 1 }],
      ]);
      const ids = read.toolCalls.map((call) => call.id);
      expect(new Set(ids).size).toBe(dialect === 'gemini' ? 1 : 2);
    }
    if (dialect !== 'gemini' && dialect !== 'ollama-chat') expect(stream.contentEvents).toBeGreaterThan(6);
  });

  it('calls the tool that the request demands', async () => {
    if (dialect === 'ollama-chat') {
      const [plain] = await both({ dialect, fields: tools[dialect] });
      expect(plain.toolCalls).toEqual([]);
      return;
    }
    const [stream, whole] = await both({ dialect, fields: { ...tools[dialect], ...forced[dialect] } });
    expect([stream.toolCalls, whole.toolCalls].map((calls) => calls.map((call) => call.name))).toEqual([
      ['get_time'],
      ['get_time'],
    ]);
  });

  it('answers a schema with a value of it', async () => {
    const [stream, whole] = await both({ dialect, fields: schemaFormat[dialect] });
    expect(JSON.parse(whole.text)).toEqual({ city: 'example', days: 1 });
    expect(stream.text).toBe(whole.text);
  });

  it('stops at the token limit and says so', async () => {
    // The Responses API takes no lower limit.
    const maxTokens = dialect === 'openai-responses' ? 16 : 5;
    const [stream, whole] = await both({ dialect, text: 'write 30 words', maxTokens });
    expect([stream.finish, whole.finish]).toEqual([lengthFinish[dialect], lengthFinish[dialect]]);
    const text = Array.from({ length: maxTokens }, (_, index) => `word${index + 1}`).join(' ');
    expect([stream.text, whole.text]).toEqual([text, text]);
  });

  it('stops before a stop sequence', async () => {
    if (dialect === 'openai-responses') {
      // It has no word for it.
      expect((await ask(wall, { dialect, fields: { stop: ['word4'] } })).status).toBe(400);
      return;
    }
    const fields = {
      'openai-chat': { stop: ['word4'] },
      'anthropic-messages': { stop_sequences: ['word4'] },
      gemini: { generationConfig: { stopSequences: ['word4'] } },
      'bedrock-converse': { inferenceConfig: { stopSequences: ['word4'] } },
      'ollama-chat': { options: { stop: ['word4'] } },
      'cohere-chat': { stop_sequences: ['word4'] },
    }[dialect];
    const [stream, whole] = await both({ dialect, text: 'write 9 words', fields });
    expect([stream.text.trim(), whole.text.trim()]).toEqual(Array(2).fill('word1 word2 word3'));
    const words: Partial<Record<PlayedDialect, string>> = {
      'anthropic-messages': 'stop_sequence',
      'bedrock-converse': 'stop_sequence',
      'cohere-chat': 'STOP_SEQUENCE',
    };
    expect(whole.finish).toBe(words[dialect] ?? natural[dialect]);
  });

  it('lists its models in the dialect', async () => {
    const headers = dialect === 'anthropic-messages' ? { 'anthropic-version': '2023-06-01' } : undefined;
    // Cohere's stands under the path of OpenAI's, which comes first where both are offered.
    const only = await startFakeProvider({ dialects: [dialect] });
    const paths: Partial<Record<PlayedDialect, string>> = {
      'bedrock-converse': '/foundation-models',
      'ollama-chat': '/api/tags',
      'cohere-chat': '/v1/models',
    };
    const response = await fetch(`${only.url}${paths[dialect] ?? `${prefix[dialect]}/models`}`, {
      ...(headers !== undefined && { headers }),
    });
    const body = JSON.stringify(await response.json());
    const name = '"name":"demo-small"';
    const named = {
      gemini: '"models/demo-small"',
      'bedrock-converse': '"modelId":"demo-small"',
      'ollama-chat': name,
      'cohere-chat': name,
    };
    expect(body).toContain(dialect in named ? named[dialect as keyof typeof named] : '"id":"demo-small"');
    const forms = {
      'openai-chat': '"object":"list"',
      'openai-responses': '"object":"list"',
      'anthropic-messages': '"has_more"',
      'bedrock-converse': '"modelSummaries":',
    };
    expect(body).toContain(dialect in forms ? forms[dialect as keyof typeof forms] : '"models":');
    await only.close();
  });

  it('answers an unknown path with 404 in its own shape', async () => {
    const only = await startFakeProvider({ dialects: [dialect] });
    const response = await fetch(`${only.url}${prefix[dialect]}/nothing`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(404);
    const says = expect.stringContaining('Invalid URL');
    const shapes: Partial<Record<PlayedDialect, unknown>> = {
      'bedrock-converse': { message: says },
      'ollama-chat': { error: says },
      'cohere-chat': { message: says },
    };
    expect(await response.json()).toMatchObject(shapes[dialect] ?? { error: { message: says } });
    await only.close();
  });
});

describe('reasoning', () => {
  it('is counted and hidden by OpenAI, and shown as reasoning_content when asked to think aloud', async () => {
    const hidden = await ask(wall, { dialect: 'openai-chat', fields: { reasoning_effort: 'low' } });
    expect(readWhole(hidden)).toMatchObject({ reasoning: '' });
    expect(readWhole(hidden).usages[0]).toMatchObject({ completion_tokens_details: { reasoning_tokens: 12 } });
    const aloud = await ask(wall, { dialect: 'openai-chat', stream: true, text: 'think aloud, please' });
    expect(readStream(aloud).reasoning).toContain('The question is short');
  });

  it('is signed by Anthropic, which takes it back unchanged and nothing else', async () => {
    const thinking = { thinking: { type: 'enabled', budget_tokens: 1024 }, ...tools['anthropic-messages'] };
    const first = await ask(wall, { dialect: 'anthropic-messages', text: 'call get_time', fields: thinking });
    const content: unknown = JSON.parse(first.bytes.toString()).content;
    const turns = (blocks: unknown): JsonObject => ({
      model: 'demo-small',
      max_tokens: 4096,
      ...thinking,
      messages: [
        { role: 'user', content: 'call get_time' },
        { role: 'assistant', content: blocks as JsonObject },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: callId(blocks), content: 'noon' }] },
      ],
    });
    const kept = await ask(wall, { dialect: 'anthropic-messages', body: turns(content) });
    expect(readWhole(kept).text).toBe('The tools answered: noon');
    const changed = JSON.parse(JSON.stringify(content).replace('short', 'long'));
    const refused = await ask(wall, { dialect: 'anthropic-messages', body: turns(changed) });
    expect([refused.status, refused.bytes.toString()]).toEqual([400, expect.stringContaining('Invalid `signature`')]);
  });

  it('comes with one signature delta at the end of an Anthropic thinking block', async () => {
    const fields = { thinking: { type: 'adaptive' } };
    const seen = await ask(wall, { dialect: 'anthropic-messages', stream: true, fields });
    const types = readStream(seen).events.flatMap((event) => [
      (event.delta as JsonObject | undefined)?.type ?? event.type,
    ]);
    expect(types.indexOf('signature_delta')).toBe(types.lastIndexOf('signature_delta'));
    expect(types.indexOf('signature_delta')).toBeGreaterThan(types.lastIndexOf('thinking_delta'));
  });

  it('is shown by Gemini as thought parts and counted apart', async () => {
    const fields = { generationConfig: { thinkingConfig: { includeThoughts: true } } };
    const [stream, whole] = await both({ dialect: 'gemini', fields });
    expect(stream.reasoning).toBe(whole.reasoning);
    expect(whole.reasoning).toContain('The question is short');
    expect(whole.usages[0]).toMatchObject({ thoughtsTokenCount: 12 });
    expect(stream.events.at(-1)).toMatchObject({
      candidates: [{ content: { parts: [{ text: '', thoughtSignature: expect.any(String) }] } }],
    });
  });

  it('signs the first call of a Gemini 3 model, which refuses the history without it', async () => {
    const model = 'gemini-3-flash-preview';
    const first = await ask(wall, { dialect: 'gemini', model, text: 'call get_time', fields: tools.gemini });
    const part: JsonObject = JSON.parse(first.bytes.toString()).candidates[0].content.parts[0];
    expect(part).toMatchObject({
      functionCall: { id: expect.stringMatching(/^[a-z0-9]{8}$/) },
      thoughtSignature: expect.any(String),
    });
    const history = (sent: JsonObject): JsonObject => ({
      ...tools.gemini,
      contents: [
        { role: 'user', parts: [{ text: 'call get_time' }] },
        { role: 'model', parts: [sent] },
        { role: 'user', parts: [{ functionResponse: { name: 'get_time', response: { result: 'noon' } } }] },
      ],
    });
    const kept = await ask(wall, { dialect: 'gemini', model, body: history(part) });
    expect(readWhole(kept).text).toBe('The tools answered: noon');
    const { thoughtSignature: _, ...bare } = part;
    const refused = await ask(wall, { dialect: 'gemini', model, body: history(bare) });
    expect([refused.status, refused.bytes.toString()]).toEqual([
      400,
      expect.stringContaining('missing a thought_signature'),
    ]);
  });
});

describe('what only one dialect has', () => {
  it('OpenAI answers for paths under /v1 that belong to no other', async () => {
    const response = await fetch(`${wall.url}/v1/moderations`, { method: 'POST', body: '{}' });
    expect(await response.json()).toMatchObject({ error: { param: null } });
  });

  it('OpenAI sends usage in a stream only to those who ask', async () => {
    const seen = await ask(wall, {
      dialect: 'openai-chat',
      stream: true,
      fields: { stream_options: { include_usage: false } },
    });
    expect(readStream(seen).usages).toEqual([]);
  });

  it('OpenAI gives the logprobs of its words to those who ask', async () => {
    const whole = await ask(wall, { dialect: 'openai-chat', text: 'say: one two', fields: { logprobs: true } });
    const { content } = JSON.parse(whole.bytes.toString()).choices[0].logprobs;
    expect(content.map((one: JsonObject) => one.token)).toEqual(['one', ' two']);
    expect(content[0].bytes).toEqual([...Buffer.from('one')]);
  });

  it('OpenAI calls only allowed tools when one is required', async () => {
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'get_time' } }] };
    const fields = { ...tools['openai-chat'], tool_choice: { type: 'allowed_tools', allowed_tools: allowed } };
    const seen = await ask(wall, { dialect: 'openai-chat', text: 'call get_weather', fields });
    expect(readWhole(seen).toolCalls.map((call) => call.name)).toEqual(['get_time']);
  });

  it('OpenAI gives n choices', async () => {
    const seen = await ask(wall, { dialect: 'openai-chat', fields: { n: 3 } });
    expect(JSON.parse(seen.bytes.toString()).choices.map((choice: JsonObject) => choice.index)).toEqual([0, 1, 2]);
  });

  it('OpenAI says stop, not tool_calls, when the request names the tool', async () => {
    const fields = { ...tools['openai-chat'], ...forced['openai-chat'] };
    expect(readWhole(await ask(wall, { dialect: 'openai-chat', fields })).finish).toBe('stop');
  });

  it('OpenAI calls one tool when parallel calls are off', async () => {
    const fields = { ...tools['openai-chat'], parallel_tool_calls: false };
    const seen = await ask(wall, { dialect: 'openai-chat', text: 'call get_time and call get_weather', fields });
    expect(readWhole(seen).toolCalls.map((call) => call.name)).toEqual(['get_time']);
  });

  it('Gemini streams a JSON array without alt=sse', async () => {
    const response = await fetch(`${wall.baseUrl('gemini')}/v1beta/models/demo:streamGenerateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'write 3 words' }] }] }),
    });
    const items = (await response.json()) as JsonObject[];
    expect(items).toHaveLength(4);
    expect(items[3]).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
  });
});

/** Gemini and Bedrock end with the connection, Ollama and the Responses API with what has the reason. */
function hasEndMarker(dialect: PlayedDialect): boolean {
  return !['gemini', 'bedrock-converse', 'ollama-chat', 'openai-responses'].includes(dialect);
}

function callId(blocks: unknown): string {
  const list = blocks as readonly JsonObject[];
  return String(list.find((block) => block.type === 'tool_use')?.id);
}
