import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cohere, CohereClientV2, CohereError } from 'cohere-ai';
import express from 'express';
import { asObject } from '../../src/core/json.ts';
import { failover } from '../../src/index.ts';
import { listen, wallProviders } from '../support/test-app.ts';
import { timeTool, weatherTool } from './support/client-app.ts';
import { errorOf } from './support/error-of.ts';
import { type FailoverApp, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;
let cohere: CohereClientV2;

beforeAll(async () => {
  app = await startFailoverApp({
    providers(wall) {
      const cohere = { apiKey: 'provider-key-canary-9', baseUrl: wall.baseUrl('cohere-chat') };
      return { ...wallProviders(wall), cohere };
    },
  });
  cohere = new CohereClientV2({ environment: app.url, token: 'caller-key', maxRetries: 0 });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const dialectOf = {
  cohere: 'cohere-chat',
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
} as const;
const providerNames = ['cohere', 'openai', 'anthropic', 'gemini'] as const;
/** Models that are held to a JSON schema and can think. */
const capableModels = {
  cohere: 'cohere/command-a-reasoning-08-2025',
  openai: 'openai/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-2.5-flash',
} as const;

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function asked(content: string): Cohere.ChatMessages {
  return [{ role: 'user', content }];
}

function textOf({ message }: Cohere.V2ChatResponse): string {
  return (message.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function thinkingOf({ message }: Cohere.V2ChatResponse): string {
  return (message.content ?? []).map((part) => (part.type === 'thinking' ? part.thinking : '')).join('');
}

/** A stream put together as the client's users do it. */
interface Streamed {
  id: string;
  text: string;
  thinking: string;
  plan: string;
  readonly calls: { id: string; name: string; arguments: string }[];
  end: Cohere.ChatMessageEndEventDelta | undefined;
  readonly types: string[];
}

function emptyStream(): Streamed {
  return { id: '', text: '', thinking: '', plan: '', calls: [], end: undefined, types: [] };
}

function add(event: Cohere.V2ChatStreamResponse, streamed: Streamed): void {
  streamed.types.push(event.type);
  switch (event.type) {
    case 'message-start':
      streamed.id = event.id ?? '';
      break;
    case 'content-delta':
      streamed.text += event.delta?.message?.content?.text ?? '';
      streamed.thinking += event.delta?.message?.content?.thinking ?? '';
      break;
    case 'tool-plan-delta':
      streamed.plan += event.delta?.message?.toolPlan ?? '';
      break;
    case 'tool-call-start': {
      const call = event.delta?.message?.toolCalls;
      streamed.calls.push({ id: call?.id ?? '', name: call?.function?.name ?? '', arguments: '' });
      break;
    }
    case 'tool-call-delta': {
      const last = streamed.calls.at(-1);
      if (last !== undefined) last.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? '';
      break;
    }
    case 'message-end':
      streamed.end = event.delta;
      break;
    default:
      break;
  }
}

async function read(request: Cohere.V2ChatStreamRequest, streamed = emptyStream()): Promise<Streamed> {
  for await (const event of await cohere.chatStream(request)) add(event, streamed);
  return streamed;
}

describe.each(providerNames)('the Cohere client against %s', (provider) => {
  const model = `${provider}/demo-small`;

  it('gets an answer with its tokens', async () => {
    const answer = await cohere.chat({
      model,
      messages: [{ role: 'system', content: 'Be short.' }, ...asked('say: gr\u00fc\u00df Gott \ud83d\ude00')],
      temperature: 0.5,
      p: 0.9,
      maxTokens: 100,
    });
    expect(textOf(answer)).toBe('gr\u00fc\u00df Gott \ud83d\ude00');
    expect(answer).toMatchObject({ id: expect.stringMatching(/./), finishReason: 'COMPLETE' });
    expect(answer.message.role).toBe('assistant');
    const { inputTokens = 0, outputTokens = 0 } = answer.usage?.tokens ?? {};
    expect([inputTokens > 0, outputTokens]).toEqual([true, 3]);
    expect(app.wall.calls).toMatchObject([{ dialect: dialectOf[provider], model: 'demo-small' }]);
    expect(JSON.stringify(app.wall.calls[0]?.headers)).not.toContain('caller-key');
  });

  it('reads a stream to its end', async () => {
    const streamed = await read({ model, messages: asked('write 30 words') });
    expect(streamed.text).toBe(Array.from({ length: 30 }, (_, index) => `word${index + 1}`).join(' '));
    expect(streamed.id).not.toBe('');
    expect(streamed.end).toMatchObject({ finishReason: 'COMPLETE', usage: { tokens: { outputTokens: 30 } } });
    expect(streamed.types.filter((type) => type === 'content-delta').length).toBeGreaterThan(
      provider === 'gemini' ? 1 : 29,
    );
    expect([streamed.types[0], streamed.types.at(-1)]).toEqual(['message-start', 'message-end']);
  });

  it.each([false, true])('calls tools and reads their results back, streamed: %s', async (streams) => {
    const tools: Cohere.ToolV2[] = [weatherTool, timeTool];
    const messages = asked('call get_weather {"city":"Oslo","unit":"C"} and call get_time {"city":"Lima"}');
    const request = { model, messages, tools };
    const streamed = streams ? await read(request) : undefined;
    const whole = streams ? undefined : await cohere.chat(request);
    const calls =
      streamed?.calls ??
      (whole?.message.toolCalls ?? []).map((call) => ({
        id: call.id ?? '',
        name: call.function?.name ?? '',
        arguments: call.function?.arguments ?? '',
      }));
    expect(calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
      ['get_weather', { city: 'Oslo', unit: 'C' }],
      ['get_time', { city: 'Lima' }],
    ]);
    expect(streamed?.end?.finishReason ?? whole?.finishReason).toBe('TOOL_CALL');
    const plan = streamed?.plan ?? whole?.message.toolPlan;
    const assistant: Cohere.ChatMessageV2 = {
      role: 'assistant',
      ...(plan !== undefined && plan !== '' && { toolPlan: plan }),
      toolCalls: calls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text },
      })),
    };
    const answer = await cohere.chat({
      ...request,
      messages: [
        ...messages,
        assistant,
        { role: 'tool', toolCallId: calls[0]?.id ?? '', content: 'rain' },
        {
          role: 'tool',
          toolCallId: calls[1]?.id ?? '',
          content: [{ type: 'document', document: { data: { output: 'noon' } } }],
        },
      ],
    });
    expect(textOf(answer)).toBe('The tools answered: rain; {"output":"noon"}');
  });

  it('calls a tool because it must, and none because it must not', async () => {
    const tools: Cohere.ToolV2[] = [timeTool];
    const forced = await cohere.chat({ model, messages: asked('Hi'), tools, toolChoice: 'REQUIRED' });
    expect(forced.message.toolCalls).toHaveLength(1);
    const refused = await cohere.chat({ model, messages: asked('call get_time'), tools, toolChoice: 'NONE' });
    expect(refused.message.toolCalls ?? []).toEqual([]);
  });

  it('gets an answer held to a schema', async () => {
    const jsonSchema = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
      additionalProperties: false,
    };
    const answer = await cohere.chat({
      model: capableModels[provider],
      messages: asked('Weather as JSON?'),
      responseFormat: { type: 'json_object', jsonSchema },
    });
    expect(JSON.parse(textOf(answer))).toEqual({ city: 'example', days: 1 });
  });

  it('sends an image', async () => {
    const url = `data:image/png;base64,${pixel}`;
    const answer = await cohere.chat({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', imageUrl: { url } },
          ],
        },
      ],
    });
    expect(textOf(answer)).toContain('and an image');
    expect(app.wall.calls[0]?.body.includes(pixel)).toBe(true);
  });

  it('is told that the limit ended the answer, and that a stop sequence did', async () => {
    const limited = await cohere.chat({ model, messages: asked('write 30 words'), maxTokens: 5 });
    expect(limited.finishReason).toBe('MAX_TOKENS');
    expect(textOf(limited)).toBe('word1 word2 word3 word4 word5');
    const stopped = await cohere.chat({ model, messages: asked('write 30 words'), stopSequences: ['word4'] });
    // Only some providers say which sequence it was.
    expect(['STOP_SEQUENCE', 'COMPLETE']).toContain(stopped.finishReason);
    expect(textOf(stopped).trim()).toBe('word1 word2 word3');
  });

  it.each([
    ['e400', 400, 'BadRequestError'],
    ['e404', 404, 'NotFoundError'],
    ['e422', 422, 'UnprocessableEntityError'],
    ['e429', 429, 'TooManyRequestsError'],
    ['e500', 502, 'CohereError'],
    ['e503', 503, 'ServiceUnavailableError'],
    ['e504', 504, 'GatewayTimeoutError'],
  ])('throws its own error for %s, whole and streamed', async (fault, status, name) => {
    for (const stream of [false, true]) {
      const request = { model: `${provider}/demo+${fault}`, messages: asked('Hi') };
      const thrown = await errorOf(stream ? cohere.chatStream(request) : cohere.chat(request));
      expect(thrown).toBeInstanceOf(CohereError);
      expect(thrown).toMatchObject({ statusCode: status, body: { message: expect.stringMatching(/./) } });
      expect(thrown?.constructor.name).toBe(name);
    }
  });

  it.each(['cut(3)', 'inband_error(3)', 'clean_eof(3)'])('throws where a stream breaks: %s', async (fault) => {
    const streamed = emptyStream();
    const request = { model: `${provider}/demo+${fault}`, messages: asked('write 20 words') };
    const thrown = await errorOf(read(request, streamed));
    // What undici says of a connection that broke; the failure in words comes before it.
    expect(thrown).toMatchObject({ name: 'TypeError', message: 'terminated' });
    expect(streamed.text).toBe('word1 word2 word3');
    expect(streamed.end).toMatchObject({ finishReason: 'ERROR', error: expect.stringMatching(/^The /) });
  });
});

