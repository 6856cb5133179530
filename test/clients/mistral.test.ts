import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Mistral } from '@mistralai/mistralai';
import type {
  AssistantMessage,
  ChatCompletionRequest,
  ToolCall,
  UsageInfo,
} from '@mistralai/mistralai/models/components';
import { MistralError } from '@mistralai/mistralai/models/errors';
import express from 'express';
import { failover } from '../../src/index.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';
import { timeTool, weatherTool } from './support/client-app.ts';
import { errorOf } from './support/error-of.ts';
import { type FailoverApp, impatientProviders, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;
let client: Mistral;

beforeAll(async () => {
  app = await startFailoverApp({ providers: impatientProviders });
  // As its users make it, but for the base URL, to which it adds `/v1/chat/completions`.
  client = new Mistral({ serverURL: app.url, apiKey: 'caller-key' });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const dialectOf = {
  mistral: 'openai-chat',
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
  bedrock: 'bedrock-converse',
  cohere: 'cohere-chat',
  ollama: 'ollama-chat',
} as const;
const providerNames = ['mistral', 'openai', 'anthropic', 'gemini', 'bedrock', 'cohere', 'ollama'] as const;

const asked = (content: string): ChatCompletionRequest['messages'] => [{ role: 'user', content }];

function textOf(content: AssistantMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** An answer as the client's users see it. */
interface Got {
  text: string;
  finishReason: string | null | undefined;
  usage: UsageInfo | undefined;
  readonly calls: ToolCall[];
}

const nothing = (): Got => ({ text: '', finishReason: undefined, usage: undefined, calls: [] });

/** Both ways of asking: the whole answer, and a stream put together as the client's users do it. */
const modes = {
  async whole(request: ChatCompletionRequest): Promise<Got> {
    const { choices, usage } = await client.chat.complete(request);
    const [choice] = choices;
    const calls = choice?.message?.toolCalls ?? [];
    return { text: textOf(choice?.message?.content), finishReason: choice?.finishReason, usage, calls };
  },
  async streamed(request: ChatCompletionRequest, got = nothing()): Promise<Got> {
    for await (const { data } of await client.chat.stream({ ...request, stream: true })) {
      got.usage = data.usage ?? got.usage;
      const [choice] = data.choices;
      if (choice === undefined) continue;
      got.text += textOf(choice.delta.content);
      got.finishReason = choice.finishReason ?? got.finishReason;
      for (const call of choice.delta.toolCalls ?? []) addCall(got.calls, call);
    }
    return got;
  },
} as const;
const modeNames = ['whole', 'streamed'] as const;

/** Mistral sends a call in one piece, others their arguments bit by bit; the index says which call goes on. */
function addCall(calls: ToolCall[], call: ToolCall): void {
  const open = calls.find(({ index }) => index === call.index);
  if (open === undefined) calls.push(call);
  else open.function.arguments = `${String(open.function.arguments)}${String(call.function.arguments)}`;
}

function argumentsOf({ function: { arguments: written } }: ToolCall): unknown {
  return typeof written === 'string' ? JSON.parse(written) : written;
}

/** OpenAI's chunks say `"usage":null`, which Mistral's client refuses: there it reads whole answers only. */
const cases = providerNames.flatMap((provider) =>
  modeNames.flatMap((mode) => (provider === 'openai' && mode === 'streamed' ? [] : [{ provider, mode }])),
);

describe.each(cases)('the Mistral client against $provider, $mode', ({ provider, mode }) => {
  const model = `${provider}/demo-small`;
  const get = modes[mode];

  it('gets an answer with its finish reason', async () => {
    const got = await get({
      model,
      messages: [{ role: 'system', content: 'Be short.' }, ...asked('say: Gr\u00fc\u00dfe \u{1f600}')],
      maxTokens: 100,
      temperature: 0.5,
    });
    expect(got).toMatchObject({ text: 'Gr\u00fc\u00dfe \u{1f600}', finishReason: 'stop' });
    expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider], model: 'demo-small' }]);
    expect(JSON.stringify(app.wall.calls[0]?.headers)).not.toContain('caller-key');
  });

  it('hears of the token limit', async () => {
    const got = await get({ model, maxTokens: 5, messages: asked('write 50 words') });
    expect(got).toMatchObject({ text: 'word1 word2 word3 word4 word5', finishReason: 'length' });
  });

  it.each([
    ['e429', 429],
    ['e500', 502],
    ['e503', 503],
  ])('throws its own error for %s', async (fault, statusCode) => {
    const thrown = await errorOf(get({ model: `${provider}/demo+${fault}`, messages: asked('Hi') }));
    expect(thrown).toBeInstanceOf(MistralError);
    expect(thrown).toMatchObject({ statusCode, contentType: expect.stringContaining('application/json') });
  });
});

