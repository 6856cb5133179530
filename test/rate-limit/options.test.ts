import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../src/core/errors.ts';
import { type RateLimitSettings, resolveRateLimitOptions } from '../../src/rate-limit/options.ts';
import { redisLimitStore } from '../../src/stores/redis/limit-store.ts';
import { limiter } from './support.ts';

const resolve = (settings: unknown) => resolveRateLimitOptions(settings as RateLimitSettings);

describe('the options of rateLimit', () => {
  it('take a plan as a text: per key, in fixed windows', () => {
    expect(
      resolve({ limits: ['100 requests per hour', '20000 Tokens per minute', '1 request per second'] }).limits,
    ).toEqual([
      {
        per: 'key',
        rule: {
          name: 'key-requests-3600s',
          measure: 'requests',
          amount: 100,
          windowMs: 3_600_000,
          algorithm: 'fixed-window',
          mode: 'enforce',
        },
      },
      {
        per: 'key',
        rule: expect.objectContaining({ name: 'key-tokens-60s', measure: 'tokens', amount: 20_000, windowMs: 60_000 }),
      },
      { per: 'key', rule: expect.objectContaining({ measure: 'requests', amount: 1, windowMs: 1_000 }) },
    ]);
  });

  it('take a limit as an object, token bucket by default', () => {
    const { limits } = resolve({
      limits: [
        { per: 'team', requests: 60, window: '1m', burst: 5, mode: 'shadow' },
        { per: 'model', tokens: 500_000, window: '1m', algorithm: 'fixed-window' },
        { concurrent: 10 },
        { plan: '5 requests per day', per: 'ip', name: 'visitors' },
      ],
    });
    expect(limits).toEqual([
      {
        per: 'team',
        rule: {
          name: 'team-requests-60s',
          measure: 'requests',
          amount: 60,
          windowMs: 60_000,
          burst: 5,
          algorithm: 'token-bucket',
          mode: 'shadow',
        },
      },
      { per: 'model', rule: expect.objectContaining({ measure: 'tokens', algorithm: 'fixed-window' }) },
      { per: 'key', rule: expect.objectContaining({ name: 'key-concurrent', measure: 'concurrent', amount: 10 }) },
      {
        per: 'ip',
        rule: expect.objectContaining({ name: 'visitors', algorithm: 'fixed-window', windowMs: 86_400_000 }),
      },
    ]);
  });

  it('have these defaults', () => {
    expect(resolve({})).toEqual({
      limits: [],
      whenStoreFails: 'local-share',
      replicas: 1,
      outputTokens: 1_000,
      leaseMs: 60_000,
    });
  });

  it.each<[unknown, string]>([
    [{ limit: [] }, 'unknown option "limit" (did you mean "limits"?)'],
    [{ limits: ['100 requests'] }, '"limits.0" must read like "100 requests per hour"'],
    [{ limits: ['0 requests per hour'] }, '"limits.0" must read like'],
    [{ limits: [7] }, '"limits.0" must be a text such as "100 requests per hour", or an object'],
    [{ limits: [{ requests: 10 }] }, '"limits.0" needs a "window", such as "1m"'],
    [{ limits: [{ requests: 10, window: 60 }] }, '"limits.0.window" must be a duration with its unit'],
    [{ limits: [{ requests: 10, window: '0s' }] }, '"limits.0.window" must not be 0'],
    [{ limits: [{ requests: 10, window: '400d' }] }, '"limits.0.window" must not be longer than 366d'],
    [{ limits: [{ requests: 0.5, window: '1m' }] }, '"limits.0.requests" must be a whole number'],
    [{ limits: [{ requests: -5, window: '1m' }] }, '"limits.0.requests" must be greater than 0'],
    [{ limits: [{ requests: 10, tokens: 5, window: '1m' }] }, 'needs exactly one of "requests", "tokens"'],
    [{ limits: [{ per: 'key' }] }, 'needs exactly one of'],
    [{ limits: [{ concurrent: 5, window: '1m' }] }, '"limits.0" counts what runs at the same time: remove "window"'],
    [{ limits: [{ plan: '5 requests per day', burst: 2 }] }, 'has its window in its plan'],
    [{ limits: [{ requests: 5, window: '1m', burst: 2, algorithm: 'fixed-window' }] }, 'fixed windows, which know no'],
    [{ limits: [{ per: 'keys', requests: 5, window: '1m' }] }, '"limits.0.per" must be one of "key"'],
    [{ limits: [{ name: 'a b', requests: 5, window: '1m' }] }, '"limits.0.name" must be at most 64 letters'],
    [
      { limits: ['5 requests per day', '9 requests per day'] },
      '"limits.1" has the name "key-requests-86400s" of another',
    ],
    [{ whenStoreFails: 'open' }, '"whenStoreFails" must be "local-share", "allow" or "refuse"'],
    [{ replicas: 0 }, '"replicas" must be at least 1'],
    [{ lease: '1s' }, '"lease" must be at least 3s'],
  ])('are refused as %j, with the fix', (settings, message) => {
    expect(() => resolve(settings)).toThrow(ConfigurationError);
    expect(() => resolve(settings)).toThrow(message);
  });

  it('are refused when limits per provider are shared by nobody knows how many', () => {
    const store = redisLimitStore({
      prefix: '',
      evaluate: () => Promise.reject(new Error('unused')),
      close: async () => {},
    });
    const limits = [{ per: 'provider', requests: 5, window: '1m' }] as const;
    expect(() => limiter({ store, limits })).toThrow('say in "replicas" how many share them');
    expect(() => limiter({ store, limits, replicas: 2 })).not.toThrow();
    expect(() => limiter({ limits })).not.toThrow();
  });
});
