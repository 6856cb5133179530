import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { ChatRequest, ToolChoice } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { decodeWireEvents } from '../../support/corpus.ts';
import { assistantCalls, encode, hello, result, sonnet, text } from './encode.ts';
import { citySchema, event } from './samples.ts';

const tools = ['weather', 'now'].map((name) => ({ type: 'function', name }) as const);
const nova = 'us.amazon.nova-pro-v1:0';
const nova2 = 'us.amazon.nova-2-lite-v1:0';
const mistral = 'mistral.mistral-large-2407-v1:0';
const llama = 'us.meta.llama3-3-70b-instruct-v1:0';
const gptOss = 'openai.gpt-oss-120b-1:0';

function specs(...names: readonly string[]): readonly JsonObject[] {
  return names.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object', properties: {} } } } }));
}

describe('toolChoice', () => {
  const chosen = (toolChoice: ToolChoice, model?: string) => {
    const { body, dropped } = encode({ tools, toolChoice }, model);
    return [body.toolConfig, dropped];
  };

  it('is in the words of the API', () => {
    const both = specs('weather', 'now');
    expect(chosen({ type: 'auto' })).toEqual([{ tools: both, toolChoice: { auto: {} } }, []]);
    expect(chosen({ type: 'required' })).toEqual([{ tools: both, toolChoice: { any: {} } }, []]);
    expect(chosen({ type: 'tool', name: 'now' })).toEqual([{ tools: both, toolChoice: { tool: { name: 'now' } } }, []]);
  });

  it('names several tools by sending no others', () => {
    const named = { tools: specs('now'), toolChoice: { auto: {} } };
    expect(chosen({ type: 'allowed', names: ['now'] })).toEqual([named, []]);
    expect(chosen({ type: 'required', names: ['now'] })).toEqual([{ ...named, toolChoice: { any: {} } }, []]);
  });

  it('is what the model takes, and the rest is reported', () => {
    expect(chosen({ type: 'tool', name: 'now' }, mistral)).toEqual([
      { tools: specs('now'), toolChoice: { any: {} } },
      [],
    ]);
    expect(chosen({ type: 'tool', name: 'now' }, llama)).toEqual([{ tools: specs('now') }, ['tool_choice']]);
    expect(chosen({ type: 'auto' }, llama)).toEqual([{ tools: specs('weather', 'now') }, []]);
    expect(chosen({ type: 'required' }, 'some.new-model')).toEqual([
      { tools: specs('weather', 'now'), toolChoice: { auto: {} } },
      ['tool_choice'],
    ]);
  });

  it('of none takes the tools away, unless the history needs them', () => {
    expect(chosen({ type: 'none' })).toEqual([undefined, []]);
    const messages = [hello, assistantCalls('a'), result('a', 'x')];
    const { body, dropped } = encode({ messages, tools, toolChoice: { type: 'none' } });
    expect([body.toolConfig, dropped]).toEqual([{ tools: specs('weather', 'now') }, ['tool_choice']]);
  });

  it('without tools is reported', () => {
    expect(encode({ toolChoice: { type: 'required' } })).toMatchObject({ dropped: ['tool_choice'] });
  });
});

describe('tools', () => {
  it('are declared again where the history calls them and the caller has sent none', () => {
    const { body } = encode({ messages: [hello, assistantCalls('a', 'b'), result('a', 'x'), result('b', 'y')] });
    expect(body.toolConfig).toEqual({ tools: specs('weather') });
  });

  it('are strict where the model can be held to it', () => {
    const strict = { type: 'function', name: 'weather', parameters: citySchema, strict: true } as const;
    expect(encode({ tools: [strict] }).body.toolConfig).toMatchObject({ tools: [{ toolSpec: { strict: true } }] });
    expect(encode({ tools: [strict] }, nova)).toMatchObject({ dropped: ['tools.function.strict'] });
  });

  it('of other providers are reported', () => {
    const search = { type: 'provider', dialect: 'anthropic-messages', data: { type: 'web_search_20250305' } } as const;
    const { body, dropped } = encode({ tools: [search] });
    expect([body.toolConfig, dropped]).toEqual([undefined, ['tools']]);
  });

  it('one at a time is more than the API can be asked for', () => {
    expect(encode({ tools, parallelToolCalls: false }).dropped).toEqual(['parallel_tool_calls']);
    expect(encode({ parallelToolCalls: false }).dropped).toEqual([]);
  });
});

