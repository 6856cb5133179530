import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { failover, type Middleware, providerEvents, type TelemetryMiddleware, telemetry } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, type ListeningServer, listen, until } from '../support/test-app.ts';

let wall: FakeProvider;
let app: ListeningServer | undefined;

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const providers = () => ({
  openai: { apiKey: 'provider-key-canary-0123456789', baseUrl: wall.baseUrl('openai-chat') },
});
const models = { best: { targets: ['openai/e500', 'openai/demo-small'] } };

describe('telemetry() as a middleware', () => {
  it('writes the calls and what happens at the providers to one log', async () => {
    const lines: { readonly message: string }[] = [];
    const log: TelemetryMiddleware = telemetry({ logger: { log: (entry) => lines.push(entry) } });
    const server = express();
    server.use(
      '/v1/chat/completions',
      log,
      failover({ providers: providers(), models, retries: 0, onEvent: log.onEvent }),
    );
    app = await listen(server);
    const { status, headers } = await chat(app.url, { model: 'best', messages: [{ role: 'user', content: 'Hello.' }] });
    await until(() => lines.length === 2);
    const id = headers.get('x-request-id');
    expect([status, lines]).toMatchObject([
      200,
      [
        { message: 'failed-over', level: 'warn', request_id: id, from: 'openai/e500', to: 'openai/demo-small' },
        { message: 'call', level: 'info', request_id: id, status: 'ok', attempts: 2 },
      ],
    ]);
  });

  it('is a middleware like the others, called telemetry', () => {
    const log: Middleware = telemetry({ logLevel: 'silent' });
    expect([log.name, log.length]).toEqual(['telemetry', 3]);
  });

  it('gives the listener that providerEvents() gives', () => {
    const [both, alone]: unknown[][] = [[], []];
    const event = { type: 'target-recovered', target: 'openai/gpt-4o' } as const;
    telemetry({ logger: { log: (entry) => both?.push(entry) } }).onEvent(event);
    providerEvents({ logger: { log: (entry) => alone?.push(entry) } })(event);
    expect(both).toMatchObject([{ message: 'target-recovered', target: 'openai/gpt-4o' }]);
    expect(alone).toMatchObject([{ message: 'target-recovered', target: 'openai/gpt-4o' }]);
  });
});
