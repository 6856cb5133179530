import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import {
  type ClientApp,
  dialectOf,
  openaiClient,
  providerNames,
  question,
  startClientApp,
} from './support/client-app.ts';

let app: ClientApp;
let client: OpenAI;

beforeAll(async () => {
  app = await startClientApp();
  client = openaiClient(app);
});
afterAll(() => app.close());
afterEach(async () => {
  expect(await app.rest()).toEqual([]);
});

/** Models that are held to a JSON schema. */
const structuredModels = {
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash',
} as const;

const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe.each(providerNames)('the OpenAI SDK against %s', (provider) => {
  const model = `${provider}/demo-small`;

  it('gets an answer with its usage, the model that served and the request id', async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({
        model,
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'First.' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'user', content: 'say: gr\u00fc\u00df Gott \ud83d\ude00' },
        ],
        max_completion_tokens: 100,
        temperature: 0.5,
        user: 'somebody',
      })
      .withResponse();
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]?.message).toMatchObject({
      role: 'assistant',
      content: 'gr\u00fc\u00df Gott \ud83d\ude00',
      refusal: null,
    });
    expect(data).toMatchObject({ object: 'chat.completion', model: 'demo-small' });
    expect(data.choices[0]?.finish_reason).toBe('stop');
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = data.usage ?? {};
    expect(Math.min(prompt_tokens, completion_tokens)).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect(response.headers.get('x-provider')).toBe(provider);
    expect(response.headers.get('x-gateway-attempts')).toBe('1');
    await app.settled();
    expect(app.lines).toMatchObject([{ request_id, status: 'ok', key_id: 'team', provider, model: 'demo-small' }]);
    expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider], model: 'demo-small' }]);
  });

  it('reads a stream to its end, without usage it did not ask for', async () => {
    const stream = await client.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: 'user', content: 'write 30 words' }],
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(Array.from({ length: 30 }, (_, index) => `word${index + 1}`).join(' '));
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content).length).toBeGreaterThanOrEqual(30);
    expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason)).toHaveLength(1);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.filter((chunk) => chunk.usage)).toEqual([]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', model: 'demo-small' });
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
  });

  it('gets usage as the last chunk, without choices, when it asks for it', async () => {
    const stream = await client.chat.completions.create({
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: question,
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const withUsage = chunks.filter((chunk) => chunk.usage);
    expect(withUsage).toHaveLength(1);
    expect(chunks.at(-1)).toBe(withUsage[0]);
    expect(withUsage[0]?.choices).toEqual([]);
    expect(withUsage[0]?.usage?.completion_tokens).toBeGreaterThan(0);
    await app.settled();
    expect(app.lines[0]).toMatchObject({
      stream: true,
      input_tokens: withUsage[0]?.usage?.prompt_tokens,
      output_tokens: withUsage[0]?.usage?.completion_tokens,
    });
  });

  it('is helped through a stream: events, content, final completion', async () => {
    const deltas: string[] = [];
    const runner = client.chat.completions.stream({
      model,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'say: one two three' }],
    });
    runner.on('content', (delta) => deltas.push(delta));
    const completion = await runner.finalChatCompletion();
    expect(deltas.join('')).toBe('one two three');
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'one two three' },
    });
    expect(completion.usage?.total_tokens).toBeGreaterThan(0);
    expect(await runner.finalContent()).toBe('one two three');
    expect(await runner.totalUsage()).toMatchObject({ total_tokens: completion.usage?.total_tokens });
  });

  it('is told that max_tokens or a stop sequence ended the answer', async () => {
    const cut = { model, messages: [{ role: 'user' as const, content: 'write 30 words' }], max_tokens: 5 };
    const whole = await client.chat.completions.create(cut);
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: expect.anything() } });
    const streamed = await client.chat.completions.stream(cut).finalChatCompletion();
    expect(streamed.choices[0]?.finish_reason).toBe('length');
    expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    const stopped = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'say: left END right' }],
      stop: ['END'],
    });
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'left ' } });
  });

  it('sends an image', async () => {
    const completion = await client.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: pixel } },
          ],
        },
      ],
    });
    expect(completion.choices[0]?.message.content).toContain('and an image');
    expect(app.wall.calls[0]?.body.includes(pixel.slice(pixel.indexOf(',') + 1))).toBe(true);
  });

  const Weather = z.object({
    city: z.string(),
    degrees: z.number(),
    sky: z.enum(['clear', 'cloudy']),
    hours: z.array(z.object({ hour: z.int(), rain: z.boolean() })),
  });
  const asWeather = {
    model: structuredModels[provider],
    messages: [{ role: 'user' as const, content: 'The weather in Oslo, as JSON?' }],
    response_format: zodResponseFormat(Weather, 'weather'),
  };

  it('parses structured output, whole and streamed', async () => {
    const parsed = (await client.chat.completions.parse(asWeather)).choices[0]?.message.parsed;
    expect(Weather.parse(parsed)).toEqual(parsed);
    expect(parsed?.sky).toBe('clear');
    const streamed = await client.chat.completions.stream(asWeather).finalChatCompletion();
    expect(streamed.choices[0]?.message.parsed).toEqual(parsed);
  });

  it('is told where nothing enforces the format it asked for', async () => {
    const { data, response } = await client.chat.completions
      .create({ ...asWeather, response_format: { type: 'json_object' } })
      .withResponse();
    const dropped = response.headers.get('x-gateway-dropped-params');
    if (provider === 'anthropic') expect(dropped).toBe('response_format');
    else expect([dropped, JSON.parse(data.choices[0]?.message.content ?? '')]).toEqual([null, expect.anything()]);
  });

  it('makes many calls at once over few connections', async () => {
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const messages = [{ role: 'user' as const, content: `say: answer ${index}` }];
        if (index % 2 === 0) {
          return (await client.chat.completions.create({ model, messages })).choices[0]?.message.content;
        }
        return client.chat.completions.stream({ model, messages }).finalContent();
      }),
    );
    expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => `answer ${index}`));
    await app.settled();
    expect(app.lines.map(({ status }) => status)).toEqual(Array(20).fill('ok'));
  });
});
