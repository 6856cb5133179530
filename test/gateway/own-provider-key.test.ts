import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayServer, question, startGateway, wallConfig } from './support/gateway-app.ts';

const gatewaysKey = 'provider-key-canary-0123456789';
const callersKey = 'callers-own-canary-9876543210';
const allowed = 'sk-may-bring-its-own-0123456789';
const ordinary = 'sk-ordinary-key-0123456789abc';

let wall: FakeProvider;
let server: GatewayServer;

beforeAll(async () => {
  wall = await startFakeProvider({ apiKey: [gatewaysKey, callersKey] });
  server = await startGateway({
    config: {
      ...wallConfig(wall),
      keys: [
        { key: allowed, id: 'allowed', ownProviderKeys: true },
        { key: ordinary, id: 'ordinary' },
      ],
    },
  });
});
afterAll(async () => {
  expect(JSON.stringify(server.lines)).not.toContain('canary');
  await server.close();
  await wall.close();
});
afterEach(async () => {
  await wall.whenIdle();
  wall.reset();
});

async function ask(key: string, model: string, own?: string) {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...(own !== undefined && { 'x-provider-key': own }) },
    body: JSON.stringify({ model, ...question }),
  });
  return { status: response.status, text: await response.text() };
}

const keysSent = (): readonly unknown[] =>
  wall.calls.map(({ headers }) => headers.authorization ?? headers['x-api-key'] ?? headers['x-goog-api-key']);

describe('a provider\u2019s key that a caller brings', () => {
  it.each([
    ['openai/demo-small', `Bearer ${callersKey}`],
    ['anthropic/demo-small', callersKey],
    ['gemini/demo-small', callersKey],
  ])('is sent in place of the gateway\u2019s to %s', async (model, sent) => {
    expect((await ask(allowed, model, callersKey)).status).toBe(200);
    expect((await ask(allowed, model)).status).toBe(200);
    const [first, second] = keysSent();
    expect(first).toBe(sent);
    expect(second).toContain(gatewaysKey);
  });

  it('is refused from whom it is not allowed', async () => {
    expect((await ask(ordinary, 'openai/demo-small', callersKey)).status).toBe(403);
    expect(wall.calls).toEqual([]);
  });

  it('is held against nobody when the provider refuses it, and shown to nobody', async () => {
    const refused = await ask(allowed, 'openai/demo-small', 'wrong-own-canary-0123456789');
    expect([refused.status, refused.text.includes('canary')]).toEqual([401, false]);
    expect(JSON.parse(refused.text).error).toMatchObject({
      type: 'authentication_error',
      code: 'provider_key_refused',
    });
    expect((await ask(ordinary, 'openai/demo-small')).status).toBe(200);
    expect(server.lines.some((line) => line.message === 'upstream-auth-failed')).toBe(false);
  });

  it('is told to its owner when it has no credit left', async () => {
    const body = JSON.stringify({
      error: { message: 'You exceeded your quota', type: 'insufficient_quota', code: 'insufficient_quota' },
    });
    wall.script({ status: 429, body });
    const refused = await ask(allowed, 'openai/demo-small', callersKey);
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([402, 'provider_key_exhausted']);
    expect((await ask(ordinary, 'openai/demo-small')).status).toBe(200);
  });

  it('rests alone when it is out of rate', async () => {
    expect((await ask(allowed, 'openai/demo-small+retryafter(30)', callersKey)).status).toBe(429);
    expect((await ask(ordinary, 'openai/demo-small')).status).toBe(200);
  });
});