describe.each(providerNames)('the Mistral client against %s', (provider) => {
  const model = `${provider}/demo-small`;

  it('calls two tools at once and reads their results back in the next turn', async () => {
    const messages = asked('call get_weather {"city":"Oslo","unit":"C"} and call get_time {"city":"Lima"}');
    const tools = [weatherTool, timeTool];
    const first = await modes.whole({ model, messages, tools });
    expect(first.finishReason).toBe('tool_calls');
    expect(first.calls.map((call) => [call.function.name, argumentsOf(call)])).toEqual([
      ['get_weather', { city: 'Oslo', unit: 'C' }],
      ['get_time', { city: 'Lima' }],
    ]);
    const results = first.calls.map(({ id = '', function: { name } }, index) => ({
      role: 'tool' as const,
      toolCallId: id,
      name,
      content: index === 0 ? 'rain' : 'noon',
    }));
    const second = await modes.whole({
      model,
      messages: [...messages, { role: 'assistant', toolCalls: first.calls }, ...results],
      tools,
    });
    expect(second.text).toContain('rain');
    expect(second.text).toContain('noon');
  });

  it('is told how many tokens were used', async () => {
    const { usage } = await modes.whole({ model, messages: asked('write 30 words') });
    expect([(usage?.promptTokens ?? 0) > 0, usage?.completionTokens]).toEqual([true, 30]);
  });

  it.each(['cut(3)', 'clean_eof(3)', 'stall(3)', 'inband_error(3)'])(
    'throws at a stream that breaks by %s and never calls it finished',
    async (fault) => {
      const got = nothing();
      const asks = modes.streamed({ model: `${provider}/demo+${fault}`, messages: asked('write 20 words') }, got);
      await expect(asks).rejects.toThrow();
      expect(got.finishReason).toBeUndefined();
    },
  );
});

describe('the Mistral client', () => {
  it.each(['openai', 'anthropic', 'gemini', 'cohere'])(
    'has %s call a tool by the word that Mistral has for it, and sows its seed',
    async (provider) => {
      const request = { model: `${provider}/demo-small`, messages: asked('Hi'), tools: [timeTool], randomSeed: 7 };
      expect((await modes.whole({ ...request, toolChoice: 'any' })).calls).toHaveLength(1);
      if (provider !== 'anthropic') expect(String(app.wall.calls[0]?.body)).toContain('"seed":7');
    },
  );

  it('throws its own error for a model nobody has', async () => {
    const thrown = await errorOf(modes.whole({ model: 'nobody/has-this', messages: asked('Hi') }));
    expect(thrown).toBeInstanceOf(MistralError);
    expect(thrown).toMatchObject({ statusCode: 404, body: expect.stringContaining('nobody/has-this') });
  });

  it('reads a stream of tool calls as Mistral sends it, with its usage', async () => {
    app.wall.script({ headers: { 'content-type': 'text/event-stream' }, body: mistralStream });
    const messages = asked('Weather in Oslo, time in Lima?');
    const got = await modes.streamed({ model: 'mistral/open-mistral-nemo', messages, tools: [weatherTool, timeTool] });
    expect(got.calls.map((call) => [call.id, call.function.name, argumentsOf(call)])).toEqual([
      ['D681PevKs', 'get_weather', { city: 'Oslo' }],
      ['yVaCs0Wpq', 'get_time', { city: 'Lima' }],
    ]);
    expect(got).toMatchObject({ finishReason: 'tool_calls', usage: { promptTokens: 94, completionTokens: 36 } });
  });

  it('gets embeddings of Mistral', async () => {
    const usage = { prompt_tokens: 4, completion_tokens: 0, total_tokens: 4 };
    const data = [0, 1].map((index) => ({ object: 'embedding', index, embedding: [index, 0.5] }));
    app.wall.script({ body: JSON.stringify({ id: 'd3b1', object: 'list', model: 'codestral-embed', data, usage }) });
    const asks = client.embeddings.create({ model: 'mistral/codestral-embed', inputs: ['one', 'two'] });
    expect(await asks).toMatchObject({
      data: [{ embedding: [0, 0.5] }, { embedding: [1, 0.5] }],
      usage: { promptTokens: 4 },
    });
  });

  it.each(['cohere/embed-v4.0', 'bedrock/amazon.titan-embed-text-v2:0', 'ollama/nomic-embed-text'])(
    'gets embeddings of %s',
    async (model) => {
      const { data, usage } = await client.embeddings.create({ model, inputs: ['one', 'two'] });
      expect(data.map(({ index }) => index)).toEqual([0, 1]);
      expect(data[0]?.embedding?.length).toBeGreaterThan(7);
      expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
      expect(usage.promptTokens).toBeGreaterThanOrEqual(0);
    },
  );
});

