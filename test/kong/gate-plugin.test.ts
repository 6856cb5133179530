import { describe, expect, it } from '@jest/globals';
import { type Capability, pass, reject } from '../../src/core/capability.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { asString } from '../../src/core/json.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { type GateRow, gatePlugin } from '../../src/kong/gate-plugin.ts';
import type { KongRequest } from '../support/fake-kong.ts';
import { recordedLog, start } from './support.ts';

const row: GateRow = {
  name: 'aigw-test',
  priority: 900,
  schema: [{ limit: { type: 'integer' } }],
  needs: {},
  create: () => ({ name: 'test' }),
  passage: () => ({ shared: {}, setHeaders: {}, clearHeaders: [] }),
};

async function ask(change: Partial<GateRow>, request: Partial<KongRequest> = {}) {
  const { log, lines } = recordedLog();
  const { kong } = await start({ plugins: [gatePlugin({ ...row, ...change }, { runtime: systemRuntime, log })] });
  const outcome = await kong.handle({ plugin: 'aigw-test', path: '/v1/chat/completions', ...request });
  expect(outcome.errors).toEqual([]);
  return { outcome, lines, code: outcome.kind === 'proxied' ? undefined : JSON.parse(outcome.body).error.code };
}

/** Refuses what does not ask for the model it knows. */
const reading: Capability = {
  name: 'reading',
  async onRequest(call) {
    const { json } = await call.body();
    return asString(json.model) === 'gpt-4o' ? pass : reject(new GatewayError('model_not_allowed'));
  },
};

describe('a capability behind the gate', () => {
  it('reads the head Kong has, and only the parts it needs', async () => {
    let seen: unknown;
    const capability: Capability = {
      name: 'seeing',
      onHead: (call) => {
        seen = { ...call.head, headers: { ...call.head.headers } };
        return pass;
      },
    };
    const request = { method: 'PUT', headers: ['X-A', '1', 'x-a', '2', 'X-B', 'b'], path: '/x?y=1' };
    const first = await ask({ create: () => capability }, request);
    expect(seen).toEqual({
      method: '',
      path: '/x?y=1',
      headers: { 'x-a': ['1', '2'], 'x-b': 'b' },
      rawHeaders: ['x-a', '1', 'x-a', '2', 'x-b', 'b'],
    });
    expect(first.outcome.calls).not.toContain('kong.request.get_method');
    await ask({ create: () => capability, needs: { method: true, peer: true } }, request);
    expect(seen).toMatchObject({ method: 'PUT', peer: '192.0.2.7' });
  });

  it('reads the body, and Kong is asked for it only then', async () => {
    const passed = await ask({ create: () => reading }, { body: '{"model":"gpt-4o"}' });
    expect(passed.outcome).toMatchObject({ kind: 'proxied' });
    expect(passed.outcome.calls).toContain('kong.request.get_raw_body');
    expect(await ask({ create: () => reading }, { body: '{"model":"o3"}' })).toMatchObject({
      code: 'model_not_allowed',
    });
    expect((await ask({})).outcome.calls).not.toContain('kong.request.get_raw_body');
  });

  it.each<[string, Partial<KongRequest>, number, string]>([
    ['no JSON', { body: 'model=gpt-4o' }, 400, 'invalid_json'],
    ['nothing', { body: '' }, 400, 'invalid_json'],
    ['bytes that are no UTF-8', { body: Buffer.of(0x7b, 0xff, 0x7d) }, 400, 'invalid_utf8'],
    ['something compressed', { headers: ['Content-Encoding', 'gzip'], body: 'x' }, 415, 'unsupported_media_type'],
  ])('refuses a body that is %s', async (_, request, status, code) => {
    const { outcome, code: answered } = await ask({ create: () => reading }, request);
    expect(outcome.status).toBe(status);
    expect(answered).toBe(code);
  });

  it('KG-06 reads a body larger than the buffer of nginx, and refuses one too large: no check is skipped', async () => {
    const content = 'x'.repeat(300_000);
    const large = await ask({ create: () => reading }, { body: JSON.stringify({ model: 'o3', content }) });
    expect(large).toMatchObject({ code: 'model_not_allowed' });
    const huge = await ask({ create: () => reading }, { body: Buffer.alloc(32 * 1024 * 1024 + 1, 0x20) });
    expect(huge.outcome.status).toBe(413);
    expect(huge.code).toBe('request_too_large');
  });

  it('may answer itself', async () => {
    const capability: Capability = {
      name: 'answering',
      onHead: () => ({
        kind: 'reply',
        reply: { kind: 'whole', status: 203, headers: { 'x-n': 7 }, body: Buffer.from('hi') },
      }),
    };
    const { outcome } = await (async () => {
      const { log } = recordedLog();
      const { kong } = await start({
        plugins: [gatePlugin({ ...row, create: () => capability }, { runtime: systemRuntime, log })],
      });
      return { outcome: await kong.handle({ plugin: 'aigw-test' }) };
    })();
    expect(outcome).toMatchObject({ kind: 'answered', status: 203, body: 'hi', headers: { 'x-n': '7' } });
  });

  it('cannot answer with a stream: Kong sends what it is given at once', async () => {
    const source = { start: () => {}, resume: () => {} };
    const capability: Capability = {
      name: 'streaming',
      onHead: () => ({ kind: 'reply', reply: { kind: 'stream', status: 200, headers: {}, source } }),
    };
    expect(await ask({ create: () => capability })).toMatchObject({ outcome: { status: 500 }, code: 'internal_error' });
  });

  it('is told when its refusal has been sent', async () => {
    const settlements: unknown[] = [];
    const capability: Capability = {
      name: 'refusing',
      onHead: () => reject(new GatewayError('rate_limit_exceeded', { retryAfter: 1.2 })),
      onSettled: (_, settlement) => settlements.push(settlement),
    };
    const { outcome } = await ask({ create: () => capability });
    expect(outcome).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
    expect(settlements).toMatchObject([{ status: 'rejected', httpStatus: 429 }]);
  });
});

describe('KG-02 a gate that fails', () => {
  const secret = 'the prompt was: hello';

  it.each<[string, Partial<GateRow>, string]>([
    [
      'because its capability throws',
      {
        create: () => ({
          name: 'throwing',
          onHead: () => {
            throw new TypeError(secret);
          },
        }),
      },
      'call',
    ],
    [
      'because its capability rejects',
      { create: () => ({ name: 'r', onHead: () => Promise.reject(new TypeError(secret)) }) },
      'call',
    ],
    [
      'while it lets the request pass',
      {
        passage: () => {
          throw new TypeError(secret);
        },
      },
      'plugin-failed',
    ],
    [
      'at its start',
      {
        create: () => {
          throw new TypeError(secret);
        },
      },
      'plugin-misconfigured',
    ],
  ])('refuses the request %s, and says where', async (_, change, message) => {
    const { outcome, code, lines } = await ask(change);
    expect(outcome).toMatchObject({ kind: 'answered', status: 500 });
    expect(code).toBe('internal_error');
    expect(lines).toMatchObject([{ level: 'error', message, error_cause: 'TypeError' }]);
    expect(lines[0]?.error_stack).toContain('gate-plugin.test.ts');
    expect(JSON.stringify([outcome, lines])).not.toContain('prompt');
  });
});
