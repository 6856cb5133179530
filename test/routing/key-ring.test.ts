import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { KeyRing, TakenKey } from '../../src/routing/key-ring.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

const secret = 'sk-canary-0123456789';

function ring(...keys: string[]): { runtime: ManualRuntime; ring: KeyRing } {
  const runtime = manualRuntime();
  return { runtime, ring: new KeyRing(keys, runtime) };
}

function taken(from: KeyRing): TakenKey {
  const result = from.take();
  if (!(result instanceof TakenKey)) throw new Error(`no key: ${JSON.stringify(result)}`);
  return result;
}

function keys(from: KeyRing, count: number): string {
  return Array.from({ length: count }, () => taken(from).key).join('');
}

describe('KeyRing', () => {
  it('hands out its keys in turn, numbered from 1', () => {
    const { ring: tried } = ring('a', 'b', 'c');
    expect(keys(tried, 7)).toBe('abcabca');
    expect([taken(tried).number, taken(tried).number, taken(tried).number]).toEqual([2, 3, 1]);
  });

  it.each([401, 403, undefined])('takes a refused key (%s) out and goes on with the others', (status) => {
    const { ring: tried } = ring('a', 'b', 'c');
    taken(tried);
    taken(tried).refused(status);
    expect(keys(tried, 4)).toBe('caca');
  });

  it('lets exactly one attempt try a refused key again after the cool-down, and keeps it out when refused again', () => {
    const { runtime, ring: tried } = ring('a', 'b');
    taken(tried).refused(401);
    runtime.advance(299_999);
    expect(keys(tried, 3)).toBe('bbb');
    runtime.advance(1);
    const recheck = taken(tried);
    expect(recheck.key).toBe('a');
    expect(keys(tried, 4)).toBe('bbbb');
    recheck.refused(403);
    runtime.advance(299_999);
    expect(keys(tried, 3)).toBe('bbb');
    runtime.advance(1);
    taken(tried).accepted();
    expect(keys(tried, 4)).toBe('baba');
  });

  it('tries a refused key again a minute later when the one who tried it never came back', () => {
    const { runtime, ring: tried } = ring('a');
    taken(tried).refused(401);
    runtime.advance(300_000);
    taken(tried);
    expect(tried.take()).toEqual({ availableAt: 360_000, reason: 'auth' });
    runtime.advance(60_000);
    expect(taken(tried).key).toBe('a');
  });

  it('says when the first key is back and what keeps it', () => {
    const { runtime, ring: tried } = ring('a', 'b', 'c');
    const [a, b, c] = [taken(tried), taken(tried), taken(tried)];
    a.refused(401);
    b.rateLimited(20_000);
    c.rateLimited(5000);
    expect(tried.take()).toEqual({ availableAt: 5000, reason: 'rate_limit' });
    runtime.advance(5000);
    expect(keys(tried, 3)).toBe('ccc');
    taken(tried).exhausted();
    expect(tried.take()).toEqual({ availableAt: 20_000, reason: 'rate_limit' });
    runtime.advance(15_000);
    taken(tried).refused(401);
    expect(tried.take()).toMatchObject({ reason: 'auth' });
  });

  it('rests a rate-limited key as long as the provider says', () => {
    const { runtime, ring: tried } = ring('a', 'b');
    taken(tried).rateLimited(8000);
    taken(tried).rateLimited(1000);
    expect(tried.take()).toEqual({ availableAt: 1000, reason: 'rate_limit' });
    runtime.advance(1000);
    expect(keys(tried, 3)).toBe('bbb');
    runtime.advance(7000);
    expect(keys(tried, 2)).toBe('ab');
  });

  it('lets others go first for a second where the provider does not say, and uses the key when there are none', () => {
    const { runtime, ring: tried } = ring('a', 'b', 'c');
    const [a, b, c] = [taken(tried), taken(tried), taken(tried)];
    a.rateLimited();
    expect(keys(tried, 4)).toBe('bcbc');
    expect([a.hasAlternative(), b.hasAlternative()]).toEqual([true, true]);
    c.rateLimited(8000);
    runtime.advance(400);
    b.rateLimited();
    expect(keys(tried, 3)).toBe('aaa');
    expect([a.hasAlternative(), b.hasAlternative()]).toEqual([false, false]);
    runtime.advance(600);
    expect(a.hasAlternative()).toBe(false);
    expect(b.hasAlternative()).toBe(true);
    runtime.advance(400);
    expect(keys(tried, 4)).toBe('baba');
  });

  it('does not shorten a rest, nor end it by an earlier success', () => {
    const { runtime, ring: tried } = ring('a');
    const [first, second, third] = [taken(tried), taken(tried), taken(tried)];
    first.rateLimited(8000);
    second.rateLimited(1000);
    third.accepted();
    runtime.advance(7999);
    expect(tried.take()).toEqual({ availableAt: 8000, reason: 'rate_limit' });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('ignores a rest of %d milliseconds', (milliseconds) => {
    const { ring: tried } = ring('a');
    taken(tried).rateLimited(milliseconds);
    expect(keys(tried, 1)).toBe('a');
  });

  it('FO-21: does not let a 403 about one model take away a key that has just worked', () => {
    const { runtime, ring: tried } = ring('a');
    taken(tried).accepted();
    for (let request = 0; request < 100; request += 1) taken(tried).refused(403);
    runtime.advance(59_999);
    taken(tried).refused(403);
    expect(keys(tried, 1)).toBe('a');
    runtime.advance(1);
    taken(tried).refused(403);
    expect(tried.take()).toMatchObject({ reason: 'auth' });
  });

  it('keeps a refused key out at a 403, however lately it had worked before', () => {
    const runtime = manualRuntime();
    const tried = new KeyRing(['a'], runtime, { recheck: 90_000, rest: 1000, provenFor: 200_000 });
    taken(tried).accepted();
    taken(tried).refused(401);
    runtime.advance(90_000);
    taken(tried).refused(403);
    expect(tried.take()).toEqual({ availableAt: 180_000, reason: 'auth' });
  });

  it('takes a key out at a 401 though it has just worked', () => {
    const { ring: tried } = ring('a');
    taken(tried).accepted();
    taken(tried).refused(401);
    expect(tried.take()).toMatchObject({ reason: 'auth' });
  });

  it('does not let attempts from before a refusal bring the key back, nor those from before its return take it out', () => {
    const { runtime, ring: tried } = ring('a');
    const old = taken(tried);
    const alsoOld = taken(tried);
    taken(tried).refused(401);
    old.accepted();
    expect(tried.take()).toMatchObject({ reason: 'auth' });
    runtime.advance(300_000);
    taken(tried).accepted();
    alsoOld.refused(401);
    expect(keys(tried, 2)).toBe('aa');
  });

  it('knows whether another key could be used now', () => {
    const { runtime, ring: tried } = ring('a', 'b');
    const a = taken(tried);
    const b = taken(tried);
    expect(a.hasAlternative()).toBe(true);
    b.rateLimited(5000);
    expect(a.hasAlternative()).toBe(false);
    expect(b.hasAlternative()).toBe(true);
    runtime.advance(5000);
    expect(a.hasAlternative()).toBe(true);
    expect(taken(ring('a').ring).hasAlternative()).toBe(false);
  });

  it('swaps keys while attempts with the old ones run, and does not hold their fate against the new ones', () => {
    const { ring: tried } = ring('old-1', 'old-2');
    const old = taken(tried);
    tried.replace(['new-1', 'new-2', 'new-3']);
    expect(old.key).toBe('old-1');
    old.refused(401);
    old.rateLimited(9000);
    expect(tried.size).toBe(3);
    expect(keys(tried, 3)).toBe('new-1new-2new-3');
  });

  it('keeps the rest of a key that stays over a swap, and tries a refused one again', () => {
    const { runtime, ring: tried } = ring('a', 'b');
    const a = taken(tried);
    const b = taken(tried);
    a.refused(401);
    b.rateLimited(5000);
    tried.replace(['c', 'b', 'a']);
    expect(keys(tried, 4)).toBe('caca');
    a.refused(401);
    expect(keys(tried, 2)).toBe('ca');
    runtime.advance(5000);
    expect(keys(tried, 3)).toBe('cba');
  });

  it('holds a key given twice once', () => {
    expect(ring('a', 'a', 'b').ring.size).toBe(2);
  });

  it.each([[[]], [['']], [[secret, '']]])('refuses %j, keeps the present keys and names none', (bad) => {
    const { ring: tried } = ring('a');
    expect(() => tried.replace(bad)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message: expect.not.stringContaining(secret) }),
    );
    expect(() => new KeyRing(bad, manualRuntime())).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(keys(tried, 2)).toBe('aa');
  });

  it('I6: shows no key in any printed form of itself, of a taken key or of a missing one', () => {
    const { ring: tried } = ring(secret);
    const key = taken(tried);
    const shown = [tried, key].flatMap((each) => [
      inspect(each, { showHidden: true, depth: null, getters: true }),
      JSON.stringify(each),
      JSON.stringify({ ...each }),
      String(each),
      `${Object.entries(each).flat()}`,
    ]);
    key.rateLimited(1000);
    shown.push(JSON.stringify(tried.take()), inspect(tried.take()));
    for (const text of shown) expect(text).not.toContain('canary');
    expect(key.key).toBe(secret);
  });
});
