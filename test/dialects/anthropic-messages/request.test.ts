import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatRequest, ResponseFormat } from '../../../src/dialects/canonical.ts';
import { encode } from './encode.ts';
import { citySchema } from './samples.ts';

const legacy = 'claude-3-5-haiku-20241022';

describe('max_tokens', () => {
  it('is always there, by model', () => {
    expect(encode({}, 'claude-3-haiku-20240307').body.max_tokens).toBe(4096);
    expect(encode({}, legacy).body.max_tokens).toBe(8192);
    expect(encode({}, 'claude-sonnet-4-5').body.max_tokens).toBe(32_000);
    expect(encode({}, 'glm-4.6').body.max_tokens).toBe(8192);
  });

  it('is lowered to what the model can write, and this reported', () => {
    expect(encode({ maxOutputTokens: 128_000 }, legacy)).toMatchObject({
      body: { max_tokens: 8192 },
      dropped: ['max_tokens'],
    });
    expect(encode({ maxOutputTokens: 128_000 }, 'claude-opus-4-7').dropped).toEqual([]);
    expect(encode({ maxOutputTokens: 500_000 }, 'glm-4.6').dropped).toEqual([]);
  });
});

describe('sampling', () => {
  const samplingOf = (request: Partial<ChatRequest>, model = legacy) => {
    const { body, dropped } = encode(request, model);
    return { temperature: body.temperature, top_p: body.top_p, top_k: body.top_k, dropped };
  };
  const nothing = { temperature: undefined, top_p: undefined, top_k: undefined, dropped: [] };

  it('lowers a temperature above 1 and reports it', () => {
    expect(samplingOf({ temperature: 1.7 })).toEqual({ ...nothing, temperature: 1, dropped: ['temperature'] });
    expect(samplingOf({ temperature: 0 })).toEqual({ ...nothing, temperature: 0 });
  });

  it('keeps one of temperature and top_p where the model takes only one', () => {
    expect(samplingOf({ temperature: 0.5, topP: 0.9, topK: 4 })).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
    });
    expect(samplingOf({ temperature: 0.5, topP: 0.9 }, 'claude-haiku-4-5')).toEqual({
      ...nothing,
      temperature: 0.5,
      dropped: ['top_p'],
    });
    expect(samplingOf({ topP: 0.9 }, 'claude-haiku-4-5')).toEqual({ ...nothing, top_p: 0.9 });
  });

  it('is left out where the model takes none; what equals the default is no loss', () => {
    expect(samplingOf({ temperature: 0.5, topP: 0.9, topK: 4 }, 'claude-opus-4-7')).toEqual({
      ...nothing,
      dropped: ['temperature', 'top_p', 'top_k'],
    });
    expect(samplingOf({ temperature: 1 }, 'claude-opus-4-7')).toEqual(nothing);
  });

  it('stays at its defaults beside thinking', () => {
    const thinking = { reasoning: { effort: 'low' }, temperature: 0.5, topP: 0.5, topK: 4 };
    expect(samplingOf(thinking, 'claude-sonnet-4-0')).toEqual({
      ...nothing,
      dropped: ['temperature', 'top_p', 'top_k'],
    });
    expect(samplingOf({ ...thinking, reasoning: { enabled: false } }, 'claude-sonnet-4-0')).toMatchObject({
      dropped: [],
    });
  });
});