describe('reasoning', () => {
  const fields = (request: Partial<ChatRequest>, model: string) => {
    const { body, dropped } = encode(request, model);
    return { fields: body.additionalModelRequestFields, config: body.inferenceConfig, dropped };
  };

  it('is a budget for a Claude that wants one, with room for the answer beside it', () => {
    expect(fields({ reasoning: { effort: 'low' }, maxOutputTokens: 100, temperature: 0.2 }, sonnet)).toEqual({
      fields: { thinking: { type: 'enabled', budget_tokens: 2048 } },
      config: { maxTokens: 2148 },
      dropped: ['temperature'],
    });
  });

  it('is effort for a Claude that sets its budget itself', () => {
    expect(fields({ reasoning: { effort: 'high' } }, 'us.anthropic.claude-opus-4-7')).toEqual({
      fields: { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      config: undefined,
      dropped: [],
    });
  });

  it('is given up where the turn in progress has lost its own', () => {
    const messages = [hello, assistantCalls('a'), result('a', 'x')];
    expect(fields({ messages, tools, reasoning: { effort: 'low' } }, sonnet)).toMatchObject({
      fields: undefined,
      dropped: ['reasoning_effort'],
    });
  });

  it('leaves no choice to force', () => {
    const { body, dropped } = encode({ tools, toolChoice: { type: 'required' }, reasoning: { effort: 'low' } });
    expect(body).toMatchObject({ toolConfig: { toolChoice: { any: {} } } });
    expect([body.additionalModelRequestFields, dropped]).toEqual([undefined, ['reasoning_effort']]);
    const adaptive = encode(
      { tools, toolChoice: { type: 'required' }, reasoning: { effort: 'low' } },
      'us.anthropic.claude-opus-4-7',
    );
    expect(adaptive.body).toMatchObject({ toolConfig: { toolChoice: { auto: {} } } });
    expect(adaptive.dropped).toEqual(['tool_choice']);
  });

  it('is one of three efforts for Nova 2, which takes no limits beside the highest', () => {
    expect(fields({ reasoning: { effort: 'low' }, topK: 3, temperature: 0.5 }, nova2)).toEqual({
      fields: { inferenceConfig: { topK: 3 }, reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
      config: { temperature: 0.5 },
      dropped: [],
    });
    expect(fields({ reasoning: { effort: 'max' }, maxOutputTokens: 9, temperature: 0.5, topP: 0.5 }, nova2)).toEqual({
      fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
      config: undefined,
      dropped: ['reasoning_effort', 'max_tokens', 'temperature', 'top_p'],
    });
    expect(fields({ reasoning: { budgetTokens: 9000 } }, nova2)).toMatchObject({
      fields: { reasoningConfig: { maxReasoningEffort: 'medium' } },
      dropped: ['reasoning_effort'],
    });
    expect(fields({ reasoning: { enabled: false } }, nova2).fields).toEqual({ reasoningConfig: { type: 'disabled' } });
    expect(fields({ reasoning: { enabled: true } }, nova2).fields).toEqual({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' },
    });
  });

  it('is an effort for gpt-oss, which cannot do without', () => {
    expect(fields({ reasoning: { effort: 'medium' } }, gptOss)).toMatchObject({
      fields: { reasoning_effort: 'medium' },
      dropped: [],
    });
    expect(fields({ reasoning: { enabled: false } }, gptOss)).toMatchObject({
      fields: { reasoning_effort: 'low' },
      dropped: ['reasoning_effort'],
    });
  });

  it('is reported for a model that has none', () => {
    expect(fields({ reasoning: { effort: 'low' } }, nova)).toEqual({
      fields: undefined,
      config: undefined,
      dropped: ['reasoning_effort'],
    });
    expect(fields({ reasoning: { enabled: false } }, nova).dropped).toEqual([]);
  });

  it('of a Claude caller is read for every other family', () => {
    const body = {
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 }, top_k: 5 },
    };
    const decoded = bedrockConverse().request.decode(body, { model: sonnet });
    expect(fields(decoded, nova2)).toMatchObject({
      fields: { inferenceConfig: { topK: 5 }, reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
      dropped: ['reasoning_effort'],
    });
  });

  it('nobody signed here is left out and reported', () => {
    const thought = { type: 'reasoning', text: 'Hm.', signature: { dialect: 'gemini', value: 'x' } } as const;
    const messages = [hello, { role: 'assistant', parts: [thought, { type: 'text', text: 'Yes' }] } as const, hello];
    const { turns, dropped } = encode({ messages });
    expect([turns[1]?.content, dropped]).toEqual([[{ text: 'Yes' }], ['reasoning_content']]);
  });
});

describe('limits', () => {
  it('are those of the API, for every model', () => {
    const { body, dropped } = encode({ temperature: 1.7, topP: 2, topK: 3, stop: ['END', ' '] }, llama);
    expect(body.inferenceConfig).toEqual({ temperature: 1, topP: 1, stopSequences: ['END'] });
    expect(dropped).toEqual(['temperature', 'top_p', 'top_k', 'stop']);
  });

  it('put top k where each family has it', () => {
    const topK = (model: string) => encode({ topK: 3 }, model).body.additionalModelRequestFields;
    expect([topK(sonnet), topK(nova), topK('cohere.command-r-v1:0')]).toEqual([
      { top_k: 3 },
      { inferenceConfig: { topK: 3 } },
      { k: 3 },
    ]);
  });

  it('of a Claude are lowered to what it can write', () => {
    const { body, dropped } = encode({ maxOutputTokens: 99_000 }, 'anthropic.claude-3-haiku-20240307-v1:0');
    expect([body.inferenceConfig, dropped]).toEqual([{ maxTokens: 4096 }, ['max_tokens']]);
  });

  it('keep what a log may hold of the user, and report the rest', () => {
    expect(encode({ user: 'user-17' }).body.requestMetadata).toEqual({ user: 'user-17' });
    expect(encode({ user: 'M\u00fcller' })).toMatchObject({ dropped: ['user'] });
  });
});

describe('a schema for the answer', () => {
  const responseFormat = { type: 'json-schema', name: 'city', schema: citySchema } as const;

  it('is enforced where the model can', () => {
    expect(encode({ responseFormat }).body.outputConfig).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'city', schema: JSON.stringify(citySchema) } },
      },
    });
  });

  it('is a tool that has to be called where the model takes one', () => {
    const tool = { toolSpec: { name: 'gateway__give_the_answer_as_json', inputSchema: { json: citySchema } } };
    expect(encode({ responseFormat }, nova)).toMatchObject({
      body: { toolConfig: { tools: [tool], toolChoice: { tool: { name: tool.toolSpec.name } } } },
      dropped: [],
    });
    expect(encode({ responseFormat }, mistral).body.toolConfig).toMatchObject({ toolChoice: { any: {} } });
  });

  it('is asked for in words where nothing else is possible', () => {
    for (const { body, dropped } of [
      encode({ responseFormat }, llama),
      encode({ responseFormat, tools }, nova),
      encode({ responseFormat: { type: 'json' } }),
    ]) {
      expect(JSON.stringify(body.system)).toContain('one JSON object');
      expect(dropped).toEqual(['response_format']);
    }
    const { turns } = encode({ responseFormat, messages: [hello] }, 'amazon.titan-text-express-v1');
    expect(JSON.stringify(turns[0])).toContain('one JSON object');
  });

  it('given by a tool is read as text, whole and streamed', () => {
    const dialect = bedrockConverse();
    const name = 'gateway__give_the_answer_as_json';
    const toolUse = { toolUseId: 'a', name, input: { city: 'Rome' } };
    const decoded = dialect.response.decode({
      output: { message: { role: 'assistant', content: [{ toolUse }] } },
      stopReason: 'tool_use',
    });
    const said = { parts: [{ type: 'text', text: '{"city":"Rome"}' }], finishReason: 'stop' };
    expect(decoded).toMatchObject({ answer: { choices: [said] } });
    const start = event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'a', name } } });
    const deltas = ['{"city":', '"Rome"}'].map((input) => {
      return event('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input } } });
    });
    const stop = [
      event('contentBlockStop', { contentBlockIndex: 0 }),
      event('messageStop', { stopReason: 'tool_use' }),
    ];
    const events = decodeWireEvents(dialect.stream.decoder(), [start, ...deltas, ...stop]);
    expect(collectEvents(events)).toMatchObject({ choices: [said] });
  });
});

