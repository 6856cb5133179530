import { describe, expect, it } from '@jest/globals';
import { durationText } from '../../src/rate-limit/reply-headers.ts';
import { chatBody, limiter } from './support.ts';

describe('the headers of a limited call', () => {
  it('stand on answers as well: the tightest limit of each measure, all policies, the tightest of all', async () => {
    const limit = limiter([
      { per: 'key', requests: 60, window: '1m', name: 'per-key' },
      { per: 'global', requests: 100, window: '1s', name: 'all' },
      { per: 'key', tokens: 1_000, window: '1m', name: 'tokens' },
      { per: 'key', concurrent: 4, name: 'at-once' },
    ]);
    const { call } = await limit.send({ body: { ...chatBody, max_tokens: 95 } });
    expect(call.replyHeaders).toEqual({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '901',
      'x-ratelimit-reset-tokens': '6s',
      'ratelimit-policy':
        '"per-key";q=60;w=60, "all";q=100;w=1, "tokens";q=1000;w=60;qu="tokens", "at-once";q=4;qu="concurrent-requests"',
      ratelimit: '"at-once";r=3',
    });
  });

  it('name the limit that refuses, and how long it does', async () => {
    const limit = limiter([
      { per: 'key', requests: 60, window: '1m', burst: 1, name: 'per-key' },
      { per: 'global', requests: 100, window: '1s', name: 'all' },
    ]);
    await limit.send();
    const { call, status } = await limit.send();
    expect(status).toBe(429);
    expect(call.replyHeaders).toMatchObject({ ratelimit: '"per-key";r=0;t=1', 'x-ratelimit-remaining-requests': '0' });
  });

  it('are absent where no limit applies', async () => {
    const { call } = await limiter([{ name: 'none', per: () => undefined, requests: 1, window: '1s' }]).send();
    expect(call.replyHeaders).toBeUndefined();
  });

  it('keep a name of a key within what a header may hold', async () => {
    const name = 'a "quoted\\name"; q=1 \u00fc';
    const caller = {
      keyId: 'k',
      limits: [
        {
          name,
          per: 'key',
          measure: 'requests',
          amount: 5,
          windowMs: 1_000,
          algorithm: 'fixed-window',
          mode: 'enforce',
        },
      ] as const,
    };
    const { call } = await limiter([]).send({ caller });
    expect(call.replyHeaders?.ratelimit).toBe('"a \\"quoted\\\\name\\"; q=1 ?";r=4;t=1');
  });
});

describe('a duration', () => {
  it.each([
    [0, '0ms'],
    [17, '17ms'],
    [1_000, '1s'],
    [1_001, '2s'],
    [360_000, '6m0s'],
    [3_600_000, '1h0m0s'],
    [86_399_001, '24h0m0s'],
  ])('of %d ms reads %s, as OpenAI writes it', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});
