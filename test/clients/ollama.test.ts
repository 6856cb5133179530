import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChatResponse, Ollama } from 'ollama';
import { wallProviders } from '../support/test-app.ts';
import { timeTool, weatherTool } from './support/client-app.ts';
import { errorOf } from './support/error-of.ts';
import { type FailoverApp, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;
let ollama: Ollama;

beforeAll(async () => {
  app = await startFailoverApp({
    providers: (wall) => ({ ...wallProviders(wall), ollama: { baseUrl: wall.baseUrl('ollama-chat') } }),
  });
  ollama = new Ollama({ host: app.url });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const dialectOf = { ollama: 'ollama-chat', openai: 'openai-chat', anthropic: 'anthropic-messages' } as const;
const providerNames = ['ollama', 'openai', 'anthropic'] as const;
/** Models that are held to a JSON schema and can think. */
const capableModels = {
  ollama: 'ollama/gpt-oss',
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
} as const;

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function asked(content: string) {
  return [{ role: 'user', content }];
}

async function readAll(stream: AsyncIterable<ChatResponse>): Promise<ChatResponse[]> {
  const lines: ChatResponse[] = [];
  for await (const line of stream) lines.push(line);
  return lines;
}

const textOf = (lines: readonly ChatResponse[]) => lines.map(({ message }) => message.content).join('');

describe.each(providerNames)('the Ollama client against %s', (provider) => {
  const model = `${provider}/demo-small`;

  it('gets an answer with its counts and the model that served', async () => {
    const answer = await ollama.chat({
      model,
      messages: [{ role: 'system', content: 'Be short.' }, ...asked('say: gr\u00fc\u00df Gott \ud83d\ude00')],
      options: { temperature: 0.5, num_predict: 100 },
    });
    expect(answer).toMatchObject({
      model: 'demo-small',
      message: { role: 'assistant', content: 'gr\u00fc\u00df Gott \ud83d\ude00' },
      done: true,
      done_reason: 'stop',
    });
    expect(Math.min(answer.prompt_eval_count, answer.eval_count, answer.total_duration)).toBeGreaterThan(0);
    expect(Number.isNaN(Date.parse(String(answer.created_at)))).toBe(false);
    expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider], model: 'demo-small' }]);
  });

  it('reads a stream to its end', async () => {
    const lines = await readAll(await ollama.chat({ model, messages: asked('write 30 words'), stream: true }));
    expect(textOf(lines)).toBe(Array.from({ length: 30 }, (_, index) => `word${index + 1}`).join(' '));
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter(({ done }) => done)).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', eval_count: 30 });
  });

  it('gets a stream from those who do not say whether they want one', async () => {
    const response = await fetch(`${app.url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: asked('say: hello') }),
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).done)).toEqual([...Array(lines.length - 1).fill(false), true]);
  });

  it.each([false, true])('calls tools and reads their results back, streamed: %s', async (streamed) => {
    const tools = [weatherTool, timeTool];
    const messages = asked('call get_weather {"city":"Oslo","unit":"C"} and call get_time {"city":"Lima"}');
    const request = { model, messages, tools };
    const lines = streamed
      ? await readAll(await ollama.chat({ ...request, stream: true }))
      : [await ollama.chat({ ...request, stream: false })];
    const calls = lines.flatMap(({ message }) => message.tool_calls ?? []);
    expect(calls.map((call) => [call.function.name, call.function.arguments])).toEqual([
      ['get_weather', { city: 'Oslo', unit: 'C' }],
      ['get_time', { city: 'Lima' }],
    ]);
    const answer = await ollama.chat({
      ...request,
      messages: [
        ...messages,
        { role: 'assistant', content: '', tool_calls: calls },
        { role: 'tool', tool_name: 'get_weather', content: 'rain' },
        { role: 'tool', tool_name: 'get_time', content: 'noon' },
      ],
    });
    expect(answer.message.content).toBe('The tools answered: rain; noon');
  });

  it('gets an answer held to a schema', async () => {
    const format = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
      additionalProperties: false,
    };
    const answer = await ollama.chat({ model: capableModels[provider], messages: asked('Weather as JSON?'), format });
    expect(JSON.parse(answer.message.content)).toEqual({ city: 'example', days: 1 });
  });

  it('sends an image', async () => {
    const messages = [{ role: 'user', content: 'What is this?', images: [pixel] }];
    expect((await ollama.chat({ model, messages })).message.content).toContain('and an image');
    expect(app.wall.calls[0]?.body.includes(pixel)).toBe(true);
  });

  it('is told that the limit ended the answer', async () => {
    const answer = await ollama.chat({ model, messages: asked('write 30 words'), options: { num_predict: 5 } });
    expect(answer).toMatchObject({ done_reason: 'length', message: { content: 'word1 word2 word3 word4 word5' } });
  });

  it.each([
    ['e404', 404],
    ['e429', 429],
    ['e500', 502],
  ])('throws a ResponseError for %s, whole and streamed', async (fault, status) => {
    for (const stream of [false, true]) {
      const request = { model: `${provider}/demo+${fault}`, messages: asked('Hi') };
      const thrown = await errorOf(stream ? ollama.chat({ ...request, stream: true }) : ollama.chat(request));
      expect(thrown).toMatchObject({ name: 'ResponseError', status_code: status, error: expect.stringMatching(/./) });
    }
  });

  it.each(['cut(3)', 'inband_error(3)', 'clean_eof(3)'])('throws where a stream breaks: %s', async (fault) => {
    const lines: ChatResponse[] = [];
    const read = async (): Promise<void> => {
      const request = { model: `${provider}/demo+${fault}`, messages: asked('write 20 words'), stream: true } as const;
      for await (const line of await ollama.chat(request)) lines.push(line);
    };
    // The error of the gateway in words, not that of a socket.
    expect(await errorOf(read())).toMatchObject({ message: expect.stringMatching(/^The /) });
    expect(textOf(lines)).toBe('word1 word2 word3');
    expect(lines.some(({ done }) => done)).toBe(false);
  });
});

describe('the Ollama client', () => {
  it.each(['ollama', 'anthropic'] as const)('sees %s think, and sends the thinking back', async (provider) => {
    const model = capableModels[provider];
    const request = { model, messages: asked('say: Yes.'), think: 'high' as const };
    const answer = await ollama.chat(request);
    expect(answer.message).toMatchObject({
      content: 'Yes.',
      thinking: expect.stringContaining('The question is short'),
    });
    const lines = await readAll(await ollama.chat({ ...request, stream: true }));
    expect(lines.map(({ message }) => message.thinking ?? '').join('')).toBe(answer.message.thinking);
    const next = await ollama.chat({
      ...request,
      messages: [...request.messages, answer.message, ...asked('say: No.')],
    });
    expect(next.message.content).toBe('No.');
  });

  it('is passed through to Ollama as it is, down to the last byte of the answer', async () => {
    const answer = await ollama.chat({
      model: 'ollama/demo-small',
      messages: asked('say: hello'),
      options: { num_ctx: 8192 },
      keep_alive: '10m',
    });
    expect(JSON.parse(String(app.wall.calls[0]?.body))).toEqual({
      model: 'demo-small',
      messages: asked('say: hello'),
      options: { num_ctx: 8192 },
      keep_alive: '10m',
      stream: false,
    });
    expect(answer).toMatchObject({ load_duration: 140_923_875 });
  });

  it('loads and unloads a model of Ollama, and is refused where there is nothing to load', async () => {
    const load = { model: 'ollama/demo-small', keep_alive: '10m' };
    expect(await ollama.chat(load)).toMatchObject({ message: { content: '' }, done: true, done_reason: 'load' });
    const lines = await readAll(await ollama.chat({ ...load, keep_alive: 0, stream: true }));
    expect(lines.map((line) => line.done_reason)).toEqual(['unload']);
    const thrown = await errorOf(ollama.chat({ model: 'anthropic/demo-small', messages: [] }));
    expect(thrown).toMatchObject({ name: 'ResponseError', status_code: 400 });
  });

  it('reads streams that the cloud calls application/json', async () => {
    const line = (content: string, done: boolean) =>
      `${JSON.stringify({ model: 'm', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content }, done })}\n`;
    const body = [line('one ', false), line('two', false), line('', true)];
    app.wall.script({ headers: { 'content-type': 'application/json' }, body });
    const lines = await readAll(await ollama.chat({ model: 'ollama/m', messages: asked('Hi'), stream: true }));
    expect(textOf(lines)).toBe('one two');
    app.wall.script({ headers: { 'content-type': 'application/json' }, body: line('all at once', true) });
    const once = await readAll(await ollama.chat({ model: 'ollama/m', messages: asked('Hi'), stream: true }));
    expect(textOf(once)).toBe('all at once');
  });
});
