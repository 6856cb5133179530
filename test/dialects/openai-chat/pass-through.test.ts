import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { type OpenAIChatVariant, openaiChat } from '../../../src/dialects/openai-chat/index.ts';

const user = { role: 'user', content: 'Hi' };
const tool = { type: 'function', function: { name: 'f' } };
const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };

const mistral: OpenAIChatVariant = {
  parameters: ['max_tokens', 'tools', 'tool_choice', 'temperature', 'random_seed', 'response_format'],
  maxTokensFields: ['max_tokens'],
  seedField: 'random_seed',
  streamOptions: false,
  requiredToolChoice: 'any',
  allowedTools: false,
  namedToolChoice: false,
  toolCallIds: 'nine-alphanumerics',
  instructionRoles: 'system',
  extraFields: [],
  jsonSchema: false,
  modelRules: [{ models: /^thinks/, translateAnswers: true }],
};

function splices(body: JsonObject, variant: OpenAIChatVariant = {}, model = 'gpt-4o') {
  return openaiChat(variant).request.passThrough({ model: 'public-name', messages: [user], ...body }, { model });
}

describe('a body that passes through', () => {
  it('gets the name of the target', () => {
    expect(splices({ temperature: 1 })).toEqual([['model', '"gpt-4o"']]);
  });

  it('gets usage asked for in streams, keeping other options', () => {
    const model = ['model', '"gpt-4o"'];
    expect(splices({ stream: true })).toEqual([model, ['stream_options', '{"include_usage":true}']]);
    expect(splices({ stream: true, stream_options: { include_usage: true } })).toEqual([model]);
    expect(splices({ stream: true, stream_options: { include_usage: false, x: 1 } })).toEqual([
      model,
      ['stream_options', '{"include_usage":true,"x":1}'],
    ]);
    expect(splices({ stream_options: { include_usage: true } })).toEqual([['stream_options', undefined], model]);
    expect(splices({ stream: true, stream_options: {} }, mistral)).toEqual([['stream_options', undefined], model]);
  });

  it('loses what speaks to the gateway', () => {
    const fields = ['fallback', 'fallbacks', 'models', 'options'];
    const body = Object.fromEntries(fields.map((field) => [field, []]));
    expect(splices(body)?.slice(0, 4)).toEqual(fields.map((field) => [field, undefined]));
  });

  it('gets its token limit renamed', () => {
    expect(splices({ max_tokens: 5 }, {}, 'gpt-5')?.slice(0, 2)).toEqual([
      ['max_tokens', undefined],
      ['max_completion_tokens', '5'],
    ]);
    expect(splices({ max_tokens: 5 }, {}, 'gpt-4o')).toEqual([['model', '"gpt-4o"']]);
    expect(splices({ max_completion_tokens: 5 }, mistral)?.[1]).toEqual(['max_tokens', '5']);
  });

  it('gets its demand for a call in the word of the provider', () => {
    expect(splices({ tools: [tool], tool_choice: 'required' }, mistral)?.[0]).toEqual(['tool_choice', '"any"']);
  });

  it.each<[string, JsonObject]>([
    ['tools', { tools: [tool, { type: 'custom', custom: {} }], tool_choice: 'auto', parallel_tool_calls: true }],
    [
      'history',
      {
        messages: [
          user,
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
        ],
      },
    ],
    [
      'parts',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'image_url', image_url: {} },
            ],
          },
        ],
      },
    ],
    [
      'an answer sent back',
      { messages: [{ role: 'assistant', content: 'a', refusal: null, annotations: [], audio: null }] },
    ],
    ['the form before tools', { messages: [user, { role: 'function', name: 'f', content: '' }], functions: [] }],
  ])('may hold %s', (_what, body) => {
    expect(splices(body)).toEqual([['model', '"gpt-4o"']]);
  });
});

describe('a body is translated instead', () => {
  const tooOld = { tools: [{ function: { name: 'f' } }] };
  const assistant = (fields: JsonObject) => ({ messages: [user, { role: 'assistant', content: 'a', ...fields }] });

  it.each<[string, JsonObject]>([
    ['no messages', { messages: [] }],
    ['messages that are none', { messages: 'Hi' }],
    ['an unknown role', { messages: [{ role: 'x', content: '' }] }],
    ['an unknown parameter', { min_p: 0.5 }],
    ['both token limits', { max_tokens: 5, max_completion_tokens: 6, model: 'x' }],
    ['a tool without a type', tooOld],
    ['tool settings without tools', { tool_choice: 'auto' }],
    ['parallel calls without tools', { parallel_tool_calls: false }],
    ['reasoning in the history', assistant({ reasoning_content: 'Hm' })],
    ['signatures in the history', assistant({ reasoning_details: [] })],
    ['a signed call', assistant({ tool_calls: [{ ...call, extra_content: {} }] })],
    ['an unknown member of a message', assistant({ cache_control: {} })],
    [
      'an unknown member of a part',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '', cache_control: {} }] }] },
    ],
    ['an unknown part', { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: {} }] }] }],
    [
      'an image in a tool result',
      { messages: [{ role: 'tool', tool_call_id: 'a', content: [{ type: 'image_url', image_url: {} }] }] },
    ],
    ['a stream that is no boolean', { stream: 'yes' }],
  ])('with %s', (what, body) => {
    expect(splices(body, {}, what === 'both token limits' ? 'gpt-5' : 'gpt-4o')).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ['long ids of calls', { messages: [user, { role: 'assistant', content: '', tool_calls: [call] }] }],
    ['long ids of results', { messages: [user, { role: 'tool', tool_call_id: 'call_1', content: 'ok' }] }],
    ['a developer', { messages: [{ role: 'developer', content: 'x' }, user] }],
    ['a name', { messages: [{ ...user, name: 'ana' }] }],
    ['a seed', { seed: 1 }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: {} } }],
    ['a named tool', { tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } }],
  ])('for a stricter provider with %s', (_what, body) => {
    expect(splices(body, mistral)).toBeUndefined();
  });

  it('for models that refuse a parameter, or whose answers need translation', () => {
    expect(splices({ temperature: 0 }, {}, 'gpt-5')).toBeUndefined();
    expect(splices({}, mistral, 'thinks-much')).toBeUndefined();
    expect(splices({}, mistral, 'speaks')).toBeDefined();
  });
});