describe('the Cohere client', () => {
  it.each(['cohere', 'anthropic'] as const)('sees %s think, and sends the thinking back', async (provider) => {
    const request = {
      model: capableModels[provider],
      messages: asked('say: Yes.'),
      thinking: { type: 'enabled' as const, tokenBudget: 1500 },
      maxTokens: 4000,
    };
    const answer = await cohere.chat(request);
    expect([textOf(answer), thinkingOf(answer)]).toEqual(['Yes.', expect.stringContaining('The question is short')]);
    const streamed = await read(request);
    expect(streamed).toMatchObject({ text: 'Yes.', thinking: thinkingOf(answer) });
    const next = await cohere.chat({
      ...request,
      messages: [
        ...request.messages,
        { role: 'assistant', content: answer.message.content ?? [] },
        ...asked('say: No.'),
      ],
    });
    expect(textOf(next)).toBe('No.');
  });

  it('is passed through to Cohere as it is, with what only Cohere has', async () => {
    const answer = await cohere.chat({
      model: 'cohere/demo-small',
      messages: asked('say: hello'),
      documents: ['The sky is green.'],
      citationOptions: { mode: 'FAST' },
      safetyMode: 'STRICT',
    });
    expect(JSON.parse(String(app.wall.calls[0]?.body))).toEqual({
      model: 'demo-small',
      messages: asked('say: hello'),
      documents: ['The sky is green.'],
      citation_options: { mode: 'FAST' },
      safety_mode: 'STRICT',
      stream: false,
    });
    const { billedUnits, tokens } = answer.usage ?? {};
    expect(billedUnits?.inputTokens).toBeLessThan(tokens?.inputTokens ?? 0);
  });

  it('reads citations and the plan of a real stream', async () => {
    const frame = (type: string, fields: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const citations = { start: 0, end: 3, text: 'Sun', sources: [{ type: 'document', id: 'doc-1', document: {} }] };
    const body = [
      frame('message-start', { id: 'a', delta: { message: { role: 'assistant' } } }),
      frame('tool-plan-delta', { delta: { message: { tool_plan: 'I look.' } } }),
      frame('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
      frame('content-delta', { index: 0, delta: { message: { content: { text: 'Sunny' } } } }),
      frame('citation-start', { index: 0, delta: { message: { citations } } }),
      frame('citation-end', { index: 0 }),
      frame('content-end', { index: 0 }),
      frame('message-end', { delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 3 } } } }),
      'data: [DONE]\n\n',
    ];
    app.wall.script({ headers: { 'content-type': 'text/event-stream' }, body });
    const streamed = await read({ model: 'cohere/command-a-03-2025', messages: asked('Hi') });
    expect(streamed).toMatchObject({ text: 'Sunny', plan: 'I look.', end: { finishReason: 'COMPLETE' } });
    expect(streamed.types).toContain('citation-start');
  });

  it('reads the text [DONE] of another provider to its end', async () => {
    const streamed = await read({ model: 'openai/demo-small', messages: asked('say: the word [DONE] is not the end') });
    expect(streamed.text).toBe('the word [DONE] is not the end');
    expect(streamed.end?.finishReason).toBe('COMPLETE');
  });

  it('moves on to a provider that works, unnoticed', async () => {
    const { wall } = app;
    const app2 = express();
    const providers = { ...wallProviders(wall), cohere: { apiKey: 'k', baseUrl: wall.baseUrl('cohere-chat') } };
    const models = { demo: { targets: ['cohere/demo+e503', 'anthropic/demo-small'] } };
    app2.use('/gateway', failover({ providers, models, retries: 0 }));
    const listening = await listen(app2);
    const client = new CohereClientV2({ environment: `${listening.url}/gateway`, token: 'k', maxRetries: 0 });
    expect(textOf(await client.chat({ model: 'demo', messages: asked('say: hello') }))).toBe('hello');
    expect(wall.calls.map(({ dialect }) => dialect)).toEqual(['cohere-chat', 'anthropic-messages']);
    expect(asObject(wall.calls[1]?.json)?.model).toBe('demo-small');
    await listening.close();
  });
});
