import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayServer, startGateway, wallConfig } from './support/gateway-app.ts';

let wall: FakeProvider;
let server: GatewayServer;

beforeAll(async () => {
  wall = await startFakeProvider();
  server = await startGateway({ config: wallConfig(wall), path: '/v1' });
});
afterAll(async () => {
  await server.close();
  await wall.close();
});
afterEach(async () => {
  await wall.whenIdle();
  wall.reset();
});

const openai = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'say: hello' }] };
const anthropic = { ...openai, max_tokens: 100 };
const gemini = { contents: [{ role: 'user', parts: [{ text: 'say: hello' }] }] };

async function post(path: string, body: object): Promise<{ status: number; type: string; text: string }> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
}

describe('paths of calls', () => {
  it.each([
    ['/v1/chat/completions', openai],
    ['/v1/v1/chat/completions', openai],
    ['/v1/openai/v1/chat/completions', openai],
    ['/v1/openai/deployments/any/chat/completions?api-version=2024-10-21', openai],
    ['/v1/chat/completions/', openai],
    ['/v1/chat', openai],
    ['/v1/messages', anthropic],
    ['/v1/v1/messages?beta=true', anthropic],
    ['/v1/models/openai/demo-small:generateContent', gemini],
    ['/v1/v1beta/models/openai%2Fdemo-small:generateContent', gemini],
    ['/v1/v1/models/openai/demo-small:generateContent', gemini],
  ])('%s is answered', async (path, body) => {
    const answer = await post(path, body);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('hello')]);
    expect(wall.calls).toHaveLength(1);
  });

  it.each([
    ['/v1/chat/completions/x', openai],
    ['/v1/x/chat/completions', openai],
    ['/v1/messages/batches', anthropic],
    ['/v1/models/openai/demo-small:predictLongRunning', gemini],
    ['/v1/completions', openai],
  ])('%s is not the gateway\u2019s', async (path, body) => {
    expect((await post(path, body)).status).toBe(404);
    expect(wall.calls).toEqual([]);
  });
});

describe('a stream without alt=sse', () => {
  const path = '/v1/v1beta/models/gemini/demo-small:streamGenerateContent';

  it.each(['gemini', 'openai', 'anthropic'])('is one JSON array from %s', async (provider) => {
    const { status, type, text } = await post(path.replace('gemini/', `${provider}/`), {
      contents: [{ role: 'user', parts: [{ text: 'write 5 words' }] }],
    });
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    const elements = JSON.parse(text) as { candidates?: { content: { parts: { text?: string }[] } }[] }[];
    expect(elements.length).toBeGreaterThan(1);
    const words = elements.flatMap(({ candidates }) => candidates?.[0]?.content.parts.map((part) => part.text ?? ''));
    expect(words.join('')).toBe('word1 word2 word3 word4 word5');
  });

  it('never becomes valid JSON when it breaks', async () => {
    const response = await fetch(`${server.url}${path.replace('demo-small', 'demo-small+cut(2)')}`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'write 9 words' }] }] }),
    });
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    };
    await expect(read()).rejects.toThrow();
    expect(() => JSON.parse(text)).toThrow();
    expect(text).toContain('upstream_');
  });
});

describe('A15: the plain form', () => {
  it.each(['openai', 'anthropic', 'gemini'])('answers with what was asked for, from %s', async (provider) => {
    const { status, text } = await post('/v1/chat', {
      model: `${provider}/demo-small`,
      messages: [{ role: 'user', content: 'say: hello there' }],
      max_tokens: 50,
    });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      id: expect.stringMatching(/.+/),
      model: 'demo-small',
      provider,
      content: 'hello there',
      finish_reason: 'stop',
      usage: { prompt_tokens: expect.any(Number), completion_tokens: 2, total_tokens: expect.any(Number) },
      latency_ms: expect.any(Number),
    });
  });

  it('moves on to its fallback', async () => {
    const { text } = await post('/v1/chat', {
      model: 'openai/e503',
      fallback: ['anthropic/demo-small'],
      messages: [{ role: 'user', content: 'say: hello' }],
    });
    expect(JSON.parse(text)).toMatchObject({ provider: 'anthropic', content: 'hello' });
  });

  it('streams the chunks of a chat completion', async () => {
    const { type, text } = await post('/v1/chat', { ...openai, stream: true });
    expect(type).toContain('text/event-stream');
    expect(text).toContain('"object":"chat.completion.chunk"');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('brings tool calls along', async () => {
    const { text } = await post('/v1/chat', {
      model: 'gemini/demo-small',
      messages: [{ role: 'user', content: 'call now' }],
      tools: [{ type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } }],
    });
    expect(JSON.parse(text)).toMatchObject({
      content: '',
      finish_reason: 'tool_calls',
      tool_calls: [{ type: 'function', function: { name: 'now' } }],
    });
  });

  it('names what is wrong with a request', async () => {
    expect(JSON.parse((await post('/v1/chat', { model: 'openai/demo-small' })).text)).toMatchObject({
      error: { type: 'invalid_request_error', param: 'messages' },
    });
  });
});
