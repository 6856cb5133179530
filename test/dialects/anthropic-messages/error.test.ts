import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { headerReader } from '../../support/corpus.ts';

function decode(status: number, body: JsonValue | string, headers: Readonly<Record<string, string>> = {}) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return anthropicMessages().error.decode(status, headerReader(headers), bytes);
}

function answer(type: string, message: string) {
  return { type: 'error', error: { type, message }, request_id: 'req_1' };
}

describe('an error answer', () => {
  const table = [
    [400, 'invalid_request_error', 'invalid_request'],
    [401, 'authentication_error', 'auth'],
    [402, 'billing_error', 'quota'],
    [403, 'permission_error', 'auth'],
    [404, 'not_found_error', 'model_not_found'],
    [409, 'conflict_error', 'invalid_request'],
    [413, 'request_too_large', 'invalid_request'],
    [429, 'rate_limit_error', 'rate_limit'],
    [500, 'api_error', 'server_error'],
    [504, 'timeout_error', 'timeout'],
    [529, 'overloaded_error', 'server_error'],
    [422, 'invalid_request_error', 'invalid_request'],
    [503, 'some_new_error', 'server_error'],
    // Hosts that answer every failure with one status: the type knows better.
    [500, 'overloaded_error', 'server_error'],
    [400, 'rate_limit_error', 'rate_limit'],
  ] as const;
  for (const [status, type, kind] of table) {
    it(`is ${kind} for ${status} ${type}`, () => {
      expect(decode(status, answer(type, 'It broke.'))).toEqual({ kind, status, code: type, message: 'It broke.' });
    });
  }

  it('is about money where it says so, whatever its status', () => {
    for (const message of [
      'Your credit balance is too low to access the Anthropic API.',
      'You have reached your specified API usage limits. You will regain access on 2026-01-01.',
      'This organization has reached its monthly spend limit.',
    ]) {
      expect(decode(400, answer('invalid_request_error', message)).kind).toBe('quota');
      expect(decode(429, answer('rate_limit_error', message)).kind).toBe('quota');
      expect(decode(500, answer('api_error', message)).kind).toBe('server_error');
    }
  });

  it('asks to wait on errors only: good answers carry retry-after, too', () => {
    const headers = { 'retry-after': '12' };
    expect(decode(529, answer('overloaded_error', 'Overloaded'), headers).retryAfterMs).toBe(12_000);
    expect(decode(200, answer('api_error', 'x'), headers).retryAfterMs).toBeUndefined();
  });

  it('blames a parameter by its top-level name', () => {
    const blamed = (message: string) => decode(400, answer('invalid_request_error', message)).param;
    expect(blamed('messages.0.content.1.text: Field required')).toBe('messages');
    expect(blamed('temperature: range: 0..1')).toBe('temperature');
    expect(blamed('This model does not support assistant message prefill.')).toBeUndefined();
    expect(decode(404, answer('not_found_error', 'model: claude-9')).param).toBeUndefined();
  });

  it('is read from other shapes as far as they go', () => {
    expect(decode(400, { error: 'Bad thing.' })).toMatchObject({ message: 'Bad thing.' });
    expect(decode(401, { detail: 'Who are you?' })).toMatchObject({ kind: 'auth', message: 'Who are you?' });
    expect(decode(502, 'upstream connect error')).toMatchObject({ message: 'upstream connect error' });
    expect(decode(503, '<html><body>Sorry</body></html>')).toEqual({ kind: 'server_error', status: 503, message: '' });
  });
});
