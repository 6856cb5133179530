import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import Groq, { APIError, InternalServerError, NotFoundError, RateLimitError } from 'groq-sdk';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'groq-sdk/resources/chat/completions';
import { timeTool, weatherTool } from './support/client-app.ts';
import { errorOf } from './support/error-of.ts';
import { type FailoverApp, impatientProviders, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;
let client: Groq;

beforeAll(async () => {
  app = await startFailoverApp({
    providers(wall) {
      const groq = { apiKey: 'provider-key-canary-1', baseUrl: wall.baseUrl('openai-chat') };
      return impatientProviders(wall, { groq });
    },
  });
  // As its users make it, but for the base URL, to which it adds `/openai/v1/chat/completions`.
  client = new Groq({ baseURL: app.url, apiKey: 'caller-key', maxRetries: 0 });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const dialectOf = {
  groq: 'openai-chat',
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
  bedrock: 'bedrock-converse',
  cohere: 'cohere-chat',
  ollama: 'ollama-chat',
} as const;
const providerNames = ['groq', 'openai', 'anthropic', 'gemini', 'bedrock', 'cohere', 'ollama'] as const;

const asked = (content: string): ChatCompletionMessageParam[] => [{ role: 'user', content }];

/** An answer as the client's users see it. */
interface Got {
  text: string;
  finishReason: string | null | undefined;
  readonly calls: ChatCompletionMessageToolCall[];
}

const nothing = (): Got => ({ text: '', finishReason: undefined, calls: [] });

/** Both ways of asking: the whole answer, and a stream put together as the client's users do it. */
const modes = {
  async whole(request: ChatCompletionCreateParamsNonStreaming): Promise<Got> {
    const [choice] = (await client.chat.completions.create(request)).choices;
    const { content, tool_calls: calls } = choice?.message ?? {};
    return { text: content ?? '', finishReason: choice?.finish_reason, calls: calls ?? [] };
  },
  async streamed(request: ChatCompletionCreateParamsNonStreaming, got = nothing()): Promise<Got> {
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
      const [choice] = chunk.choices;
      if (choice === undefined) continue;
      got.text += choice.delta.content ?? '';
      got.finishReason = choice.finish_reason ?? got.finishReason;
      for (const { index, id = '', function: called } of choice.delta.tool_calls ?? []) {
        got.calls[index] ??= { id, type: 'function', function: { name: called?.name ?? '', arguments: '' } };
        const open = got.calls[index];
        if (open !== undefined) open.function.arguments += called?.arguments ?? '';
      }
    }
    return got;
  },
} as const;
const modeNames = ['whole', 'streamed'] as const;

describe.each(providerNames)('the Groq SDK against %s', (provider) => {
  const model = `${provider}/demo-small`;

  describe.each(modeNames)('%s', (mode) => {
    it('gets an answer with its finish reason', async () => {
      const got = await modes[mode]({
        model,
        messages: [{ role: 'system', content: 'Be short.' }, ...asked('say: Gr\u00fc\u00dfe \u{1f600}')],
        max_completion_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        stop: null,
      });
      expect(got).toMatchObject({ text: 'Gr\u00fc\u00dfe \u{1f600}', finishReason: 'stop' });
      expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider], model: 'demo-small' }]);
      expect(JSON.stringify(app.wall.calls[0]?.headers)).not.toContain('caller-key');
    });

    it('hears of the token limit', async () => {
      const got = await modes[mode]({ model, max_tokens: 5, messages: asked('write 50 words') });
      expect(got).toMatchObject({ text: 'word1 word2 word3 word4 word5', finishReason: 'length' });
    });

    it('calls two tools at once and reads their results back in the next turn', async () => {
      const messages = asked('call get_weather {"city":"Oslo","unit":"C"} and call get_time {"city":"Lima"}');
      const tools = [weatherTool, timeTool];
      const first = await modes[mode]({ model, messages, tools });
      expect(first.finishReason).toBe('tool_calls');
      expect(first.calls.map(({ function: called }) => [called.name, JSON.parse(called.arguments)])).toEqual([
        ['get_weather', { city: 'Oslo', unit: 'C' }],
        ['get_time', { city: 'Lima' }],
      ]);
      const results = first.calls.map(({ id }, index) => ({
        role: 'tool' as const,
        tool_call_id: id,
        content: index === 0 ? 'rain' : 'noon',
      }));
      const second = await modes[mode]({
        model,
        messages: [...messages, { role: 'assistant', content: null, tool_calls: first.calls }, ...results],
        tools,
      });
      expect(second.text).toContain('rain');
      expect(second.text).toContain('noon');
    });

    it.each([
      ['e429', 429, RateLimitError],
      ['e500', 502, InternalServerError],
      ['e503', 503, InternalServerError],
    ] as const)('throws its own error for %s', async (fault, status, errorClass) => {
      const thrown = await errorOf(modes[mode]({ model: `${provider}/demo+${fault}`, messages: asked('Hi') }));
      expect(thrown).toBeInstanceOf(errorClass);
      expect(thrown).toMatchObject({ status, error: { error: { message: expect.stringMatching(/./) } } });
    });
  });

  it('is told how many tokens were used', async () => {
    const { usage } = await client.chat.completions.create({ model, messages: asked('write 30 words') });
    expect([(usage?.prompt_tokens ?? 0) > 0, usage?.completion_tokens]).toEqual([true, 30]);
  });

  it.each(['cut(3)', 'clean_eof(3)', 'stall(3)', 'inband_error(3)'])(
    'throws at a stream that breaks by %s and never calls it finished',
    async (fault) => {
      const got = nothing();
      const request = { model: `${provider}/demo+${fault}`, messages: asked('write 20 words') };
      expect(await errorOf(modes.streamed(request, got))).toBeInstanceOf(APIError);
      expect(got.finishReason).toBeUndefined();
    },
  );
});

describe('the Groq SDK', () => {
  it('throws its own error for a model nobody has', async () => {
    const thrown = await errorOf(modes.whole({ model: 'nobody/has-this', messages: asked('Hi') }));
    expect(thrown).toBeInstanceOf(NotFoundError);
    expect(thrown).toMatchObject({ message: expect.stringContaining('nobody/has-this') });
  });

  it.each(['openai/text-embedding-3-small', 'gemini/gemini-embedding-001', 'cohere/embed-v4.0'])(
    'gets embeddings of %s',
    async (model) => {
      const { data } = await client.embeddings.create({ model, input: ['one', 'two'] });
      expect(data.map(({ index }) => index)).toEqual([0, 1]);
      expect(data[0]?.embedding.length).toBeGreaterThan(7);
    },
  );
});
