import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuth } from '../../src/auth/index.ts';
import type { Capability } from '../../src/core/capability.ts';
import { run } from '../../src/core/run.ts';
import { createFailover } from '../../src/failover/index.ts';
import { createProviderTranslate } from '../../src/provider-translate/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { testCall } from '../core/support.ts';
import { wallProviders } from '../support/test-app.ts';

const key = 'sk-gateway-ana-0123456789';
const auth = createAuth({ keys: [{ key, models: ['openai/demo-small'] }] });

let wall: FakeProvider;
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());

/** What a caller reads who asks for a model with a key that is good for `openai/demo-small`. */
async function ask(terminal: Capability, model: string) {
  const rawHeaders = ['authorization', `Bearer ${key}`];
  const { call } = testCall({
    head: { method: 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders },
    readBody: () => ({ json: { model, messages: [{ role: 'user', content: 'Say hello.' }] } }),
  });
  const reply = await run(call, [auth, terminal]);
  call.close(true);
  const body = reply.kind === 'whole' ? JSON.parse(String(reply.body)) : undefined;
  return { status: reply.status, code: body?.error?.code, foreign: call.foreign };
}

describe('AU-14 the models of a key', () => {
  const providers = () => ({ openai: wallProviders(wall).openai });
  const terminals: readonly (readonly [string, () => Capability])[] = [
    ['failover', () => createFailover({ providers: providers() }, { environment: {} })],
    ['providerTranslate', () => createProviderTranslate({ providers: providers() }, { environment: {} })],
  ];

  it.each(terminals)('hold for %s', async (_name, create) => {
    const terminal = create();
    wall.reset();
    expect(await ask(terminal, 'openai/demo-large')).toMatchObject({ status: 403, code: 'model_not_allowed' });
    expect(wall.calls).toHaveLength(0);
    expect(await ask(terminal, 'openai/demo-small')).toMatchObject({ status: 200 });
  });

  it("hold for providerTranslate in front of the app's own proxy", async () => {
    const translate = createProviderTranslate({ providers: providers(), forward: 'next' }, { environment: {} });
    expect(await ask(translate, 'openai/demo-large')).toMatchObject({
      status: 403,
      code: 'model_not_allowed',
      foreign: undefined,
    });
    expect((await ask(translate, 'openai/demo-small')).foreign).toBeDefined();
  });
});