describe('parameters the API has no word for', () => {
  it('are reported, each of them', () => {
    const { dropped } = encode({
      choiceCount: 2,
      logprobs: true,
      topLogprobs: 3,
      seed: 0,
      presencePenalty: 0.1,
      frequencyPenalty: -0.1,
      extensions: { 'openai-chat': { logit_bias: {}, store: true } },
    });
    expect([...dropped].sort()).toEqual(
      ['frequency_penalty', 'logit_bias', 'logprobs', 'n', 'presence_penalty', 'seed', 'store', 'top_logprobs'].sort(),
    );
  });

  it('are no loss where they say what is so anyway', () => {
    const defaults = { choiceCount: 1, logprobs: false, topLogprobs: 0, presencePenalty: 0, frequencyPenalty: 0 };
    expect(encode(defaults).dropped).toEqual([]);
  });

  it('include fields of this dialect that it does not know', () => {
    const request = anthropicMessages().request.decode(
      { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }], temprature: 1, service_tier: 'auto' },
      {},
    );
    const { body, dropped } = anthropicMessages().request.encode(request, { model: 'claude-haiku-4-5' });
    expect(body).toMatchObject({ service_tier: 'auto' });
    expect(body).not.toHaveProperty('temprature');
    expect(dropped).toEqual(['temprature']);
  });
});

describe('other fields', () => {
  it('send stop sequences that are not blank', () => {
    expect(encode({ stop: ['END', '\n\n', ' '] })).toMatchObject({
      body: { stop_sequences: ['END'] },
      dropped: ['stop'],
    });
    expect(encode({ stop: [] }).body).not.toHaveProperty('stop_sequences');
  });

  it('send the end user, unless the id is longer than the API takes', () => {
    expect(encode({ user: 'user-17' }).body.metadata).toEqual({ user_id: 'user-17' });
    expect(encode({ user: 'x'.repeat(257) })).toMatchObject({ dropped: ['user'] });
  });

  it('ask for a stream only when one is wanted', () => {
    expect(encode({ stream: true }).body.stream).toBe(true);
    expect(encode({}).body).not.toHaveProperty('stream');
  });

  it('name the version and not the model where the host has the model in its path', () => {
    const { body } = encode({}, 'claude-sonnet-4-5@20250929', { bodyVersion: 'vertex-2023-10-16' });
    expect(body).toMatchObject({ anthropic_version: 'vertex-2023-10-16' });
    expect(body).not.toHaveProperty('model');
  });

  it('know a model by what the operator says of it', () => {
    const models = [
      {
        match: /^my-claude$/,
        maxOutputTokens: 500,
        defaultMaxTokens: 400,
        thinking: 'none',
        thinkingOff: 'accepted',
        efforts: [],
        sampling: 'none',
        forcedToolChoice: 'refused',
        structuredOutput: 'refused',
        systemTurns: 'refused',
      },
    ] as const;
    expect(encode({ temperature: 0.5 }, 'my-claude', { models })).toMatchObject({
      body: { max_tokens: 400 },
      dropped: ['temperature'],
    });
  });
});

