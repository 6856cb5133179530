import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../../src/index.ts';
import type { LogEntry } from '../../src/telemetry/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, until } from '../support/test-app.ts';
import { type GatewayServer, get, startGateway } from './support/gateway-app.ts';

/** Twelve secrets. Those of providers and of the gateway's callers look as they do in life, with prefixes and without. */
const secret = {
  openaiKey: 'sk-proj-CANARY1aaaaaaaaaaaaaaaaaaa',
  secondOpenaiKey: 'sk-CANARY2bbbbbbbbbbbbbbbbbbbb',
  anthropicKey: 'sk-ant-api03-CANARY3-ccccccccc',
  geminiKey: 'AIzaCANARY4ddddddddddddddddddddddddddd',
  labKey: 'our-own-lab-CANARY5-key',
  providerHeader: 'CANARY6-of-a-header',
  teamKey: 'team-CANARY7-key-0123',
  wrongKey: 'wrong-CANARY8-key-0123',
  prompt: 'CANARY9 grandmother',
  system: 'CANARY10 the merger',
  toolResult: 'CANARY11 the balance',
  answer: 'CANARY12 physician',
} as const;
const canary = /canary\d/i;

let wall: FakeProvider;
let server: GatewayServer;
const lines: LogEntry[] = [];
/** Everything a caller or an operator could read, but for good answers. */
const seen: { readonly where: string; readonly text: string }[] = [];
let scenarios = 0;

beforeAll(async () => {
  wall = await startFakeProvider({ speak: () => `${secret.answer} and nothing else, word by word` });
  server = await startGateway({ config: config() });
});
afterAll(async () => {
  await server.close();
  await wall.close();
});

/** Keys that were refused and targets that failed are forgotten. */
async function restart(): Promise<void> {
  await server.close();
  lines.push(...server.lines);
  server = await startGateway({ config: config() });
}

function config(): GatewayConfig {
  const timeouts = { firstToken: '300ms', idle: '200ms' } as const;
  return {
    providers: {
      openai: {
        apiKeys: [secret.openaiKey, secret.secondOpenaiKey],
        baseUrl: wall.baseUrl('openai-chat'),
        headers: { 'x-tenant-secret': secret.providerHeader },
        timeouts,
      },
      anthropic: { apiKey: secret.anthropicKey, baseUrl: wall.baseUrl('anthropic-messages'), timeouts },
      gemini: { apiKey: secret.geminiKey, baseUrl: wall.baseUrl('gemini'), timeouts },
      lab: { type: 'openai-compatible', apiKey: secret.labKey, baseUrl: wall.baseUrl('openai-chat') },
      nowhere: { type: 'openai-compatible', apiKey: secret.labKey, baseUrl: 'http://127.0.0.1:1' },
    },
    models: { chain: { targets: ['lab/e404', 'openai/e503', 'anthropic/e529', 'gemini/e401', 'nowhere/x'] } },
    failover: { retries: 0, retryBudget: 'unlimited' },
    keys: [{ key: secret.teamKey, id: 'team', models: ['*'] }],
    server: { bodyLimit: '64kb' },
    telemetry: { logLevel: 'debug' },
  };
}

const messages = [
  { role: 'system', content: secret.system },
  { role: 'user', content: secret.prompt },
  { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'read', arguments: '{}' } }] },
  { role: 'tool', tool_call_id: 'call_1', content: secret.toolResult },
  { role: 'user', content: secret.prompt },
];
const tools = [{ type: 'function', function: { name: 'read', parameters: { type: 'object', properties: {} } } }];
const authorised = { authorization: `Bearer ${secret.teamKey}`, cookie: `session=${secret.wrongKey}` };

function note(where: string, ...texts: readonly string[]): void {
  for (const text of texts) seen.push({ where, text });
}