describe('what a Converse body may go on as', () => {
  const passes = (body: JsonObject, model = sonnet) =>
    bedrockConverse().request.passThrough(body, { model }) !== undefined;
  const question = { role: 'user', content: [{ text: 'Hi' }] };
  const call = { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }] };

  it('is the body itself, where the model surely takes it', () => {
    expect(passes({ messages: [question], system: [{ text: 'x' }], guardrailConfig: {} })).toBe(true);
    expect(passes({ messages: [question], toolConfig: { tools: [], toolChoice: { any: {} } } })).toBe(true);
  });

  const rewritten: readonly (readonly [what: string, body: JsonObject, model?: string])[] = [
    ['an unknown member', { messages: [question], model: 'x' }],
    ['no messages', { messages: [] }],
    ['two user turns', { messages: [question, question] }],
    ['a turn without content', { messages: [{ role: 'user', content: [] }] }],
    ['fields of one family', { messages: [question], additionalModelRequestFields: { top_k: 1 } }],
    ['calls without declared tools', { messages: [question, call] }],
    ['a system prompt for a model that has none', { messages: [question], system: [] }, 'amazon.titan-text-lite-v1'],
    [
      'tools for a model that has none',
      { messages: [question], toolConfig: { tools: [] } },
      'amazon.titan-text-lite-v1',
    ],
    ['a choice the model cannot take', { messages: [question], toolConfig: { toolChoice: { any: {} } } }, llama],
    ['a schema the model cannot keep', { messages: [question], outputConfig: {} }, nova],
    ['a cache point for a model without cache', { messages: [{ role: 'user', content: [{ cachePoint: {} }] }] }, llama],
    ['a picture for a model that sees none', { messages: [{ role: 'user', content: [{ image: {} }] }] }, llama],
  ];
  for (const [what, body, model] of rewritten) {
    it(`is a rewritten one for ${what}`, () => {
      expect(passes(body, model)).toBe(false);
    });
  }
});

describe('a variant', () => {
  it('says of a model what the table does not know', () => {
    const known = encode({ messages: [text('system', 'Be brief.'), hello] }, 'my-model', {
      models: [
        {
          match: /^my-model/,
          system: 'refused',
          images: 'refused',
          audio: 'refused',
          tools: 'refused',
          toolChoices: [],
          toolResultStatus: 'refused',
          cachePoints: 'refused',
          topK: 'none',
          reasoning: 'none',
          structuredOutput: 'refused',
        },
      ],
    });
    expect(known.body.system).toBeUndefined();
  });
});
