import { createOpenAI } from '@ai-sdk/openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { APICallError, generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { type ClientApp, providerNames, startClientApp } from './support/client-app.ts';

let app: ClientApp;

beforeAll(async () => {
  app = await startClientApp({ provider: { timeouts: { idle: '300ms', firstToken: '2s' } } });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** The client as its users make it: its models speak the Responses API unless told otherwise. */
function model(name: string) {
  return createOpenAI({ baseURL: app.baseURL, apiKey: app.key })(name);
}
const once = { maxRetries: 0 };

const askTwo = 'call get_weather {"city":"Oslo"} and call get_time {"city":"Lima"}';
const tools = {
  get_weather: tool({
    description: 'The weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `rain in ${city}`,
  }),
  get_time: tool({
    description: 'The time in a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `noon in ${city}`,
  }),
};

const capable = {
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro',
} as const;

describe.each(providerNames)('the AI SDK in its default mode against %s', (provider) => {
  const name = `${provider}/demo-small`;

  it('generates text with usage and finish reason', async () => {
    const result = await generateText({ model: model(name), prompt: 'say: hello there', ...once });
    expect([result.text, result.finishReason]).toEqual(['hello there', 'stop']);
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBe(2);
  });

  it('streams text, then says usage and finish reason', async () => {
    const result = streamText({ model: model(name), prompt: 'write 20 words', ...once });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.join('')).toBe(Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(' '));
    expect(pieces).toHaveLength(20);
    expect(await result.finishReason).toBe('stop');
    expect((await result.usage).outputTokens).toBe(20);
  });

  it('calls its tools and goes on to the answer, whole and streamed', async () => {
    const asking = { model: model(name), tools, stopWhen: stepCountIs(3), prompt: askTwo, ...once };
    const result = await generateText(asking);
    expect(result.steps.map((step) => step.toolCalls.map((call) => call.toolName))).toEqual([
      ['get_weather', 'get_time'],
      [],
    ]);
    expect(result.text).toBe('The tools answered: rain in Oslo; noon in Lima');
    const streamed = streamText(asking);
    const kinds = new Set<string>();
    for await (const part of streamed.fullStream) kinds.add(part.type);
    expect([...kinds]).toEqual(expect.arrayContaining(['tool-input-delta', 'tool-call', 'tool-result', 'text-delta']));
    expect(kinds).not.toContain('error');
    expect(await streamed.text).toBe(result.text);
  });

  it('goes on with what the model said when it does not rely on the provider to keep it', async () => {
    const providerOptions = { openai: { store: false } };
    const first = await generateText({ model: model(name), prompt: 'say: one', providerOptions, ...once });
    const messages = [
      { role: 'user' as const, content: 'say: one' },
      ...first.response.messages,
      { role: 'user' as const, content: 'say: two' },
    ];
    const second = await generateText({ model: model(name), messages, providerOptions, ...once });
    expect(second.text).toBe('two');
    expect(JSON.stringify(app.wall.calls.at(-1)?.json)).toContain('one');
  });

  it('gets objects that keep to a schema', async () => {
    const schema = z.object({ city: z.string(), degrees: z.number(), sky: z.enum(['clear', 'cloudy']) });
    const prompt = 'The weather in Oslo?';
    const { object } = await generateObject({ model: model(capable[provider]), schema, prompt, ...once });
    expect(schema.parse(object)).toEqual(object);
  });

  it.each([
    ['e400', 400, false],
    ['e429', 429, true],
    ['e500', 502, true],
  ])('throws an APICallError for %s that says whether to try again', async (fault, statusCode, isRetryable) => {
    const failing = generateText({ model: model(`${provider}/${fault}`), prompt: 'Say hello.', ...once });
    const thrown: unknown = await failing.then(
      () => undefined,
      (error) => error,
    );
    expect(APICallError.isInstance(thrown)).toBe(true);
    expect(thrown).toMatchObject({ statusCode, isRetryable });
  });

  it('hears of a stream that breaks', async () => {
    const errors: unknown[] = [];
    const result = streamText({
      model: model(`${provider}/demo+cut(3)`),
      prompt: 'write 30 words',
      onError: ({ error }) => void errors.push(error),
      ...once,
    });
    const kinds: string[] = [];
    try {
      for await (const part of result.fullStream) kinds.push(part.type);
    } catch (thrown) {
      errors.push(thrown);
    }
    expect(kinds).toContain('text-delta');
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe('reasoning through the AI SDK', () => {
  it.each(['openai/gpt-5-mini', capable.anthropic, capable.gemini])(
    '%s thinks, calls tools and goes on',
    async (name) => {
      const providerOptions = {
        openai: { store: false, reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true },
      };
      const asking = { model: model(name), tools, stopWhen: stepCountIs(3), prompt: askTwo, providerOptions, ...once };
      const whole = await generateText(asking);
      expect(whole.text).toBe('The tools answered: rain in Oslo; noon in Lima');
      const streamed = streamText(asking);
      expect(await streamed.text).toBe(whole.text);
      if (!name.startsWith('gemini')) expect(whole.steps[0]?.reasoningText).toMatch(/.+/);
    },
  );
});