describe('the format of the answer', () => {
  const format: ResponseFormat = { type: 'json-schema', name: 'city', strict: true, schema: citySchema };

  it('is enforced where the model can', () => {
    expect(encode({ responseFormat: format })).toMatchObject({
      body: { output_config: { format: { type: 'json_schema', schema: citySchema } } },
      dropped: [],
    });
  });

  it('is asked for in the system prompt elsewhere, and reported', () => {
    const { body, dropped } = encode({ responseFormat: format }, legacy);
    expect(body.system).toContain(JSON.stringify(citySchema));
    expect(body).not.toHaveProperty('output_config');
    expect(dropped).toEqual(['response_format']);
  });

  it('is asked for when there is no schema, or one the API does not take', () => {
    const tree = {
      type: 'object',
      properties: { next: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    };
    const itself = { type: 'object', properties: { next: { $ref: '#' } } };
    for (const schema of [tree, itself, { type: 'array' }, {}]) {
      const responseFormat: ResponseFormat = { type: 'json-schema', schema };
      expect(encode({ responseFormat }).dropped).toEqual(['response_format']);
    }
    const { body, dropped } = encode({ responseFormat: { type: 'json' } });
    expect(body.system).toMatch(/JSON object/);
    expect(dropped).toEqual(['response_format']);
    expect(encode({ responseFormat: { type: 'text' } })).toMatchObject({ dropped: [] });
  });

  it('comes after what the system prompt said before', () => {
    const messages = [
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    ] as const;
    const { body } = encode({ messages, responseFormat: { type: 'json' } });
    expect(body.system).toMatchObject([{ text: 'Be brief.' }, { text: expect.stringContaining('JSON') }]);
  });
});

describe('pass-through', () => {
  const body = { model: 'fast', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
  const { passThrough } = anthropicMessages().request;
  const to = (model: string, more = {}) => passThrough({ ...body, ...more }, { model });

  it('replaces the name of the model and nothing else', () => {
    expect(to('claude-haiku-4-5')).toEqual([['model', '"claude-haiku-4-5"']]);
    expect(to('fast')).toEqual([]);
  });

  it('is refused for keys the API does not know, and where something it requires is missing', () => {
    expect(to('claude-haiku-4-5', { options: {} })).toBeUndefined();
    expect(to('claude-haiku-4-5', { max_tokens: undefined })).toBeUndefined();
    expect(passThrough({ ...body, messages: 'Hi' }, { model: 'fast' })).toBeUndefined();
  });

  it('puts the version in the place of the model where the host has that in the path', () => {
    const vertex = anthropicMessages({ bodyVersion: 'vertex-2023-10-16', urlSources: 'refused' });
    const splices = [
      ['model', undefined],
      ['anthropic_version', '"vertex-2023-10-16"'],
    ];
    const onVertex = (content: unknown) => {
      const messages: JsonValue = JSON.parse(JSON.stringify([{ role: 'user', content }]));
      return vertex.request.passThrough({ ...body, messages }, { model: 'claude-haiku-4-5@20251001' });
    };
    expect(onVertex('Hi')).toEqual(splices);
    const image = (type: string) => ({
      type: 'image',
      source: { type, url: 'https://x', data: '', media_type: 'image/png' },
    });
    expect(onVertex([image('base64')])).toEqual(splices);
    expect(onVertex([image('url')])).toBeUndefined();
    expect(onVertex([{ type: 'tool_result', tool_use_id: 't', content: [image('url')] }])).toBeUndefined();
    expect(vertex.request.passThrough({ ...body, top_p: 2 }, { model: 'claude-opus-4-7@x' })).toBeUndefined();
  });

  it('is refused for what the target would not take', () => {
    const tools = [{ name: 'now', input_schema: { type: 'object' } }];
    const refused: readonly (readonly [string, object])[] = [
      [legacy, { max_tokens: 10_000 }],
      [legacy, { thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 }],
      [legacy, { thinking: { type: 'disabled' } }],
      [legacy, { output_config: { effort: 'low' } }],
      [legacy, { output_config: { format: {} } }],
      [legacy, { temperature: 1.5 }],
      [legacy, { tool_choice: { type: 'auto' } }],
      [legacy, { tools: [{ ...tools[0], strict: true }] }],
      [legacy, { messages: [...body.messages, { role: 'system', content: 'x' }] }],
      ['claude-opus-4-7', { thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 }],
      ['claude-opus-4-7', { temperature: 0.5 }],
      ['claude-opus-5-5', { thinking: { type: 'disabled' } }],
      ['claude-opus-5-5', { tools, tool_choice: { type: 'any' } }],
      ['claude-haiku-4-5', { temperature: 0.5, top_p: 0.5 }],
      ['claude-haiku-4-5', { thinking: { type: 'adaptive' } }],
      ['claude-haiku-4-5', { thinking: { type: 'enabled', budget_tokens: 2000 } }],
      ['claude-haiku-4-5', { thinking: { type: 'some-new-way' } }],
      [
        'claude-haiku-4-5',
        {
          thinking: { type: 'enabled', budget_tokens: 2000 },
          max_tokens: 4000,
          tools,
          tool_choice: { type: 'any' },
        },
      ],
      ['claude-haiku-4-5', { thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000, temperature: 0.5 }],
    ];
    for (const [model, more] of refused) expect({ model, more, splices: to(model, more) }).toEqual({ model, more });
  });
});
