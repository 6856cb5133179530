import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { openaiChat } from '../../src/dialects/openai-chat/index.ts';
import { findProvider } from '../../src/providers/registry.ts';
import { chat, type GatewayApp, type ListeningServer, listen, startGatewayApp } from '../support/test-app.ts';

const reply = { model: 'served', fallbackId: 'id', created: 1, includeUsage: false };

function dialectOf(target: string) {
  const slash = target.indexOf('/');
  const dialect = findProvider(target.slice(0, slash))?.dialect;
  if (dialect === undefined) throw new Error(target);
  return { dialect, model: target.slice(slash + 1) };
}

/** Whether an OpenAI caller's plain request may go through as it is, and with it the answer. */
function passes(target: string, fields: JsonObject = {}): boolean {
  const { dialect, model } = dialectOf(target);
  const body = { model: target, messages: [{ role: 'user', content: 'Hi' }], ...fields };
  return dialect.request.passThrough(body, { model }) !== undefined;
}

const answer = (message: JsonObject) => ({
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
});
const chunk = (delta: JsonObject, finishReason: string | null = null) => ({
  id: 'a',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finishReason }],
});
/** As a provider writes it that thinks `Hm` and says `Yes`. */
const chunksWith = (field: string) => [
  chunk({ role: 'assistant', [field]: 'H' }),
  chunk({ [field]: 'm' }),
  chunk({ content: 'Yes' }, 'stop'),
];
const asEvents = (chunks: readonly JsonObject[]) =>
  [...chunks.map((one) => JSON.stringify(one)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');

const thinking = [
  'groq/openai/gpt-oss-120b',
  'groq/qwen/qwen3-32b',
  'groq/groq/compound',
  'together/openai/gpt-oss-20b',
  'together/moonshotai/Kimi-K2.6',
  'hugging-face/deepseek-ai/DeepSeek-R1:together',
  'hugging-face/Qwen/Qwen3-32B',
  'vllm/Qwen/Qwen3-32B',
  'vllm/our-finetune',
  'openai-compatible/anything',
];

describe('an OpenAI caller reads reasoning as reasoning_content', () => {
  it.each(thinking)('%s: no answer passes through untranslated', (target) => {
    expect(passes(target)).toBe(false);
    expect(passes(target, { stream: true })).toBe(false);
  });

  it.each(['groq', 'together', 'hugging-face', 'vllm', 'openai-compatible', 'deepseek'])(
    '%s: whatever the field is called there, whole and streamed',
    (provider) => {
      const { dialect } = dialectOf(`${provider}/any`);
      for (const field of ['reasoning', 'reasoning_content']) {
        const decoded = dialect.response.decode(answer({ content: 'Yes', [field]: 'Hm' }));
        if (!('answer' in decoded)) throw new Error('no answer');
        expect(openaiChat().response.encode(decoded.answer, reply)).toMatchObject({
          choices: [{ message: { content: 'Yes', reasoning_content: 'Hm' } }],
        });
        const [decoder, encoder] = [dialect.stream.decoder(), openaiChat().stream.encoder(reply)];
        const events: Parameters<typeof decoder.push>[1] = [];
        for (const one of chunksWith(field)) decoder.push({ event: undefined, data: JSON.stringify(one) }, events);
        const written = events.map((event) => encoder.encode(event)).join('');
        expect(written).toContain('"reasoning_content":"H"');
        expect(written).toContain('"reasoning_content":"m"');
        expect(written).not.toContain('"reasoning":');
      }
    },
  );

  it.each([
    'openai/gpt-5.4',
    'deepseek/deepseek-chat',
    'mistral/codestral-latest',
    'groq/llama-3.3-70b-versatile',
    'groq/meta-llama/llama-4-scout-17b-16e-instruct',
    'together/meta-llama/Llama-3.3-70B-Instruct-Turbo',
    'hugging-face/meta-llama/Llama-3.3-70B-Instruct',
    'vllm/meta-llama/Llama-3.3-70B-Instruct',
  ])('%s: nothing to rename, so answers pass through', (target) => {
    expect(passes(target)).toBe(true);
    expect(passes(target, { stream: true })).toBe(true);
  });

  it.each([
    ['vllm/Qwen/Qwen3-32B', 'reasoning'],
    ['ollama/qwen3:4b', 'thinking'],
    ['deepseek/deepseek-chat', 'reasoning_content'],
    ['openai-compatible/any', 'reasoning_content'],
  ])('%s gets the reasoning of earlier turns back as %s', (target, field) => {
    const { dialect, model } = dialectOf(target);
    const history = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yes', reasoning_content: 'Hm' },
      { role: 'user', content: 'Sure?' },
    ];
    const { body } = dialect.request.encode(openaiChat().request.decode({ model, messages: history }, {}), { model });
    expect(body.messages).toMatchObject([{}, { content: 'Yes', [field]: 'Hm' }, {}]);
  });
});

describe('groq', () => {
  it('gets `n: 1` taken out of a request that otherwise passes through', () => {
    const { dialect, model } = dialectOf('groq/llama-3.1-8b-instant');
    const body = { model: 'x', messages: [{ role: 'user', content: 'Hi' }], n: 1 };
    expect(dialect.request.passThrough(body, { model })).toEqual([
      ['n', undefined],
      ['model', '"llama-3.1-8b-instant"'],
    ]);
    expect(dialect.request.passThrough({ ...body, n: 2 }, { model })).toBeUndefined();
  });
});

describe('through failover', () => {
  let server: ListeningServer;
  let app: GatewayApp;

  beforeAll(async () => {
    server = await listen((request, response) => {
      let sent = '';
      request.on('data', (data) => {
        sent += String(data);
      });
      request.on('end', () => {
        const streams = JSON.parse(sent).stream === true;
        response.setHeader('content-type', streams ? 'text/event-stream' : 'application/json');
        response.end(
          streams ? asEvents(chunksWith('reasoning')) : JSON.stringify(answer({ content: 'Yes', reasoning: 'Hm' })),
        );
      });
    });
    app = await startGatewayApp({
      providers: { groq: { apiKey: 'provider-key-canary-0123456789', baseUrl: `${server.url}/openai/v1` } },
    });
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });

  it('a caller of Groq reads reasoning_content, whole and streamed', async () => {
    const question = { model: 'groq/openai/gpt-oss-120b', messages: [{ role: 'user', content: 'Hi' }] };
    const whole = await chat(app.url, question);
    expect(JSON.parse(whole.text).choices[0].message).toMatchObject({ content: 'Yes', reasoning_content: 'Hm' });
    const streamed = await chat(app.url, { ...question, stream: true });
    expect(streamed.text).toContain('"reasoning_content":"H"');
    expect(streamed.text).not.toContain('"reasoning":');
    expect(streamed.text.endsWith('data: [DONE]\n\n')).toBe(true);
    await app.checkInvariants();
  });
});
