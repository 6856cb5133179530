import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../src/core/errors.ts';
import { errorReply } from '../../src/core/reply.ts';

describe('errorReply', () => {
  it('is JSON that nobody stores', () => {
    const reply = errorReply(new GatewayError('not_found'), 'openai-chat');
    expect(reply).toMatchObject({ kind: 'whole', status: 404 });
    expect(reply.headers).toEqual({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    expect(JSON.parse(String(reply.body))).toMatchObject({ error: { code: 'not_found' } });
  });

  it.each([
    [0, 1],
    [0.2, 1],
    [1, 1],
    [1.01, 2],
    [59.4, 60],
  ])('RL-04: a wait of %d seconds is Retry-After: %d, whole and never 0', (retryAfter, header) => {
    const reply = errorReply(new GatewayError('rate_limit_exceeded', { retryAfter }), 'openai-chat');
    expect(reply.headers['retry-after']).toBe(header);
  });

  it('tells SDKs not to send again what cannot succeed, where they would', () => {
    const says = (error: GatewayError) => errorReply(error, 'openai-chat').headers['x-should-retry'];
    expect(says(new GatewayError('internal_error'))).toBe('false');
    expect(says(new GatewayError('insufficient_quota'))).toBe('false');
    expect(says(new GatewayError('upstream_error'))).toBeUndefined();
    expect(says(new GatewayError('invalid_json'))).toBeUndefined();
  });

  it("carries the error's own headers", () => {
    const error = new GatewayError('missing_api_key', { headers: { 'www-authenticate': 'Bearer' } });
    expect(errorReply(error, 'openai-chat').headers).toMatchObject({ 'www-authenticate': 'Bearer' });
  });
});
