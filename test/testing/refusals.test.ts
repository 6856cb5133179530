import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { ask, bodyOf, dialects, pathOf } from './support/ask.ts';
import { refusedRequests } from './support/refused-requests.ts';

let wall: FakeProvider;
let locked: FakeProvider;

beforeAll(async () => {
  wall = await startFakeProvider();
  locked = await startFakeProvider({ apiKey: ['first-key', 'second-key'] });
});

afterAll(async () => {
  await wall.close();
  await locked.close();
});

describe.each(dialects)('the %s provider', (dialect) => {
  it.each(refusedRequests[dialect])('refuses $mistake with 400 in its own words', async ({ fields, says, model }) => {
    const named = model === undefined ? {} : { model };
    const body = { ...bodyOf({ dialect, ...named }), ...fields };
    const seen = await ask(wall, { dialect, ...named, body });
    expect([seen.status, seen.bytes.toString()]).toEqual([400, expect.stringContaining(says)]);
    await wall.whenIdle();
    expect(wall.calls.at(-1)?.refusal).toMatchObject({ status: 400 });
  });

  it('refuses a request for a stream with JSON, not with a stream', async () => {
    const [first] = refusedRequests[dialect];
    const seen = await ask(wall, {
      dialect,
      stream: true,
      body: { ...bodyOf({ dialect, stream: true }), ...first?.fields },
    });
    expect([seen.status, seen.headers['content-type']]).toEqual([400, 'application/json']);
  });

  it('refuses a body that is no JSON', async () => {
    expect((await ask(wall, { dialect, body: '{"model": "demo", ' })).status).toBe(400);
  });

  it('takes any key or none unless it was given keys', async () => {
    const headers = credential(dialect, 'whatever');
    expect((await ask(wall, { dialect, headers })).status).toBe(200);
    expect((await ask(wall, { dialect })).status).toBe(200);
  });

  it('takes only the keys it was given, where the vendor wants them', async () => {
    const status = async (headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
      (await ask(locked, { dialect, headers })).status;
    const missing = dialect === 'gemini' || dialect === 'bedrock-converse' ? 403 : 401;
    const wrong = { gemini: 400, 'bedrock-converse': 403 }[String(dialect)] ?? 401;
    expect(await status(credential(dialect, 'first-key'))).toBe(200);
    expect(await status(credential(dialect, 'second-key'))).toBe(200);
    expect(await status(credential(dialect, 'third-key'))).toBe(wrong);
    expect(await status({})).toBe(missing);
    const misplaced = dialect === 'openai-chat' ? { 'x-api-key': 'first-key' } : { 'api-key': 'first-key' };
    expect(await status(misplaced)).toBe(missing);
  });
});

describe('headers that a vendor asks for', () => {
  it('Anthropic wants its version', async () => {
    const seen = await ask(wall, { dialect: 'anthropic-messages', headers: { 'anthropic-version': undefined } });
    expect([seen.status, seen.bytes.toString()]).toEqual([
      400,
      expect.stringContaining('anthropic-version: header is required'),
    ]);
  });

  it('OpenAI sees no model in a body of another type', async () => {
    const seen = await ask(wall, { dialect: 'openai-chat', headers: { 'content-type': 'text/plain' } });
    expect([seen.status, seen.bytes.toString()]).toEqual([
      400,
      expect.stringContaining('you must provide a model parameter'),
    ]);
  });

  it('Gemini takes its key in the query as well', async () => {
    const response = await fetch(`${locked.url}${pathOf({ dialect: 'gemini' })}?key=first-key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf({ dialect: 'gemini' })),
    });
    expect(response.status).toBe(200);
  });
});

function credential(dialect: PlayedDialect, key: string): Record<string, string> {
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
    case 'bedrock-converse':
    case 'ollama-chat':
    case 'cohere-chat':
      return { authorization: `Bearer ${key}` };
    case 'anthropic-messages':
      return { 'x-api-key': key };
    case 'gemini':
      return { 'x-goog-api-key': key };
  }
}
