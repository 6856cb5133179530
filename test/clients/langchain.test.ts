import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AIMessageChunk, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai';
import { z } from 'zod';
import { type ClientApp, dialectOf, providerNames, startClientApp } from './support/client-app.ts';

let app: ClientApp;

beforeAll(async () => {
  app = await startClientApp();
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** The client as its users make it. It tries once, so that the tests see every failure. */
function chat(model: string, fields: ChatOpenAIFields = {}): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: app.key,
    maxRetries: 0,
    configuration: { baseURL: app.baseURL },
    ...fields,
  });
}

const city = z.object({ city: z.string() });
const getWeather = tool(({ city: name }) => `rain in ${name}`, { name: 'get_weather', schema: city });
const getTime = tool(({ city: name }) => `noon in ${name}`, { name: 'get_time', schema: city });
const tools = [getWeather, getTime];
const askTwo = new HumanMessage('call get_weather {"city":"Oslo"} and call get_time {"city":"Lima"}');

async function results({ tool_calls }: Pick<AIMessageChunk, 'tool_calls'>): Promise<ToolMessage[]> {
  return Promise.all(
    (tool_calls ?? []).map(async (call) => {
      const used = call.name === 'get_weather' ? getWeather : getTime;
      return new ToolMessage({
        content: await used.invoke(city.parse(call.args)),
        tool_call_id: call.id ?? '',
      });
    }),
  );
}

const capable = {
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro',
} as const;

describe.each(providerNames)('LangChain against %s', (provider) => {
  const name = `${provider}/demo-small`;

  it('invokes a model and reads usage and finish reason', async () => {
    const message = await chat(name).invoke([new SystemMessage('Be short.'), new HumanMessage('say: hello there')]);
    expect(message.content).toBe('hello there');
    expect(message.usage_metadata).toMatchObject({ output_tokens: 2 });
    expect(message.response_metadata).toMatchObject({ finish_reason: 'stop', model_name: 'demo-small' });
    expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider] }]);
  });

  it('streams, with usage in the end', async () => {
    let whole: AIMessageChunk | undefined;
    let pieces = 0;
    for await (const chunk of await chat(name).stream('write 20 words')) {
      whole = whole?.concat(chunk) ?? chunk;
      if (chunk.content !== '') pieces += 1;
    }
    expect(whole?.content).toBe(Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(' '));
    expect(pieces).toBe(20);
    expect(whole?.usage_metadata).toMatchObject({ output_tokens: 20 });
    expect(whole?.response_metadata).toMatchObject({ finish_reason: 'stop' });
  });

  it('calls its tools, whole and streamed, and goes on to the answer', async () => {
    const bound = chat(name).bindTools(tools);
    const whole = await bound.invoke([askTwo]);
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await bound.stream([askTwo])) streamed = streamed?.concat(chunk) ?? chunk;
    for (const message of [whole, streamed ?? new AIMessageChunk('')]) {
      expect(message.tool_calls).toMatchObject([
        { name: 'get_weather', args: { city: 'Oslo' }, id: expect.stringMatching(/.+/) },
        { name: 'get_time', args: { city: 'Lima' }, id: expect.stringMatching(/.+/) },
      ]);
      const turns: BaseMessage[] = [askTwo, message, ...(await results(message))];
      expect((await bound.invoke(turns)).content).toBe('The tools answered: rain in Oslo; noon in Lima');
    }
  });

  it.each(['jsonSchema', 'functionCalling'] as const)('gets objects that keep to a schema (%s)', async (method) => {
    const schema = z.object({ city: z.string(), degrees: z.number(), sky: z.enum(['clear', 'cloudy']) });
    const structured = chat(capable[provider]).withStructuredOutput(schema, { method, name: 'weather' });
    const answer = await structured.invoke('The weather in Oslo?');
    expect(schema.parse(answer)).toEqual(answer);
    expect(answer.sky).toBe('clear');
  });

  it('closes the provider when it is aborted', async () => {
    const controller = new AbortController();
    const stream = await chat(`${name}+pace(5)`).stream('write 2000 words', { signal: controller.signal });
    const reading = (async () => {
      for await (const chunk of stream) {
        if (chunk.content !== '') controller.abort();
      }
    })();
    await reading.catch(() => {});
    await app.settled();
    expect(app.wall.calls).toMatchObject([{ outcome: 'aborted' }]);
  });

  it.each([
    ['e400', 400, 'invalid_request'],
    ['e429', 429, 'rate_limit_exceeded'],
    ['e500', 502, 'upstream_error'],
  ])('throws for %s, with status and code', async (fault, status, code) => {
    await expect(chat(`${provider}/${fault}`).invoke('Say hello.')).rejects.toMatchObject({ status, code });
  });
});

describe('opaque state through LangChain, which drops it', () => {
  it.each([capable.anthropic, capable.gemini])('%s thinks, calls tools and goes on', async (name) => {
    const bound = chat(name, { modelKwargs: { reasoning_effort: 'low' } }).bindTools(tools);
    const message = await bound.invoke([askTwo]);
    expect(message.tool_calls).toHaveLength(2);
    const turns: BaseMessage[] = [askTwo, message, ...(await results(message))];
    expect((await bound.invoke(turns)).content).toBe('The tools answered: rain in Oslo; noon in Lima');
  });
});
