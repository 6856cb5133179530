import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AttemptRecord } from '../../src/core/settlement.ts';
import type { ProvidersOptions } from '../../src/providers/options.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayApp, startGatewayApp, until } from '../support/test-app.ts';

const apiKey = 'provider-key-canary-0123456789';
const words = Array.from({ length: 40 }, (_, index) => `${index === 0 ? '' : ' '}word`);
/** What the provider says it has counted; nobody could guess it. */
const usage = { input: 4_321, output: 77 };

interface Speaker {
  readonly dialect: string;
  readonly target: string;
  /** Where callers ask whom it answers in its own dialect, if not in OpenAI's chat completions. */
  readonly path?: string;
}

const countingAlong: readonly Speaker[] = [
  { dialect: 'openai-chat', target: 'openai/demo' },
  { dialect: 'anthropic-messages', target: 'anthropic/demo' },
  { dialect: 'gemini', target: 'gemini/demo' },
  { dialect: 'bedrock-converse', target: 'bedrock/demo' },
  { dialect: 'cohere-chat', target: 'cohere/demo' },
];
/** They count in the last event and nowhere else. */
const countingAtTheEnd: readonly Speaker[] = [
  { dialect: 'openai-responses', target: 'openai/demo', path: '/v1/responses' },
  { dialect: 'ollama-chat', target: 'ollama/demo' },
];
const speakers = [...countingAlong, ...countingAtTheEnd].map((speaker) => [speaker.dialect, speaker] as const);

let wall: FakeProvider;
const apps = new Map<string, GatewayApp>();

beforeAll(async () => {
  wall = await startFakeProvider();
  const providers: ProvidersOptions = {
    openai: { apiKey, baseUrl: wall.baseUrl('openai-chat') },
    anthropic: { apiKey, baseUrl: wall.baseUrl('anthropic-messages') },
    gemini: { apiKey, baseUrl: wall.baseUrl('gemini') },
    bedrock: { apiKey, baseUrl: wall.url, region: 'eu-west-1' },
    cohere: { apiKey, baseUrl: wall.url },
    ollama: { baseUrl: wall.url },
  };
  for (const path of ['/v1/chat/completions', '/v1/responses']) {
    apps.set(path, await startGatewayApp({ providers, walls: [wall], retries: 0, path }));
  }
});

afterAll(async () => {
  for (const app of apps.values()) {
    await app.checkInvariants();
    await app.close();
  }
  await wall.close();
});

interface Ending {
  readonly stream: boolean;
  readonly fault?: string;
  /** The caller goes when it has read this often `word`. */
  readonly leavesAfter?: number;
}

/** The record of one call that ended so. */
async function recordOf(
  { dialect, target, path = '/v1/chat/completions' }: Speaker,
  ending: Ending,
): Promise<{ readonly record: AttemptRecord | undefined; readonly generated: number }> {
  const app = apps.get(path);
  if (app === undefined) throw new Error(`Nobody answers ${path}.`);
  const before = app.witness.settled.length;
  wall.script({ text: words, usage, ...(ending.fault !== undefined && { fault: ending.fault }) });
  const leave = new AbortController();
  const question = 'Say it.';
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: target,
      stream: ending.stream,
      ...(path === '/v1/responses' ? { input: question } : { messages: [{ role: 'user', content: question }] }),
    }),
    signal: leave.signal,
  });
  expect(response.status).toBe(200);
  const decoder = new TextDecoder();
  let seen = '';
  try {
    for await (const chunk of response.body ?? []) {
      seen += decoder.decode(chunk, { stream: true });
      if (ending.leavesAfter !== undefined && seen.split('word').length > ending.leavesAfter) leave.abort();
    }
  } catch {
    // The stream was cut, by one side or the other.
  }
  await until(() => app.witness.settled.length > before);
  expect(wall.calls.at(-1)).toMatchObject({ dialect });
  return { record: app.witness.settled.at(-1), generated: wall.calls.at(-1)?.contentChunks ?? 0 };
}

describe.each(speakers)('the tokens of an answer in %s are the provider\u2019s own', (_, speaker) => {
  it.each([false, true])('where it came to its end (stream: %s)', async (stream) => {
    const { record } = await recordOf(speaker, { stream });
    expect(record).toMatchObject({
      status: 'ok',
      usageSource: 'provider',
      usage: { inputTokens: usage.input, outputTokens: usage.output },
    });
  });
});

describe.each(countingAlong.map((speaker) => [speaker.dialect, speaker] as const))(
  'the tokens of an answer in %s whose provider counts along',
  (_, speaker) => {
    it.each([1, 7, 39])('are its own where it cuts the stream (after %s)', async (after) => {
      const { record } = await recordOf(speaker, { stream: true, fault: `cumulative+cut(${after})` });
      expect(record?.status).toBe('upstream_truncated');
      expect(record?.usage?.inputTokens).toBe(usage.input);
      // The chunk that was cut off may not have brought its count.
      expect(record?.usage?.outputTokens).toBeGreaterThanOrEqual(after);
      expect(record?.usage?.outputTokens).toBeLessThanOrEqual(after + 1);
    });

    it('are its own where the caller leaves', async () => {
      const { record, generated } = await recordOf(speaker, {
        stream: true,
        fault: 'cumulative+pace(10)',
        leavesAfter: 9,
      });
      expect(record?.status).toBe('client_abort');
      expect(record?.usage?.inputTokens).toBe(usage.input);
      expect(record?.usage?.outputTokens).toBeGreaterThanOrEqual(9);
      expect(record?.usage?.outputTokens).toBeLessThanOrEqual(generated + 1);
    });
  },
);

describe.each(speakers)('the tokens of an answer in %s that broke off uncounted', (_, speaker) => {
  it.each([
    ['the provider', { stream: true, fault: 'nousage+cut(30)' }],
    ['the caller', { stream: true, fault: 'nousage+pace(5)', leavesAfter: 30 }],
  ])('are estimated from what was delivered: cut by %s', async (_by, ending) => {
    const { record, generated } = await recordOf(speaker, ending);
    expect(record?.usageSource).toBe('estimated');
    expect(record?.usage?.inputTokens).toBeGreaterThan(0);
    expect(record?.usage?.outputTokens).toBeGreaterThanOrEqual(30 * 0.9);
    expect(record?.usage?.outputTokens).toBeLessThanOrEqual((generated + 1) * 1.1);
  });
});
