import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import { z } from 'zod';
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts';
import {
  type ClientApp,
  openaiClient,
  type ProviderName,
  providerNames,
  startClientApp,
  timeTool,
  weatherTool,
} from './support/client-app.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

let app: ClientApp;
let client: OpenAI;

beforeAll(async () => {
  app = await startClientApp();
  client = openaiClient(app);
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const askOne: Message = { role: 'user', content: 'call get_weather {"city":"Troms\u00f8","unit":"C"}' };
const askTwo: Message = {
  role: 'user',
  content: 'call get_weather {"city":"Oslo","unit":"C"} and call get_time {"city":"Lima"}',
};
const tools = [weatherTool, timeTool];

/** Both ways of asking: the whole answer, and the message the stream helper puts together. */
const modes = {
  whole: async (params: Params) => {
    const completion = await client.chat.completions.create(params);
    return completion.choices[0];
  },
  streamed: async (params: Params) => {
    const completion = await client.chat.completions.stream({ ...params, stream: true }).finalChatCompletion();
    return completion.choices[0];
  },
} as const;
const modeNames = ['whole', 'streamed'] as const;

function functionCalls(message: OpenAI.ChatCompletionMessage | undefined) {
  return (message?.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));
}

function results(message: OpenAI.ChatCompletionMessage | undefined): Message[] {
  return functionCalls(message).map(({ id, function: { name } }) => ({
    role: 'tool',
    tool_call_id: id,
    content: `result of ${name}`,
  }));
}

describe.each(providerNames)('tools through the OpenAI SDK against %s', (provider) => {
  const model = `${provider}/demo-small`;

  describe.each(modeNames)('%s', (mode) => {
    it('calls one tool and reads its result back in the next turn', async () => {
      const first = await modes[mode]({ model, messages: [askOne], tools });
      expect(first?.finish_reason).toBe('tool_calls');
      expect(functionCalls(first?.message)).toMatchObject([
        { id: expect.stringMatching(/.+/), type: 'function', function: { name: 'get_weather' } },
      ]);
      expect(JSON.parse(functionCalls(first?.message)[0]?.function.arguments ?? '')).toEqual({
        city: 'Troms\u00f8',
        unit: 'C',
      });
      const second = await modes[mode]({
        model,
        messages: [askOne, first?.message ?? askOne, ...results(first?.message)],
        tools,
      });
      expect(second?.finish_reason).toBe('stop');
      expect(second?.message.content).toBe('The tools answered: result of get_weather');
    });

    it('calls two tools at once, under ids of their own', async () => {
      const first = await modes[mode]({ model, messages: [askTwo], tools });
      const calls = functionCalls(first?.message);
      expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual([
        ['get_weather', { city: 'Oslo', unit: 'C' }],
        ['get_time', { city: 'Lima' }],
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      const second = await modes[mode]({
        model,
        messages: [askTwo, first?.message ?? askTwo, ...results(first?.message)],
        tools,
      });
      expect(second?.message.content).toBe('The tools answered: result of get_weather; result of get_time');
    });
  });

  it('streams the arguments of each call under its own index', async () => {
    const stream = await client.chat.completions.create({ model, messages: [askTwo], tools, stream: true });
    const texts = new Map<number, string>();
    const names = new Map<number, string | undefined>();
    let pieces = 0;
    for await (const chunk of stream) {
      for (const call of chunk.choices[0]?.delta.tool_calls ?? []) {
        if (call.function?.name) names.set(call.index, call.function.name);
        texts.set(call.index, (texts.get(call.index) ?? '') + (call.function?.arguments ?? ''));
        pieces += 1;
      }
    }
    expect([...names]).toEqual([
      [0, 'get_weather'],
      [1, 'get_time'],
    ]);
    expect([...texts.values()].map((text) => JSON.parse(text))).toEqual([
      { city: 'Oslo', unit: 'C' },
      { city: 'Lima' },
    ]);
    // Gemini sends arguments whole unless it is asked for pieces.
    expect(pieces).toBeGreaterThanOrEqual(provider === 'gemini' ? 2 : 6);
  });

  it('obeys tool_choice: none, required, one tool by name', async () => {
    const ask = async (tool_choice: OpenAI.ChatCompletionToolChoiceOption, messages: Message[]) =>
      functionCalls((await modes.whole({ model, messages, tools, tool_choice }))?.message).map(
        (call) => call.function.name,
      );
    expect(await ask('none', [askOne])).toEqual([]);
    expect(await ask('required', [{ role: 'user', content: 'Hello.' }])).toEqual(['get_weather']);
    expect(
      await ask({ type: 'function', function: { name: 'get_time' } }, [{ role: 'user', content: 'Hello.' }]),
    ).toEqual(['get_time']);
  });

  it('makes one call at a time when told so, or says that the model cannot be told', async () => {
    const { data, response } = await client.chat.completions
      .create({ model, messages: [askTwo], tools, parallel_tool_calls: false })
      .withResponse();
    const count = functionCalls(data.choices[0]?.message).length;
    const dropped = response.headers.get('x-gateway-dropped-params');
    expect([count, dropped]).toEqual(provider === 'gemini' ? [2, 'parallel_tool_calls'] : [1, null]);
  });

  it('runs tools in a loop until the answer is there', async () => {
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: [askTwo],
      tools: tools.map(({ function: { name, description, parameters } }) => ({
        type: 'function' as const,
        function: {
          name,
          description,
          parameters,
          parse: JSON.parse,
          function: (argument: object) => {
            asked.push(argument);
            return `${name} said so`;
          },
        },
      })),
    });
    expect(await runner.finalContent()).toBe('The tools answered: get_weather said so; get_time said so');
    expect(asked).toEqual([{ city: 'Oslo', unit: 'C' }, { city: 'Lima' }]);
  });

  it('takes a tool made of a zod schema and parses its arguments', async () => {
    const completion = await client.chat.completions.parse({
      model,
      messages: [{ role: 'user', content: 'call find {"name":"Ada","limit":3}' }],
      tools: [zodFunction({ name: 'find', parameters: z.object({ name: z.string(), limit: z.int().nullable() }) })],
    });
    expect(completion.choices[0]?.message.tool_calls).toMatchObject([
      { function: { parsed_arguments: { name: 'Ada', limit: 3 } } },
    ]);
  });

  it('calls a tool that takes nothing', async () => {
    const choice = await modes.streamed({
      model,
      messages: [{ role: 'user', content: 'call ping {}' }],
      tools: [{ type: 'function', function: { name: 'ping' } }],
    });
    expect(functionCalls(choice?.message).map((call) => JSON.parse(call.function.arguments))).toEqual([{}]);
  });
});

/** What the provider was sent last. */
function lastRequest(): JsonObject {
  return asObject(app.wall.calls.at(-1)?.json) ?? {};
}

const thinkers: Readonly<Record<Exclude<ProviderName, 'openai'>, string>> = {
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro',
};

describe.each(modeNames)('opaque state, %s', (mode) => {
  it("brings Anthropic's signed thinking back with the tool results", async () => {
    const params = { model: thinkers.anthropic, tools, reasoning_effort: 'low' as const, max_tokens: 4000 };
    const first = await modes[mode]({ ...params, messages: [askTwo] });
    expect(first?.message).toMatchObject({
      reasoning_content: expect.any(String),
      reasoning_details: [{ type: 'reasoning.text', text: expect.any(String), signature: expect.any(String) }],
    });
    const second = await modes[mode]({
      ...params,
      messages: [askTwo, first?.message ?? askTwo, ...results(first?.message)],
    });
    expect(second?.message.content).toContain('The tools answered');
    const sent = lastRequest();
    expect(sent.thinking).toMatchObject({ type: 'enabled' });
    expect(asObject(asArray(sent.messages)[1])?.content).toMatchObject([
      { type: 'thinking', thinking: expect.stringMatching(/.+/), signature: expect.stringMatching(/^Eq/) },
      { type: 'tool_use' },
      { type: 'tool_use' },
    ]);
  });

  it("brings Gemini's thought signature back on the call it came with", async () => {
    const params = { model: thinkers.gemini, tools, reasoning_effort: 'low' as const };
    const first = await modes[mode]({ ...params, messages: [askTwo] });
    const signature = Buffer.from('fake provider signature of get_weather').toString('base64');
    expect(functionCalls(first?.message)[0]).toMatchObject({
      extra_content: { google: { thought_signature: signature } },
    });
    const second = await modes[mode]({
      ...params,
      messages: [askTwo, first?.message ?? askTwo, ...results(first?.message)],
    });
    expect(second?.message.content).toContain('The tools answered');
    const parts = asArray(asObject(asArray(lastRequest().contents)[1])?.parts).map((part) => asObject(part) ?? {});
    const called = parts.filter((part) => part.functionCall !== undefined);
    expect(called.map((part) => part.thoughtSignature)).toEqual([signature, undefined]);
  });

  it.each(Object.values(thinkers))('%s goes on without what a client has lost', async (model) => {
    const params = { model, tools, reasoning_effort: 'low' as const, max_tokens: 4000 };
    const first = await modes[mode]({ ...params, messages: [askOne] });
    const tool_calls = functionCalls(first?.message).map(({ id, type, function: { name, arguments: text } }) => ({
      id,
      type,
      function: { name, arguments: text },
    }));
    const second = await modes[mode]({
      ...params,
      messages: [askOne, { role: 'assistant', tool_calls }, ...results(first?.message)],
    });
    expect(second?.message.content).toContain('The tools answered');
  });
});
