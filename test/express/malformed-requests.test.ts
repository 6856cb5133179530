import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import express4 from 'express4';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { ample } from '../support/ample.ts';
import { chat, type GatewayApp, startGatewayApp, until, wallProviders } from '../support/test-app.ts';
import { type ExpressApp, startExpressApp } from './support/apps.ts';

const canary = 'canary-51f0';
const good = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'hi' }] };

let wall: FakeProvider;
let app: GatewayApp;

beforeAll(async () => {
  wall = await startFakeProvider();
  app = await startGatewayApp({ providers: wallProviders(wall), walls: [wall] });
});
afterAll(async () => {
  await app.close();
  await wall.close();
});
afterEach(async () => {
  await app.checkInvariants();
  wall.reset();
});

async function refusal(
  body: string | Buffer,
  headers?: Record<string, string>,
): Promise<{ status: number; code: string }> {
  const answer = await chat(app.url, body, headers === undefined ? {} : { headers });
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-request-id')).toBe(app.witness.calls.at(-1)?.id);
  expect(answer.text).not.toMatch(new RegExp(`${canary}|at .*\\.[tj]s`));
  return { status: answer.status, code: JSON.parse(answer.text).error.code };
}

const malformed: readonly string[] = [
  '',
  ' ',
  '\n',
  '{',
  '}',
  '[',
  '{"model"',
  '{"model":',
  `{"model":"${canary}"`,
  `{"model":"${canary}",}`,
  `{'model':'${canary}'}`,
  `{model:"${canary}"}`,
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":1e}',
  '{"a":0x10}',
  '{"a":1_000}',
  '{"a":NaN}',
  '{"a":Infinity}',
  '{"a":-}',
  '{"a":undefined}',
  '{"a":True}',
  '{"a":nul}',
  '{"a":"\n"}',
  '{"a":"\u0000"}',
  '{"a":"\t"}',
  '{"a":"\\x41"}',
  '{"a":"\\u12"}',
  '{"a":"\\u12G4"}',
  `{"a":"${canary}}`,
  '{"a" "b"}',
  '{"a":1 "b":2}',
  '{"a":1,,"b":2}',
  '{,"a":1}',
  '{"a"::1}',
  '{"a":1}}',
  '{"a":1}{"b":2}',
  `{"a":1} ${canary}`,
  '// comment\n{}',
  '{"a":1 /* comment */}',
  '{"a":[1,]}',
  '{"a":[1 2]}',
  '{"a":[}',
  '{"a":{]}',
  '{"a":(1)}',
  '{1:2}',
  '{null:1}',
  '\u2028{}',
  '\u00a0{}',
  '{}\u0000',
  'data: {}',
  '<message/>',
  '\ufeff',
];

const served = [
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON;charset="UTF-8"',
  'application/x-www-form-urlencoded',
  'text/plain',
  'text/plain; charset=us-ascii',
  'application/vnd.api+json',
  'garbage',
  ';',
  '',
];

