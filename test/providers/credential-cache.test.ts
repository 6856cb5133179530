import { describe, expect, it } from '@jest/globals';
import { CredentialCache, type Expiring } from '../../src/providers/credential-cache.ts';

const hour = 3_600_000;

/** A source whose fetches the test ends, one by one. */
function source() {
  const fetches: { at: number; resolve(fetched: Expiring<string>): void; reject(error: Error): void }[] = [];
  const cache = new CredentialCache<string>(
    (at) =>
      new Promise((resolve, reject) => {
        fetches.push({ at, resolve, reject });
      }),
  );
  return { cache, fetches };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a cache of credentials', () => {
  it('fetches once for however many ask at the same time', async () => {
    const { cache, fetches } = source();
    const waiting = Array.from({ length: 100 }, () => cache.get(0));
    expect(fetches).toHaveLength(1);
    fetches[0]?.resolve({ value: 'one', expiresAt: hour });
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['one']));
    expect(cache.get(1)).toBe('one');
    expect(fetches).toHaveLength(1);
  });

  it('fetches the next one ahead of the end, while the old one serves', async () => {
    const { cache, fetches } = source();
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: hour });
    await first;
    expect(cache.get(hour - 300_001)).toBe('one');
    expect(fetches).toHaveLength(1);
    expect(cache.get(hour - 300_000)).toBe('one');
    expect(cache.get(hour - 299_999)).toBe('one');
    expect(fetches).toHaveLength(2);
    fetches[1]?.resolve({ value: 'two', expiresAt: 2 * hour });
    await settled();
    expect(cache.get(hour - 299_000)).toBe('two');
  });

  it('goes on with the old one while the next cannot be had, and not beyond its end', async () => {
    const { cache, fetches } = source();
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: hour });
    await first;
    cache.get(hour - 200_000);
    fetches[1]?.reject(new Error('no network'));
    await settled();
    expect(cache.get(hour - 199_900)).toBe('one');
    expect(fetches).toHaveLength(2);
    expect(cache.get(hour - 100_000)).toBe('one');
    fetches[2]?.reject(new Error('no network'));
    await settled();
    const late = cache.get(hour - 29_000);
    expect(fetches).toHaveLength(4);
    fetches[3]?.reject(new Error('still none'));
    await expect(late).rejects.toThrow('still none');
  });

  it('asks for short-lived ones no more often than twice in their life', async () => {
    const { cache, fetches } = source();
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: 60_000 });
    await first;
    for (let at = 0; at < 30_000; at += 1_000) expect(cache.get(at)).toBe('one');
    expect(fetches).toHaveLength(1);
    expect(cache.get(30_000)).toBe('one');
    expect(fetches).toHaveLength(2);
  });

  it('tells all who waited of a failure, and does not repeat it for a second', async () => {
    const { cache, fetches } = source();
    const waiting = [cache.get(0), cache.get(0)];
    fetches[0]?.reject(new Error('denied'));
    for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe('rejected');
    await expect(cache.get(999)).rejects.toThrow('denied');
    expect(fetches).toHaveLength(1);
    const next = cache.get(1_000);
    expect(fetches).toHaveLength(2);
    fetches[1]?.resolve({ value: 'one', expiresAt: hour });
    expect(await next).toBe('one');
  });

  it('gives up a fetch that hangs, and ignores it when it comes after all', async () => {
    const { cache, fetches } = source();
    const hanging = cache.get(0);
    void cache.get(19_999);
    expect(fetches).toHaveLength(1);
    const next = cache.get(20_000);
    expect(fetches).toHaveLength(2);
    fetches[1]?.resolve({ value: 'new', expiresAt: hour });
    expect(await next).toBe('new');
    fetches[0]?.resolve({ value: 'old', expiresAt: 2 * hour });
    expect(await hanging).toBe('old');
    expect(cache.get(21_000)).toBe('new');
  });

  it('replaces a refused one once, however many callers were refused', async () => {
    const { cache, fetches } = source();
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: hour });
    await first;
    const refusals = Array.from({ length: 50 }, () => cache.renew(1_000, (value) => value === 'one'));
    expect(new Set(refusals)).toEqual(new Set([true]));
    const waiting = Array.from({ length: 50 }, () => cache.get(1_000));
    expect(fetches).toHaveLength(2);
    fetches[1]?.resolve({ value: 'two', expiresAt: hour });
    await Promise.all(waiting);
    expect(cache.renew(1_500, (value) => value === 'one')).toBe(true);
    expect(cache.get(1_500)).toBe('two');
    expect(fetches).toHaveLength(2);
  });

  it('does not take a fresh one that is refused for stale', async () => {
    const { cache, fetches } = source();
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: hour });
    await first;
    expect(cache.renew(1_000, () => true)).toBe(true);
    const second = cache.get(1_000);
    fetches[1]?.resolve({ value: 'two', expiresAt: hour });
    await second;
    expect(cache.renew(60_999, () => true)).toBe(false);
    expect(cache.get(60_999)).toBe('two');
    expect(cache.renew(61_000, () => true)).toBe(true);
  });

  it('knows the one in use and the one before, for those who have to hide them', async () => {
    const { cache, fetches } = source();
    expect(cache.values()).toEqual([]);
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: hour });
    await first;
    expect(cache.values()).toEqual(['one']);
    cache.renew(1_000, () => true);
    expect(cache.values()).toEqual(['one']);
    const second = cache.get(1_000);
    fetches[1]?.resolve({ value: 'two', expiresAt: hour });
    await second;
    expect(cache.values()).toEqual(['two', 'one']);
  });

  it('keeps one that does not end', async () => {
    const { cache, fetches } = source();
    const first = cache.get(0);
    fetches[0]?.resolve({ value: 'one', expiresAt: Number.POSITIVE_INFINITY });
    await first;
    expect(cache.get(1_000 * hour)).toBe('one');
    expect(fetches).toHaveLength(1);
  });
});
