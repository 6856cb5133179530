import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ToolCallLLMMessageOptions } from '@llamaindex/core/llms';
import { FunctionTool } from '@llamaindex/core/tools';
import { OpenAI, OpenAIEmbedding } from '@llamaindex/openai';
import { type FailoverApp, impatientProviders, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;

beforeAll(async () => {
  app = await startFailoverApp({ providers: impatientProviders });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** As its users make it, but for the base URL. */
function llamaIndex(model: string, maxTokens = 500): OpenAI {
  return new OpenAI({ model, maxTokens, baseURL: `${app.url}/v1`, apiKey: 'caller-key', maxRetries: 0 });
}

type Message = Parameters<OpenAI['chat']>[0]['messages'][number];
const asked = (content: string): Message[] => [{ role: 'user', content }];

const weather = FunctionTool.from(({ city }: { city: string }) => `rain in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});

interface Got {
  text: string;
  options: ToolCallLLMMessageOptions | undefined;
}

const providerNames = ['openai', 'anthropic', 'gemini', 'mistral', 'bedrock', 'cohere', 'ollama'] as const;

describe.each(providerNames)('LlamaIndex against %s', (provider) => {
  const model = `${provider}/demo-small`;

  it('gets an answer', async () => {
    const { message, raw } = await llamaIndex(model).chat({
      messages: [{ role: 'system', content: 'Be short.' }, ...asked('say: Gr\u00fc\u00dfe \u{1f600}')],
    });
    expect(message).toMatchObject({ role: 'assistant', content: 'Gr\u00fc\u00dfe \u{1f600}' });
    expect(raw).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: { completion_tokens: 2 } });
    expect(JSON.stringify(app.wall.calls[0]?.headers)).not.toContain('caller-key');
  });

  it('reads a stream to its end', async () => {
    const got: Got = { text: '', options: undefined };
    await read(model, asked('write 30 words'), got);
    expect(got.text).toBe(Array.from({ length: 30 }, (_, index) => `word${index + 1}`).join(' '));
  });

  it.each(['whole', 'streamed'])('calls a tool and reads its result back in the next turn, %s', async (mode) => {
    const messages = asked('call get_weather {"city":"Oslo"}');
    const got: Got = { text: '', options: undefined };
    if (mode === 'streamed') await read(model, messages, got);
    else got.options = (await llamaIndex(model).chat({ messages, tools: [weather] })).message.options;
    const [call] = got.options !== undefined && 'toolCall' in got.options ? got.options.toolCall : [];
    const input: unknown = typeof call?.input === 'string' ? JSON.parse(call.input) : call?.input;
    expect([call?.name, input]).toEqual(['get_weather', { city: 'Oslo' }]);
    const result = { id: call?.id ?? '', result: 'rain in Oslo', isError: false };
    const { message } = await llamaIndex(model).chat({
      messages: [
        ...messages,
        { role: 'assistant', content: '', options: got.options ?? {} },
        { role: 'user', content: 'rain in Oslo', options: { toolResult: result } },
      ],
      tools: [weather],
    });
    expect(message.content).toContain('rain in Oslo');
  });

  it.each([
    ['e429', 429],
    ['e503', 503],
  ])('throws for %s with its status', async (fault, status) => {
    await expect(llamaIndex(`${provider}/demo+${fault}`).chat({ messages: asked('Hi') })).rejects.toMatchObject({
      status,
    });
  });

  it.each(['cut(3)', 'clean_eof(3)', 'stall(3)', 'inband_error(3)'])(
    'throws at a stream that breaks by %s',
    async (fault) => {
      const got: Got = { text: '', options: undefined };
      await expect(read(`${provider}/demo+${fault}`, asked('write 20 words'), got)).rejects.toThrow();
      expect(got.text).toBe('word1 word2 word3');
    },
  );
});

describe('LlamaIndex', () => {
  it.each([
    'openai/text-embedding-3-small',
    'gemini/gemini-embedding-001',
    'mistral/codestral-embed',
    'cohere/embed-v4.0',
    'bedrock/amazon.titan-embed-text-v2:0',
    'ollama/nomic-embed-text',
  ])('gets embeddings of %s', async (model) => {
    const embedding = new OpenAIEmbedding({
      model,
      dimensions: 8,
      baseURL: `${app.url}/v1`,
      apiKey: 'caller-key',
      maxRetries: 0,
    });
    const vectors = await embedding.getTextEmbeddings(['one', 'two']);
    expect(vectors.map(({ length }) => length)).toEqual([8, 8]);
    expect(vectors[0]).not.toEqual(vectors[1]);
    expect(await embedding.getTextEmbedding('one')).toEqual(vectors[0]);
  });
});

async function read(model: string, messages: Message[], got: Got): Promise<void> {
  const tools = messages.some(({ content }) => String(content).startsWith('call ')) ? [weather] : [];
  for await (const { delta, options } of await llamaIndex(model).chat({ messages, tools, stream: true })) {
    got.text += delta;
    if (options !== undefined && 'toolCall' in options) got.options = options;
  }
}
