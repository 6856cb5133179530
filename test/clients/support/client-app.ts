import express from 'express';
import OpenAI from 'openai';
import { auth, type FailoverOptions, failover, type ProviderOptions, telemetry } from '../../../src/index.ts';
import type { CallLine } from '../../../src/telemetry/index.ts';
import { type FakeProvider, startFakeProvider } from '../../../src/testing/index.ts';
import { listen, until, wallProviders } from '../../support/test-app.ts';
import { takeRefusals } from './take-refusals.ts';

/** Names of the providers behind the app: one for each dialect. */
export const providerNames = ['openai', 'anthropic', 'gemini'] as const;
export type ProviderName = (typeof providerNames)[number];

export const dialectOf = {
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
} as const;

export interface ClientApp {
  /** What a client takes as its base URL, when it adds no version of its own. */
  readonly baseURL: string;
  readonly key: string;
  /** A key for one model. */
  readonly narrowKey: string;
  readonly wall: FakeProvider;
  /** One line for each call that has ended. */
  readonly lines: CallLine[];
  /** Resolves when nothing is under way: each request has its one line, and no provider is kept busy. */
  settled(): Promise<void>;
  /** Settles, forgets all calls, and says why the provider refused some. */
  rest(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface ClientAppOptions extends Omit<FailoverOptions, 'providers'> {
  readonly provider?: Partial<ProviderOptions>;
}

const key = 'sk-team-key-0123456789';
const narrowKey = 'sk-narrow-key-0123456789';

/** The app of a user: Express with telemetry, auth and failover in front of a fake provider, on a real socket. */
export async function startClientApp({ provider, ...options }: ClientAppOptions = {}): Promise<ClientApp> {
  const wall = await startFakeProvider();
  const lines: CallLine[] = [];
  let requests = 0;
  const app = express();
  app.use((_request, _response, next) => {
    requests += 1;
    next();
  });
  app.use('/v1', telemetry({ logger: { log: (line) => lines.push(line as CallLine) } }));
  const keys = [
    { key, id: 'team' },
    { key: narrowKey, id: 'narrow', models: ['openai/demo-small'] },
  ];
  app.use('/v1', auth({ keys }));
  app.post(/^\/v1\//, failover({ providers: wallProviders(wall, provider), retries: 0, ...options }));
  const listening = await listen(app);
  const settled = async (): Promise<void> => {
    await wall.whenIdle();
    await until(() => lines.length >= requests);
    if (lines.length > requests) throw new Error(`${lines.length} lines for ${requests} requests`);
  };
  return {
    baseURL: `${listening.url}/v1`,
    key,
    narrowKey,
    wall,
    lines,
    settled,
    async rest() {
      await settled();
      const refusals = await takeRefusals(wall);
      lines.length = 0;
      requests = 0;
      return refusals;
    },
    async close() {
      await listening.close();
      await wall.close();
    },
  };
}

/** The official client as its users make it, but for the base URL. It tries once, so that the tests see every failure. */
export function openaiClient(app: Pick<ClientApp, 'baseURL' | 'key'>): OpenAI {
  return new OpenAI({ baseURL: app.baseURL, apiKey: app.key, maxRetries: 0 });
}

export const question = [{ role: 'user' as const, content: 'Say hello.' }];

/** A JSON schema with a list and an optional value, as strict modes take it. */
export const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['C', 'F'] } },
      required: ['city'],
    },
  },
};

export const timeTool = {
  type: 'function' as const,
  function: {
    name: 'get_time',
    description: 'The time in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
