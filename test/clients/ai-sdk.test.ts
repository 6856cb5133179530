import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { APICallError, generateObject, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { type ClientApp, dialectOf, providerNames, startClientApp } from './support/client-app.ts';

let app: ClientApp;

beforeAll(async () => {
  app = await startClientApp();
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** The client as its users make it. It tries once, so that the tests see every failure. */
function model(name: string) {
  const provider = createOpenAICompatible({
    name: 'gateway',
    baseURL: app.baseURL,
    apiKey: app.key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  return provider(name);
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
const lowEffort = { gateway: { reasoningEffort: 'low' } };

/** Models of each provider that know structured output, and that think. */
const capable = {
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro',
} as const;

describe.each(providerNames)('the AI SDK against %s', (provider) => {
  const name = `${provider}/demo-small`;

  it('generates text with usage, finish reason and the model that served', async () => {
    const result = await generateText({
      model: model(name),
      instructions: 'Be short.',
      prompt: 'say: hello there',
      ...once,
    });
    expect(result.text).toBe('hello there');
    expect(result.finishReason).toBe('stop');
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    expect(result.usage.outputTokens).toBe(2);
    expect(result.response).toMatchObject({ modelId: 'demo-small', headers: { 'x-provider': provider } });
    expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider] }]);
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

  it('calls its tools and goes on to the answer', async () => {
    const result = await generateText({
      model: model(name),
      tools,
      stopWhen: stepCountIs(3),
      prompt: askTwo,
      ...once,
    });
    expect(result.steps.map((step) => step.toolCalls.map((call) => call.toolName))).toEqual([
      ['get_weather', 'get_time'],
      [],
    ]);
    expect(result.text).toBe('The tools answered: rain in Oslo; noon in Lima');
  });

  it('does so while streaming', async () => {
    const result = streamText({ model: model(name), tools, stopWhen: stepCountIs(3), prompt: askTwo, ...once });
    const kinds = new Set<string>();
    for await (const part of result.fullStream) kinds.add(part.type);
    expect([...kinds]).toEqual(expect.arrayContaining(['tool-input-delta', 'tool-call', 'tool-result', 'text-delta']));
    expect(kinds).not.toContain('error');
    expect(await result.text).toBe('The tools answered: rain in Oslo; noon in Lima');
  });

  const schema = z.object({ city: z.string(), degrees: z.number(), sky: z.enum(['clear', 'cloudy']) });

  it('gets objects that keep to a schema, whole and streamed', async () => {
    const prompt = 'The weather in Oslo?';
    const { object } = await generateObject({ model: model(capable[provider]), schema, prompt, ...once });
    expect(schema.parse(object)).toEqual(object);
    const output = Output.object({ schema });
    const generated = await generateText({ model: model(capable[provider]), output, prompt, ...once });
    expect(generated.output).toEqual(object);
    const streamed = streamText({ model: model(capable[provider]), output, prompt, ...once });
    let last: unknown;
    for await (const partial of streamed.partialOutputStream) last = partial;
    expect(last).toEqual(object);
  });

  it('sends an image', async () => {
    const { text } = await generateText({
      model: model(name),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'file', data: Buffer.from('not really a picture'), mediaType: 'image/png' },
          ],
        },
      ],
      ...once,
    });
    expect(text).toContain('and an image');
  });

  it('closes the provider when it is aborted', async () => {
    const controller = new AbortController();
    const result = streamText({
      model: model(`${name}+pace(5)`),
      prompt: 'write 2000 words',
      abortSignal: controller.signal,
      onError: () => {},
      ...once,
    });
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') controller.abort();
    }
    await app.settled();
    expect(app.wall.calls).toMatchObject([{ outcome: 'aborted' }]);
  });

  it.each([
    ['e400', 400, false, 'invalid_request'],
    ['e429', 429, true, 'rate_limit_exceeded'],
    ['e500', 502, true, 'upstream_error'],
  ])('throws an APICallError for %s that says whether to try again', async (fault, statusCode, isRetryable, code) => {
    const failing = generateText({ model: model(`${provider}/${fault}`), prompt: 'Say hello.', ...once });
    const thrown: unknown = await failing.then(
      () => undefined,
      (error) => error,
    );
    expect(APICallError.isInstance(thrown)).toBe(true);
    expect(thrown).toMatchObject({ statusCode, isRetryable, data: { error: { code } } });
  });
});

describe('opaque state through the AI SDK', () => {
  it.each([capable.anthropic, capable.gemini])('%s thinks, calls tools and goes on', async (name) => {
    const thinking = { model: model(name), tools, stopWhen: stepCountIs(3), prompt: askTwo, ...once };
    const whole = await generateText({ ...thinking, providerOptions: lowEffort });
    expect(whole.text).toBe('The tools answered: rain in Oslo; noon in Lima');
    const streamed = streamText({ ...thinking, providerOptions: lowEffort });
    expect(await streamed.text).toBe(whole.text);
    if (name === capable.anthropic) expect(whole.steps[0]?.reasoningText).toMatch(/.+/);
    else expect(String(app.wall.calls.at(-1)?.body)).toContain('thoughtSignature');
  });
});
