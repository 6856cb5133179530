import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import express4 from 'express4';
import type { Settlement } from '../../src/core/settlement.ts';
import { auth } from '../../src/express/auth.ts';
import type { Middleware } from '../../src/express/http-types.ts';
import { mount } from '../../src/express/mount.ts';
import { createFailover, type FailoverCapability } from '../../src/failover/index.ts';
import { createProviderTranslate } from '../../src/provider-translate/index.ts';
import { createTelemetry } from '../../src/telemetry/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, listen, until, wallProviders } from '../support/test-app.ts';

const key = 'a-caller-key-0123456789';
const question = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'Say hello.' }] };
const ownAnswer = {
  id: 'x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'mine' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

let wall: FakeProvider;
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());

const frameworks = { 'Express 4': express4, 'Express 5': express5 } as const;
const terminals = ['failover', 'providerTranslate', 'own handler'] as const;
const fronts = [[], ['telemetry'], ['auth'], ['telemetry', 'auth'], ['auth', 'telemetry']] as const;
const parsers = ['none', 'in front', 'behind'] as const;
const places = ['/', '/api/v1/gateway'] as const;

const table = Object.keys(frameworks).flatMap((framework) =>
  terminals.flatMap((terminal) =>
    fronts.flatMap((front) =>
      parsers.flatMap((parser) =>
        places.map((place) => [framework, front.join(' + ') || 'nothing', terminal, parser, place] as const),
      ),
    ),
  ),
);

interface Lines {
  readonly lines: Record<string, unknown>[];
}

function middleware(name: string, lines: Lines): Middleware {
  if (name === 'auth') return auth({ keys: [{ key, team: 'search' }] });
  return mount(createTelemetry({ logger: { log: (entry) => lines.lines.push({ ...entry }) } }));
}

describe('every subset, in every safe order', () => {
  it.each(table)('%s: %s, then %s, express.json() %s, at %s', async (framework, front, terminal, parser, place) => {
    const make = framework === 'Express 4' ? express4 : express5;
    const lines: Lines = { lines: [] };
    const app = make();
    const path = place === '/' ? '/v1/chat/completions' : `${place}/v1/chat/completions`;
    if (parser === 'in front') app.use(make.json());
    for (const name of front === 'nothing' ? [] : front.split(' + ')) app.use(place, middleware(name, lines));
    if (parser === 'behind') app.use(make.json());
    const providers = wallProviders(wall);
    let failover: FailoverCapability | undefined;
    if (terminal === 'failover') {
      failover = createFailover({ providers }, { environment: {} });
      app.post(path, mount(failover));
    } else if (terminal === 'providerTranslate') {
      app.post(path, mount(createProviderTranslate({ providers }, { environment: {} })));
    } else {
      app.post(path, (_request, response) => {
        response.json(ownAnswer);
      });
    }
    const listening = await listen(app);
    const url = listening.url + (place === '/' ? '' : place);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const streams = terminal === 'own handler' ? [false] : [false, true];
    for (const stream of streams) {
      const answer = await chat(url, { ...question, stream }, { headers });
      expect([answer.status, answer.broken]).toEqual([200, false]);
      if (front !== 'nothing' || terminal !== 'own handler') expect(answer.headers.get('x-request-id')).toBeTruthy();
    }
    if (front.includes('auth')) expect((await chat(url, question)).status).toBe(401);
    if (front.includes('telemetry')) {
      // Behind auth it does not see the call that auth refused.
      const expected = streams.length + (front === 'telemetry + auth' ? 1 : 0);
      await until(() => lines.lines.length === expected);
      expect(lines.lines.filter(({ status }) => status === 'ok')).toHaveLength(streams.length);
      expect(lines.lines.every((line) => line.status !== 'ok' || Number(line.output_tokens) > 0)).toBe(true);
    }
    await listening.close();
    await failover?.close();
  });
});

describe('mounting', () => {
  const witness = () => {
    const settlements: Settlement[] = [];
    const capability = {
      name: 'witness',
      onSettled: (_call: unknown, settlement: Settlement) => void settlements.push(settlement),
    };
    return { settlements, capability };
  };

  it('serves two gateways in one process that share nothing', async () => {
    const other = await startFakeProvider({ apiKey: 'provider-key-of-the-other' });
    const first = createFailover({ providers: wallProviders(wall), retries: 0 }, { environment: {} });
    const second = createFailover(
      { providers: { openai: { apiKey: 'provider-key-of-the-other', baseUrl: other.baseUrl('openai-chat') } } },
      { environment: {} },
    );
    const app = express5();
    app.post('/one/v1/chat/completions', mount(first));
    app.post('/two/v1/chat/completions', mount(second));
    const listening = await listen(app);
    for (let index = 0; index < 8; index += 1)
      await chat(`${listening.url}/one`, { ...question, model: 'openai/e500' });
    expect(first.engine.health.snapshot()).toMatchObject([{ status: 'ejected' }]);
    expect((await chat(`${listening.url}/two`, question)).status).toBe(200);
    expect(second.engine.health.snapshot()).toMatchObject([{ status: 'healthy' }]);
    await listening.close();
    await Promise.all([first.close(), second.close(), other.close()]);
  });

  it('counts a call once though a capability stands on the app and on the route', async () => {
    const one = witness();
    const two = witness();
    const failover = createFailover({ providers: wallProviders(wall) }, { environment: {} });
    const app = express5();
    app.use(mount(one.capability));
    app.post('/v1/chat/completions', mount(two.capability), mount(failover));
    const listening = await listen(app);
    await chat(listening.url, question);
    await until(() => one.settlements.length === 1 && two.settlements.length === 1);
    expect(one.settlements[0]?.attempts).toHaveLength(1);
    await listening.close();
    await failover.close();
  });

  it('refuses a second auth, and two terminals in one chain, naming both', async () => {
    const failover = createFailover({ providers: wallProviders(wall) }, { environment: {} });
    const translate = createProviderTranslate(
      { forward: 'next', providers: { openai: wallProviders(wall).openai } },
      { environment: {} },
    );
    const app = express5();
    app.post('/auth/v1/chat/completions', auth({ keys: [{ key }] }), auth({ keys: [{ key }] }), mount(failover));
    app.post('/two/v1/chat/completions', mount(translate), mount(failover));
    const listening = await listen(app);
    const headers = { authorization: `Bearer ${key}` };
    const twice = await chat(`${listening.url}/auth`, question, { headers });
    expect([twice.status, JSON.parse(twice.text).error.code]).toEqual([500, 'wrong_mount']);
    await listening.close();
    await failover.close();
  });
});