async function ask(where: string, body: object | string | Uint8Array, headers: Record<string, string> = authorised) {
  scenarios += 1;
  const answer = await chat(server.url, body, { headers });
  note(where, JSON.stringify([...answer.headers]));
  if (answer.status !== 200) note(where, answer.text);
  // What a broken stream says in the end.
  else if (answer.broken) note(where, answer.text.trimEnd().split('\n\n').at(-1) ?? '');
  return answer;
}

const faults = [
  ...['e400', 'e401', 'e403', 'e404', 'e413', 'e422', 'e429', 'e500', 'e529', 'quota', 'context_window'],
  ...['content_filter', 'nohdr', 'rst_before_headers', 'rst_after_headers', 'html200', 'empty200', 'json_cut'],
  ...['cut(2)', 'clean_eof(2)', 'stall(2)', 'inband_error(2)', 'error_first', 'headers_bad', 'headers_crlf', 'badutf8'],
];
const providers = ['openai', 'anthropic', 'gemini'] as const;

describe('TE-01: canary secrets at debug level', () => {
  it('pass through the faults of providers', async () => {
    for (const [index, fault] of faults.entries()) {
      const provider = providers[index % providers.length];
      for (const stream of [false, true]) {
        const model = `${provider}/m${index}${stream ? 's' : 'w'}+${fault}`;
        await ask(`${provider} ${fault} stream=${stream}`, { model, stream, messages, tools });
      }
      await restart();
    }
    await ask('a chain that fails', { model: 'chain', messages, tools });
    for (let count = 0; count < 6; count += 1) await ask('a dead port', { model: 'nowhere/x', messages });
  });

  it('pass through providers that repeat what they were sent', async () => {
    const repeated = [secret.openaiKey, secret.anthropicKey, secret.geminiKey].join(' ');
    const keys = `Incorrect API key provided: ${secret.labKey}. Bearer ${secret.teamKey}; known: ${repeated}`;
    for (const status of [400, 401, 403, 404, 422, 429, 500, 503]) {
      // A caller's own mistake comes back to it in the provider's words; what it does not have to mend, does not.
      const said = [400, 404, 422].includes(status) ? keys : `${keys}; you said ${secret.prompt}, ${secret.system}`;
      for (const body of [
        JSON.stringify({ error: { message: said, type: 'broken', code: 'broken', details: messages } }),
        `<html><title>${said}</title>${secret.prompt}</html>`,
        `${said}`,
      ]) {
        wall.script({
          status,
          headers: { 'content-type': 'application/json', 'x-debug': said, 'set-cookie': said, 'x-request-id': said },
          body,
        });
        await ask(`a repeating provider, ${status}`, { model: `lab/r${status}`, messages });
        await restart();
      }
    }
    // Keys of own servers have no prefix by which a text could be searched for them.
    const accused = `${secret.labKey} may not use this model`;
    for (const status of [400, 404, 413, 422]) {
      wall.script({ status, body: JSON.stringify({ error: { message: accused, param: accused, code: accused } }) });
      await ask(`a provider that names our key, ${status}`, { model: `lab/a${status}`, messages });
    }
    wall.script({ body: JSON.stringify({ error: { message: accused, code: 400, type: accused } }) });
    await ask('a provider that names our key in a 200', { model: 'lab/a200', messages });
    const frame = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x' } }] })}\n\n`;
    const said = `${keys}; you said ${secret.prompt}`;
    const broken = `data: ${JSON.stringify({ error: { message: said, code: 'server_error' } })}\n\n`;
    wall.script({ headers: { 'content-type': 'text/event-stream', 'x-debug': said }, body: [frame, broken] });
    await ask('a repeating provider, inside a stream', { model: 'lab/stream', stream: true, messages });
  });

  it('pass through refusals of the gateway itself', async () => {
    const body = { model: 'openai/demo-small', messages };
    await ask('a wrong key', body, { authorization: `Bearer ${secret.wrongKey}` });
    await ask('two keys', body, { ...authorised, 'x-api-key': secret.wrongKey });
    await ask('basic', body, { authorization: `Basic ${secret.wrongKey}` });
    await ask('no key', body, { cookie: secret.wrongKey });
    await ask('broken JSON', `{"model": "x", "messages": "${secret.prompt}`);
    await ask(
      'no UTF-8',
      Buffer.concat([Buffer.from(`{"x":"${secret.prompt}`), Buffer.from([0xff, 0xfe, 0x22, 0x7d])]),
    );
    await ask('a forbidden key', `{"__proto__": {"x": "${secret.prompt}"}, "model": "x"}`);
    await ask('too deep', `{"x":${'['.repeat(200)}"${secret.prompt}"${']'.repeat(200)}}`);
    await ask('too large', { ...body, padding: secret.prompt.repeat(5_000) });
    await ask('no model', { messages });
    await ask('wrong stream', { ...body, stream: secret.prompt });
    await ask('wrong messages', { ...body, messages: { text: secret.prompt } });
    await ask('wrong message', {
      model: 'anthropic/demo-small',
      messages: [{ role: 'user', content: [secret.prompt] }],
    });
    await ask('wrong deadline', { ...body, options: { max_latency_ms: secret.prompt } });
    await ask('a form', `prompt=${secret.prompt}`, {
      ...authorised,
      'content-type': 'multipart/form-data; boundary=x',
    });
    for (const path of [`/v1/models?key=${secret.wrongKey}`, `/health?key=${secret.wrongKey}`, '/v1/models/none']) {
      scenarios += 1;
      const { headers, text } = await get(server.url + path, authorised);
      note(path, JSON.stringify([...headers]), text);
    }
  });

  it('do good work as well: the answers themselves reach the caller', async () => {
    for (const provider of providers) {
      for (const stream of [false, true]) {
        const answer = await ask(`${provider}, well`, {
          model: `${provider}/w`,
          stream,
          messages: messages.slice(0, 2),
        });
        expect([answer.status, answer.text.includes('CANARY12')]).toEqual([200, true]);
      }
    }
  });

  it('are in no log line, no event, no error body, no header', async () => {
    await wall.whenIdle();
    await restart();
    const calls = lines.filter(({ message }) => message === 'call');
    // A look at /health is not logged.
    expect([calls.length, scenarios > 90]).toEqual([scenarios - 1, true]);
    for (const event of [
      'failed-over',
      'target-ejected',
      'target-misconfigured',
      'upstream-auth-failed',
      'upstream-quota-exhausted',
      'invalid-utf8',
    ]) {
      expect(lines.map(({ message }) => message)).toContain(event);
    }
    const logged = lines.map((line) => ({ where: 'log', text: JSON.stringify(line) }));
    expect([...logged, ...seen].filter(({ text }) => canary.test(text))).toEqual([]);
    // The secrets were really at work.
    const sent = wall.calls.map(({ rawHeaders, body }) => rawHeaders.join() + body.toString()).join();
    for (const name of [
      'openaiKey',
      'anthropicKey',
      'geminiKey',
      'labKey',
      'providerHeader',
      'prompt',
      'system',
    ] as const) {
      expect(sent).toContain(secret[name]);
    }
  });
});

describe('TE-03: by default', () => {
  it('a line says how much was said and not what', async () => {
    await server.close();
    server = await startGateway({
      config: { providers: { openai: { apiKey: secret.openaiKey, baseUrl: wall.baseUrl('openai-chat') } } },
    });
    for (const stream of [false, true]) await chat(server.url, { model: 'openai/demo-small', stream, messages, tools });
    await until(() => server.lines.length === 3);
    expect(server.lines.slice(1)).toMatchObject([
      { status: 'ok', input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
      { status: 'ok', stream: true, first_token_ms: expect.any(Number) },
    ]);
    expect(JSON.stringify(server.lines)).not.toMatch(canary);
  });
});
