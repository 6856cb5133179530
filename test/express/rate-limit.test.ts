import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import { auth, type RateLimitOptions, rateLimit } from '../../src/index.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';

const express4: typeof express5 = createRequire(import.meta.url)('express4');
const key = 'sk-gateway-limited-0123456789';
let server: ListeningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(create: typeof express5, options: RateLimitOptions, trustProxy = false): Promise<string> {
  const app = create();
  app.set('trust proxy', trustProxy);
  app.use('/own', rateLimit(options), (_request, response) => {
    response.json({ mine: true });
  });
  app.use('/keys', auth({ keys: [{ key, id: 'ana' }] }), rateLimit(options), (_request, response) => {
    response.json({ mine: true });
  });
  server = await listen(app);
  return server.url;
}

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('rateLimit in front of an own handler of %s', (_, create) => {
  it('adds its headers to the answer, and answers in its place when there is no room', async () => {
    const url = await start(create, { limits: [{ requests: 1, window: '1m', name: 'one' }] });
    const [passed, refused] = [await fetch(`${url}/own`), await fetch(`${url}/own`)];
    expect(await passed.json()).toEqual({ mine: true });
    expect(passed.headers.get('ratelimit-policy')).toBe('"one";q=1;w=60');
    expect(passed.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(passed.headers.get('x-request-id')).not.toBeNull();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.headers.get('ratelimit')).toBe('"one";r=0;t=60');
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });

  it('reads chat calls along, and leaves their answer and its headers as they are', async () => {
    const url = await start(create, { limits: [{ tokens: 5_000, window: '1m' }] });
    const answer = await fetch(`${url}/own/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [], max_tokens: 100 }),
    });
    expect(await answer.json()).toEqual({ mine: true });
    expect(Number(answer.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThanOrEqual(4_900);
  });

  it('counts by the key behind auth', async () => {
    const url = await start(create, { limits: ['1 request per hour'] });
    const authorization = `Bearer ${key}`;
    const statuses = [];
    for (let index = 0; index < 3; index += 1) {
      statuses.push((await fetch(`${url}/keys`, index === 0 ? {} : { headers: { authorization } })).status);
    }
    expect(statuses).toEqual([401, 200, 429]);
  });

  it('takes the address of the caller from the app: behind a proxy, what the app trusts', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const limits = [{ per: 'ip', requests: 1, window: '1m' }] as const;
    const trusting = await start(create, { limits }, true);
    const behind = ['10.0.0.1', '10.0.0.2', '10.0.0.1'].map((address) => fetch(`${trusting}/own`, from(address)));
    expect((await Promise.all(behind)).map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    await server?.close();
    const strict = await start(create, { limits });
    expect((await fetch(`${strict}/own`, from('10.0.0.1'))).status).toBe(200);
    expect((await fetch(`${strict}/own`, from('10.0.0.2'))).status).toBe(429);
  });
});
