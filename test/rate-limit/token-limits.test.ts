import { describe, expect, it } from '@jest/globals';
import type { AttemptRecord } from '../../src/core/settlement.ts';
import type { Usage } from '../../src/core/usage.ts';
import { promptTokens } from '../../src/rate-limit/request-facts.ts';
import { chatBody, type Limiter, limiter, type Request } from './support.ts';

/** What `chatBody` has: 3 tokens of prompt, and its answer's bound. */
const asking = (maxTokens: number | undefined): Request => ({
  body: { ...chatBody, ...(maxTokens !== undefined && { max_tokens: maxTokens }) },
});
const prompt = promptTokens(chatBody);

function attempt(fields: Partial<AttemptRecord>): AttemptRecord {
  return { id: 'a-1', number: 1, provider: 'openai', model: 'gpt-4o', startedAt: 0, ...fields };
}

/** What a bucket of 1,000 tokens has left after a call that set 503 aside and ended like this. */
async function leftAfter(attempts: readonly AttemptRecord[], outcome: object = {}): Promise<number> {
  const limit = limiter([{ tokens: 1_000, window: '366d' }]);
  const sent = await limit.send(asking(500 - prompt));
  sent.call.attempts.push(...attempts);
  sent.end(outcome);
  return left(limit);
}

async function left(limit: Limiter): Promise<number> {
  const { call } = await limit.send(asking(1));
  return Number(call.replyHeaders?.['x-ratelimit-remaining-tokens']) + prompt + 1;
}

describe('RL-15 a limit of tokens', () => {
  it('sets the prompt and the longest answer aside, and settles to what was used', async () => {
    const usage: Usage = { inputTokens: 20, outputTokens: 30 };
    expect(await leftAfter([attempt({ status: 'ok', usage })])).toBe(950);
  });

  it.each<[string, readonly AttemptRecord[], object, number]>([
    [
      'several attempts',
      [
        attempt({ status: 'upstream_truncated', usage: { inputTokens: 5, outputTokens: 5 } }),
        attempt({ status: 'ok', usage: { inputTokens: 5, outputTokens: 15 } }),
      ],
      {},
      970,
    ],
    ['more than was set aside', [attempt({ status: 'ok', usage: { inputTokens: 500, outputTokens: 200 } })], {}, 300],
    ['an attempt that was never sent', [attempt({ status: 'not_sent' })], { status: 'upstream_error' }, 1_000],
    ['an attempt that failed', [attempt({ status: 'upstream_error' })], { status: 'upstream_error' }, 1_000],
    ['an answer nobody has counted', [attempt({ status: 'ok' })], {}, 500],
    [
      'a connection that was lost, nobody knows when',
      [attempt({ status: 'unknown' })],
      { status: 'upstream_error' },
      500,
    ],
    ['a rejection by somebody else', [], { status: 'rejected', httpStatus: 400 }, 1_000],
    ['an answer out of a cache', [], {}, 1_000],
    ['an answer of the app itself', [], { usage: { inputTokens: 60, outputTokens: 40 }, usageSource: 'provider' }, 900],
    ['an answer of the app itself that nobody could read', [], { usageSource: 'none' }, 500],
  ])('settles %s', async (_, attempts, outcome, expected) => {
    expect(await leftAfter(attempts, outcome)).toBe(expected);
  });

  it('never admits more than its limit at a time', async () => {
    const limit = limiter([{ tokens: 1_000, window: '366d' }]);
    const sent = await Promise.all(Array.from({ length: 50 }, () => limit.send(asking(100 - prompt))));
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(10);
  });

  it('says that a prompt is longer than the limit can ever hold, and not to try again', async () => {
    const limit = limiter([{ tokens: 100, window: '1m' }]);
    const { error } = await limit.send({
      body: { ...chatBody, messages: [{ role: 'user', content: 'many words '.repeat(300) }] },
    });
    expect(error).toMatchObject({ status: 429, headers: { 'x-should-retry': 'false' }, retryAfter: 1 });
    expect(error?.message).toContain('more than the 100 tokens');
  });

  it('lets an answer that may be longer than the limit pass when all of it is there', async () => {
    const limit = limiter([{ tokens: 100, window: '10s' }]);
    expect((await limit.send(asking(100_000))).status).toBe(200);
    expect((await limit.send(asking(1))).status).toBe(429);
    limit.runtime.advance(10_000);
    expect((await limit.send(asking(undefined))).status).toBe(200);
  });

  it.each<[string, Request, number]>([
    ['Responses', { dialect: 'openai-responses', body: { model: 'm', input: 'Hello.', max_output_tokens: 70 } }, 70],
    ['Anthropic', { dialect: 'anthropic-messages', body: { model: 'm', messages: [], max_tokens: 71 } }, 71],
    [
      'Gemini',
      { dialect: 'gemini', body: { contents: [], generationConfig: { maxOutputTokens: 36, candidateCount: 2 } } },
      72,
    ],
    ['Bedrock', { dialect: 'bedrock-converse', body: { messages: [], inferenceConfig: { maxTokens: 73 } } }, 73],
    ['Ollama', { dialect: 'ollama-chat', body: { model: 'm', messages: [], options: { num_predict: 74 } } }, 74],
    ['several choices', { body: { ...chatBody, n: 3, max_tokens: 25 } }, 75],
    ['no bound', { body: { model: 'm', messages: [] } }, 1_000],
    ['a bound that is none', { body: { ...chatBody, max_tokens: -5 } }, 1_000],
    ['a bound of half a token', { body: { ...chatBody, max_tokens: 0.5 } }, 1_000],
    ['embeddings', { operation: 'embeddings', body: { model: 'm', input: 'Hello.' } }, 0],
  ])('reads the bound of the answer: %s', async (_, request, expected) => {
    const limit = limiter([{ tokens: 10_000, window: '366d' }]);
    const { call } = await limit.send(request);
    const taken = 10_000 - Number(call.replyHeaders?.['x-ratelimit-remaining-tokens']);
    expect(taken).toBeGreaterThanOrEqual(Math.max(1, expected));
    expect(taken).toBeLessThan(expected + 8);
  });

  it('does not hold for what uses no tokens', async () => {
    const limit = limiter([{ tokens: 1, window: '1h' }]);
    expect((await limit.send({ operation: 'count-tokens' })).call.replyHeaders).toBeUndefined();
    expect((await limit.send({ operation: 'models', method: 'GET' })).status).toBe(200);
  });
});

