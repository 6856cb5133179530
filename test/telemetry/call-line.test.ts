import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../src/core/errors.ts';
import type { AttemptRecord, Settlement } from '../../src/core/settlement.ts';
import { chatCall, recorded, settled } from './support.ts';

const document = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');

/** First column of the table in a section. */
function documented(section: string): readonly string[] {
  const text = document.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '');
}

function attempt(number: number, details: Partial<AttemptRecord> = {}): AttemptRecord {
  return { id: `a${number}`, number, provider: 'openai', model: 'gpt-4o-mini', startedAt: 100, ...details };
}

/** A call that has everything a line can say. */
const full: Settlement = settled({
  status: 'failed',
  httpStatus: 500,
  error: new GatewayError('internal_error', { cause: new TypeError('boom'), providerCode: 'E17' }),
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  usage: { inputTokens: 30, outputTokens: 20, cacheReadTokens: 10, cacheWriteTokens: 5, reasoningTokens: 7 },
  usageSource: 'estimated',
  cost: 123_456,
  finishReason: 'stop',
  firstOutputMs: 321.06,
  attempts: [
    attempt(1, { status: 'upstream_error', fault: 'server_error', httpStatus: 500, endedAt: 150.26 }),
    attempt(2, {
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      status: 'ok',
      endedAt: 400,
      cost: { nanoUsd: 123_456, priceVersion: '2026-11' },
    }),
  ],
});

function fullCall() {
  const call = chatCall({ path: '/files?key=abc', operation: 'other' });
  call.setCaller({ keyId: 'ana', user: 'ana', team: 'search', project: 'chat', feature: 'answers', tags: ['blue'] });
  call.droppedParams = ['logprobs', 'seed'];
  call.skipped.push({ target: 'groq/llama-3.3-70b-versatile', reason: 'vision' });
  call.stream = true;
  return call;
}