describe("the Mistral client against Mistral's own members", () => {
  let provider: ListeningServer;
  let gateway: ListeningServer;
  let received: unknown;
  const answer = {
    id: '5f0f8a7c',
    object: 'chat.completion',
    model: 'codestral-2508',
    created: 1_760_000_000,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello', tool_calls: null } }],
    usage: { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 },
  };

  beforeAll(async () => {
    const playing = express();
    playing.use(express.json(), (request, response) => {
      received = request.body;
      response.json(answer);
    });
    provider = await listen(playing);
    const server = express();
    server.use('/gateway', failover({ providers: { mistral: { apiKey: 'k', baseUrl: provider.url } }, retries: 0 }));
    gateway = await listen(server);
  });
  afterAll(async () => {
    await gateway.close();
    await provider.close();
  });

  it('sends them and reads the answer', async () => {
    const own = new Mistral({ serverURL: `${gateway.url}/gateway`, apiKey: 'caller-key' });
    const { choices, usage } = await own.chat.complete({
      model: 'codestral-latest',
      messages: asked('say: hello'),
      safePrompt: true,
      randomSeed: 7,
      toolChoice: 'any',
      tools: [timeTool],
    });
    expect(choices[0]).toMatchObject({ finishReason: 'stop', message: { content: 'hello' } });
    expect(usage).toMatchObject({ promptTokens: 4, completionTokens: 1 });
    expect(received).toMatchObject({
      model: 'codestral-latest',
      messages: asked('say: hello'),
      safe_prompt: true,
      random_seed: 7,
      tool_choice: 'any',
    });
  });
});

/** https://docs.mistral.ai/capabilities/function_calling: each call comes whole, usage stands beside the last choice. */
const mistralStream = [
  { delta: { role: 'assistant', content: '' }, finish_reason: null },
  {
    delta: {
      content: '',
      tool_calls: [
        { id: 'D681PevKs', function: { name: 'get_weather', arguments: '{"city": "Oslo"}' }, index: 0 },
        { id: 'yVaCs0Wpq', function: { name: 'get_time', arguments: '{"city": "Lima"}' }, index: 1 },
      ],
    },
    finish_reason: 'tool_calls',
  },
].map((choice, number) => {
  const usage = { prompt_tokens: 94, completion_tokens: 36, total_tokens: 130 };
  const chunk = {
    id: 'b65a1f0c',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'open-mistral-nemo',
    choices: [{ index: 0, ...choice }],
    ...(number === 1 && { usage }),
  };
  return `data: ${JSON.stringify(chunk)}\n\n${number === 1 ? 'data: [DONE]\n\n' : ''}`;
});