describe('RL-17 a usage that is none', () => {
  it.each([-5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '7', JSON.parse('1e999'), null, 2 ** 60])(
    'is treated as if there were none, and credits nothing: %p',
    async (value) => {
      const usage = { inputTokens: value, outputTokens: 10 } as Usage;
      expect(await leftAfter([attempt({ status: 'ok', usage })])).toBe(500);
      expect(await leftAfter([attempt({ status: 'upstream_error', usage })])).toBe(500);
      expect(
        await leftAfter([attempt({ status: 'ok', usage: { inputTokens: 10, outputTokens: value } as Usage })]),
      ).toBe(500);
    },
  );
});

describe('the estimate of a prompt', () => {
  it.each([
    ['English', 'The quick brown fox jumps over the lazy dog. '.repeat(20), 200],
    [
      'Russian',
      '\u0421\u044a\u0435\u0448\u044c \u0435\u0449\u0451 \u044d\u0442\u0438\u0445 \u043c\u044f\u0433\u043a\u0438\u0445 \u0431\u0443\u043b\u043e\u043a. '.repeat(
        20,
      ),
      240,
    ],
    ['Chinese', '\u654f\u6377\u7684\u68d5\u8272\u72d0\u72f8\u8df3\u8fc7\u4e86\u61d2\u72d7\u3002'.repeat(20), 240],
  ])('is of the right size: %s', (_, content, about) => {
    const tokens = promptTokens({ messages: [{ role: 'user', content }] });
    expect(tokens / about).toBeGreaterThan(0.6);
    expect(tokens / about).toBeLessThan(1.6);
  });

  it('leaves media out', () => {
    const url = `data:image/png;base64,${'A'.repeat(1_000_000)}`;
    const content = [{ type: 'image_url', image_url: { url } }];
    expect(promptTokens({ messages: [{ role: 'user', content }] })).toBeLessThan(20);
  });
});