describe('the line of a call', () => {
  it('has the fields the documentation lists, and no others', () => {
    const { telemetry, lines } = recorded();
    telemetry.onSettled?.(fullCall(), full);
    telemetry.onSettled?.(
      fullCall(),
      settled({ error: new GatewayError('wrong_mount', { message: 'Mount it once.' }) }),
    );
    const fields = new Set(lines.flatMap((line) => Object.keys(line)));
    expect([...fields].sort()).toEqual([...documented('The line of a call')].sort());
    expect(lines[1]).toMatchObject({ error_message: 'Mount it once.' });
  });

  it.each(['models', 'health', 'other'] as const)('says the path of what is no chat: %s', (operation) => {
    const { telemetry, lines } = recorded();
    telemetry.onSettled?.(chatCall({ path: '/v1/models/x?key=abc', operation }), settled());
    telemetry.onSettled?.(chatCall({ path: '/v1/chat/completions' }), settled());
    expect(lines[0]).toMatchObject({ operation, method: 'POST', path: '/v1/models/x' });
    expect(lines[1]).not.toHaveProperty('path');
  });

  it('says what happened', () => {
    const { telemetry, lines } = recorded();
    telemetry.onSettled?.(fullCall(), full);
    expect(lines).toMatchObject([
      {
        level: 'error',
        message: 'call',
        time: '2025-06-15T15:06:40.000Z',
        request_id: 'id-1',
        status: 'failed',
        http_status: 500,
        error_code: 'internal_error',
        provider_code: 'E17',
        error_cause: 'TypeError',
        error_stack: expect.stringMatching(/^at .*call-line\.test\.ts/),
        operation: 'other',
        dialect: 'openai-chat',
        method: 'POST',
        path: '/files',
        requested_model: 'gpt-4o-mini',
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        stream: true,
        latency_ms: 1234.6,
        first_token_ms: 321.1,
        input_tokens: 30,
        output_tokens: 20,
        cache_read_tokens: 10,
        cache_write_tokens: 5,
        reasoning_tokens: 7,
        usage_source: 'estimated',
        cost_usd: 0.000123456,
        finish_reason: 'stop',
        dropped_params: ['logprobs', 'seed'],
        attempts: 2,
        attempt_list: [
          {
            provider: 'openai',
            model: 'gpt-4o-mini',
            status: 'upstream_error',
            fault: 'server_error',
            http_status: 500,
            ms: 50.3,
          },
          { provider: 'anthropic', model: 'claude-sonnet-4-5', status: 'ok', ms: 300, cost_usd: 0.000123456 },
        ],
        key_id: 'ana',
        user: 'ana',
        team: 'search',
        project: 'chat',
        feature: 'answers',
        tags: ['blue'],
      },
    ]);
  });

  it.each([
    [0, 0],
    [1, 1e-9],
    [12_500_000_000, 12.5],
    [null, null],
  ])('says a cost of %s nano-USD as %s dollars', (cost, dollars) => {
    const { telemetry, lines } = recorded({ logLevel: 'debug' });
    telemetry.onSettled?.(
      chatCall(),
      settled({ cost, attempts: [attempt(1, { cost: { nanoUsd: cost, priceVersion: '2026-11' } })] }),
    );
    expect(lines).toMatchObject([{ cost_usd: dollars, attempt_list: [{ cost_usd: dollars }] }]);
  });

  it('says who counted the tokens where it was not the provider', () => {
    const { telemetry, lines } = recorded();
    for (const usageSource of ['provider', 'estimated', 'none'] as const) {
      telemetry.onSettled?.(chatCall(), settled({ usageSource }));
    }
    expect(lines.map((line) => line.usage_source)).toEqual([undefined, 'estimated', 'none']);
  });

  it('leaves out what is not known', () => {
    const { telemetry, lines } = recorded();
    const call = chatCall();
    call.requestedModel = undefined;
    telemetry.onSettled?.(call, settled());
    expect(Object.values(lines[0] ?? {})).not.toContain(undefined);
    expect(Object.keys(lines[0] ?? {})).toEqual([
      ...['level', 'message', 'time', 'request_id', 'status', 'http_status', 'operation', 'dialect', 'stream'],
      ...['latency_ms', 'attempts', 'key_id'],
    ]);
  });

  it.each([
    ['ok', undefined, 'info'],
    ['rejected', 'invalid_api_key', 'info'],
    ['client_abort', 'client_closed_request', 'info'],
    ['upstream_error', 'upstream_error', 'warn'],
    ['upstream_truncated', 'upstream_truncated', 'warn'],
    ['timeout', 'upstream_timeout', 'warn'],
    ['failed', 'no_healthy_upstream', 'warn'],
    ['failed', 'internal_error', 'error'],
    ['failed', 'wrong_mount', 'error'],
    ['rejected', 'wrong_mount', 'error'],
  ] as const)('of a call that ended %s (%s) has the level %s', (status, code, level) => {
    const { telemetry, lines } = recorded();
    telemetry.onSettled?.(
      chatCall(),
      settled({ status, ...(code !== undefined && { error: new GatewayError(code) }) }),
    );
    expect(lines[0]?.level).toBe(level);
  });

  it.each([
    ['silent', []],
    ['error', ['error']],
    ['warn', ['warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['debug', ['info', 'warn', 'error']],
  ] as const)('is written at the level %s for %j', (logLevel, expected) => {
    const { telemetry, lines } = recorded({ logLevel });
    telemetry.onSettled?.(chatCall(), settled());
    telemetry.onSettled?.(chatCall(), settled({ status: 'timeout' }));
    telemetry.onSettled?.(chatCall(), settled({ status: 'failed', error: new GatewayError('internal_error') }));
    expect(lines.map((line) => line.level)).toEqual(expected);
  });

  it('adds the path and the single attempt at debug', () => {
    const { telemetry, lines } = recorded({ logLevel: 'debug' });
    telemetry.onSettled?.(chatCall({ path: '/chat/completions?x=1' }), settled({ attempts: [attempt(1)] }));
    expect(lines).toMatchObject([
      { method: 'POST', path: '/chat/completions', attempt_list: [{ provider: 'openai' }] },
    ]);
  });

  it('TE-11 is below 512 bytes for a plain call', () => {
    const { telemetry, lines } = recorded();
    const call = chatCall();
    Object.assign(call, { id: 'fccb9545-f8f5-4a24-964c-ed5bdd00a44f', stream: true });
    call.setCaller({ keyId: 'search-prod', user: 'ana', team: 'search', project: 'chat' });
    const usage = { inputTokens: 12_345, outputTokens: 6_789 };
    telemetry.onSettled?.(
      call,
      settled({
        provider: 'openai',
        model: 'gpt-4o-mini',
        usage,
        usageSource: 'provider',
        cost: 81_234_567,
        finishReason: 'tool_calls',
        firstOutputMs: 1234.5,
        latencyMs: 12_345.6,
        attempts: [attempt(1, { status: 'ok' })],
      }),
    );
    expect(Buffer.byteLength(JSON.stringify(lines[0]))).toBeLessThan(512);
  });

  it('stays short whatever the caller sends', () => {
    const { telemetry, lines } = recorded({ logLevel: 'debug' });
    const call = chatCall({ path: `/${'p'.repeat(100_000)}` });
    call.requestedModel = 'm'.repeat(1_000_000);
    call.droppedParams = Array.from({ length: 1_000 }, (_, index) => `parameter_${index}`);
    telemetry.onSettled?.(call, settled({ attempts: Array.from({ length: 50 }, (_, index) => attempt(index)) }));
    expect(JSON.stringify(lines[0]).length).toBeLessThan(4_000);
  });
});
