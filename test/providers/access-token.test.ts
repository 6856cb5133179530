import { describe, expect, it } from '@jest/globals';
import { type AccessTokenSource, fixedToken, tokenAuthorizer } from '../../src/providers/access-token.ts';
import type { AuthorizedRequest } from '../../src/providers/provider.ts';

const minute = 60_000;

function request(wallTime: number): AuthorizedRequest {
  return { method: 'POST', origin: 'https://h', path: '/', headers: [], body: '', wallTime };
}

function jsonWebToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** The tokens a source gives, in turn, and how often it was asked. */
function tokens(...given: readonly Awaited<ReturnType<AccessTokenSource>>[]) {
  let asked = 0;
  const source: AccessTokenSource = () => {
    asked += 1;
    return Promise.resolve(given[asked - 1] ?? 'none left');
  };
  return { authorizer: tokenAuthorizer(source), asked: () => asked };
}

const refusal = { status: 401, header: () => undefined };

describe('a source of access tokens', () => {
  it('is asked once for a hundred calls', async () => {
    const { authorizer, asked } = tokens({ token: 'one', expiresAt: 60 * minute });
    const headers = await Promise.all(Array.from({ length: 100 }, () => authorizer.authorize(request(0))));
    expect(asked()).toBe(1);
    expect(new Set(headers.map((given) => given.authorization))).toEqual(new Set(['Bearer one']));
  });

  it('may give a date', async () => {
    const { authorizer, asked } = tokens({ token: 'one', expiresAt: new Date(60 * minute) }, 'two');
    await authorizer.authorize(request(0));
    await authorizer.authorize(request(50 * minute));
    expect(asked()).toBe(1);
    await authorizer.authorize(request(60 * minute));
    expect(asked()).toBe(2);
  });

  it('need not say when a token ends that says so itself', async () => {
    const { authorizer, asked } = tokens(jsonWebToken({ exp: 3600 }), 'two');
    await authorizer.authorize(request(0));
    await authorizer.authorize(request(50 * minute));
    expect(asked()).toBe(1);
  });

  it.each(['opaque', 'a.b', 'a.b.c', `x.${Buffer.from('[]').toString('base64url')}.y`, jsonWebToken({ exp: 'soon' })])(
    'is asked again after a minute for %s, which does not say when it ends',
    async (token) => {
      const { authorizer, asked } = tokens(token, 'two');
      expect(await authorizer.authorize(request(0))).toEqual({ authorization: `Bearer ${token}` });
      await authorizer.authorize(request(20_000));
      expect(asked()).toBe(1);
      expect(await authorizer.authorize(request(minute))).toEqual({ authorization: 'Bearer two' });
    },
  );

  it.each(['', 'line\nbreak', 'gr\u00fcn', 'two words'])('is refused for the unusable token %j', async (token) => {
    const { authorizer } = tokens(token);
    await expect(Promise.resolve(authorizer.authorize(request(0)))).rejects.toMatchObject({
      name: 'UnusableTokenError',
      message: expect.not.stringContaining(token === '' ? 'canary' : token),
    });
  });

  it('is refused for what is no token', async () => {
    const source = (() => ({ tokn: 'x' })) as unknown as AccessTokenSource;
    await expect(Promise.resolve(tokenAuthorizer(source).authorize(request(0)))).rejects.toMatchObject({
      name: 'UnusableTokenError',
    });
  });

  it('is asked anew after a 401, and only for the token that was refused', async () => {
    const { authorizer, asked } = tokens({ token: 'one', expiresAt: 60 * minute }, 'two');
    const credential = await authorizer.authorize(request(0));
    expect(authorizer.renew?.({ ...refusal, credential, status: 403, wallTime: 0 })).toBe(false);
    expect(authorizer.renew?.({ ...refusal, credential, status: 429, wallTime: 0 })).toBe(false);
    expect(authorizer.renew?.({ ...refusal, credential, wallTime: 0 })).toBe(true);
    const next = await authorizer.authorize(request(1));
    expect(next).toEqual({ authorization: 'Bearer two' });
    expect(authorizer.renew?.({ ...refusal, credential, wallTime: 2 })).toBe(true);
    expect(authorizer.renew?.({ ...refusal, credential: next, wallTime: 2 })).toBe(false);
    expect(asked()).toBe(2);
  });

  it('has its tokens hidden where a provider repeats them', async () => {
    const { authorizer } = tokens({ token: 'one', expiresAt: 60 * minute });
    expect(authorizer.secrets()).toEqual([]);
    await authorizer.authorize(request(0));
    expect(authorizer.secrets()).toEqual(['one']);
    expect(fixedToken('fixed').secrets()).toEqual(['fixed']);
  });

  it('is not there for a fixed token, which nothing renews', () => {
    const authorizer = fixedToken('fixed');
    expect(authorizer.authorize(request(0))).toEqual({ authorization: 'Bearer fixed' });
    expect(authorizer.renew).toBeUndefined();
  });
});