describe('malformed requests', () => {
  it('HC-01: has at least fifty ways of not being JSON', () => {
    expect(new Set(malformed).size).toBeGreaterThanOrEqual(50);
    for (const text of malformed) expect(() => JSON.parse(text.replace(/^\ufeff/, ''))).toThrow();
  });

  it.each(malformed.map((text) => [text]))('HC-01: answers 400 invalid_json to %j', async (text) => {
    expect(await refusal(text)).toEqual({ status: 400, code: 'invalid_json' });
    expect(wall.calls).toHaveLength(0);
  });

  it.each(['null', 'true', '7', '"text"', '[]', '[{}]'])(
    'answers 400 invalid_request to %s, which is no object',
    async (text) => {
      expect(await refusal(text)).toEqual({ status: 400, code: 'invalid_request' });
    },
  );

  it.each(['{}', '{"model":""}', '{"model":["m"]}', '{"model":"m"}', '{"messages":[]}'])(
    'answers 4xx with the field at fault to %s',
    async (text) => {
      const answer = await chat(app.url, text);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(JSON.parse(answer.text).error.param).toBe('model');
    },
  );

  it.each([101, 5_000, 400_000])(
    'HC-05: answers 400 json_too_deep to a body nested %d deep, without delay',
    async (depth) => {
      const body = `{"model":"openai/demo-small","messages":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
      const startedAt = performance.now();
      expect(await refusal(body)).toEqual({ status: 400, code: 'json_too_deep' });
      // With the transfer; the scan itself is a fraction of it.
      expect(performance.now() - startedAt).toBeLessThan(ample);
      const objects = `{"model":"m","x":${'{"a":'.repeat(depth - 1)}1${'}'.repeat(depth - 1)}}`;
      expect(await refusal(objects)).toEqual({ status: 400, code: 'json_too_deep' });
    },
  );

  it('HC-05: reads a body nested 100 deep', async () => {
    const { code } = await refusal(`{"model":"openai/demo-small","messages":${'['.repeat(99)}${']'.repeat(99)}}`);
    expect(code).not.toBe('json_too_deep');
  });

  it('HC-05: counts no brackets inside strings', async () => {
    const content = `${'['.repeat(500)}\\"${'{'.repeat(500)}`;
    const answer = await chat(
      app.url,
      `{"model":"openai/demo-small","messages":[{"role":"user","content":"${content}"}]}`,
    );
    expect(answer.status).toBe(200);
  });

  it.each([
    '{"__proto__":{"polluted":1},"model":"m","messages":[]}',
    '{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"polluted":1}}]}',
    '{"model":"m","tools":[{"function":{"parameters":{"properties":{"\\u005f_proto__":{"polluted":1}}}}}]}',
    '{"model":"m","constructor":{"prototype":{"polluted":1}}}',
    '{"model":"m","x":{"cons\\u0074ructor":{"prototype":{"polluted":1}}}}',
  ])('HC-07: answers 400 forbidden_key to %s', async (text) => {
    expect(await refusal(text)).toEqual({ status: 400, code: 'forbidden_key' });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('HC-07: takes the words where they are only words', async () => {
    const content = 'Explain __proto__ and constructor.prototype: {"__proto__": 1}';
    const tools = [
      { type: 'function', function: { name: 'constructor', parameters: { type: 'object', properties: {} } } },
    ];
    const answer = await chat(app.url, { ...good, messages: [{ role: 'user', content }], tools });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character cut off', [0xf0, 0x9f, 0x98]],
    ['a byte of no encoding', [0xff]],
    ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ])('HC-08: answers 400 invalid_utf8 to %s', async (_what, bytes) => {
    const [head = '', tail = ''] = JSON.stringify({ ...good, messages: [{ role: 'user', content: 'a|b' }] }).split('|');
    const body = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
    expect(await refusal(body)).toEqual({ status: 400, code: 'invalid_utf8' });
  });

  it('HC-08: answers 400 to UTF-16', async () => {
    const { status, code } = await refusal(Buffer.from(JSON.stringify(good), 'utf16le'));
    expect([status, ['invalid_json', 'invalid_utf8'].includes(code)]).toEqual([400, true]);
  });

  it('takes a byte order mark', async () => {
    expect((await chat(app.url, `\ufeff${JSON.stringify(good)}`)).status).toBe(200);
  });

  it.each(served)('HC-10: serves a JSON body sent as %j', async (type) => {
    const answer = await chat(app.url, good, { headers: { 'content-type': type } });
    expect(answer.status).toBe(200);
  });

  it('HC-10: serves a JSON body sent without a content type', async () => {
    const response = await fetch(`${app.url}/v1/chat/completions`, {
      method: 'POST',
      body: new Blob([JSON.stringify(good)]),
    });
    expect(response.status).toBe(200);
    await response.text();
  });

  it.each([
    ['multipart/form-data; boundary=x', '--x--'],
    ['Multipart/Mixed', '{}'],
    ['application/json; charset=utf-16', '{}'],
    ['application/json; charset=iso-8859-1', '{}'],
    ['application/x-www-form-urlencoded', 'model=m&messages=x'],
    ['text/plain', 'hello'],
    ['application/octet-stream', '\u0000\u0001'],
  ])('HC-10: answers 415 to %s that cannot be read', async (type, body) => {
    expect(await refusal(body, { 'content-type': type })).toEqual({ status: 415, code: 'unsupported_media_type' });
  });

  it.each(['compress', 'gzip, br', 'snappy'])('answers 415 to the content encoding %s', async (encoding) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
    expect(await refusal(JSON.stringify(good), headers)).toEqual({ status: 415, code: 'unsupported_media_type' });
  });

  it('answers 405 to other methods', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${app.url}/v1/chat/completions`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      await response.text();
    }
  });
});

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('requests whose body the app has parsed, on %s', (_version, create) => {
  let parsed: ExpressApp;
  beforeAll(async () => {
    parsed = await startExpressApp(wall, { create, before: [create.json({ limit: '8mb' })] });
  });
  afterAll(() => parsed.close());
  afterEach(() => until(() => parsed.witness.settlements.length === parsed.witness.calls.length));

  it.each([
    [100, false],
    [101, true],
    [4_000, true],
  ])('HC-05: nested %d deep, are refused: %p', async (depth, refused) => {
    const inner = depth - 1;
    const answer = await chat(parsed.url, `{"model":"m","messages":${'['.repeat(inner)}${']'.repeat(inner)}}`);
    expect(JSON.parse(answer.text).error.code === 'json_too_deep').toBe(refused);
    expect(answer.status).toBeLessThan(500);
  });

  it('are walked however wide they are', async () => {
    const logitBias = Array.from({ length: 300_000 }, () => 0);
    const answer = await chat(parsed.url, { ...good, wide: logitBias, metadata: null });
    expect(answer.status).not.toBe(500);
  });

  it('HC-07: are refused with a forbidden key', async () => {
    const answer = await chat(parsed.url, '{"model":"m","x":[{"__proto__":{"polluted":1}}]}');
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, 'forbidden_key']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(served)('HC-10: are served when sent as %j, whether the parser took them or not', async (type) => {
    const answer = await chat(parsed.url, good, { headers: { 'content-type': type } });
    expect(answer.status).toBe(200);
  });

  it('HC-10: are refused when they hold an array', async () => {
    const answer = await chat(parsed.url, '[1]');
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, 'invalid_request']);
  });
});

describe('requests whose body something has consumed', () => {
  it('are told so', async () => {
    const eaten = await startExpressApp(wall, {
      before: [
        (request, _response, next) => {
          request.resume();
          request.once('end', () => next());
        },
      ],
    });
    const answer = await chat(eaten.url, good);
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([500, 'wrong_mount']);
    await eaten.close();
  });

  it.each([
    ['text', express5.text({ type: '*/*' })],
    ['raw', express5.raw({ type: '*/*' })],
  ])('are served from what express.%s() left', async (_parser, parser) => {
    const kept = await startExpressApp(wall, { before: [parser] });
    const answer = await chat(kept.url, good);
    expect(answer.status).toBe(200);
    await kept.close();
  });
});
