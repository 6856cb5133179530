import { describe, expect, it } from '@jest/globals';
import type { FaultKind, UpstreamFault } from '../../src/dialects/canonical.ts';
import { faultError } from '../../src/routing/fault-error.ts';

function fault(kind: FaultKind, overrides: Partial<UpstreamFault> = {}): UpstreamFault {
  return { kind, message: 'text of the provider', ...overrides };
}

describe('faultError', () => {
  it.each([
    // provider's status, kind, our status, code
    [400, 'invalid_request', 400, 'invalid_request'],
    [400, 'context_window', 400, 'context_length_exceeded'],
    [400, 'content_filter', 400, 'content_policy_violation'],
    [401, 'auth', 502, 'upstream_auth_failed'],
    [402, 'quota', 502, 'insufficient_quota'],
    [403, 'auth', 502, 'upstream_auth_failed'],
    [404, 'model_not_found', 404, 'model_not_found'],
    [405, 'invalid_request', 400, 'invalid_request'],
    [408, 'timeout', 504, 'upstream_timeout'],
    [413, 'invalid_request', 413, 'request_too_large'],
    [413, 'context_window', 400, 'context_length_exceeded'],
    [422, 'invalid_request', 422, 'unprocessable_request'],
    [429, 'rate_limit', 429, 'rate_limit_exceeded'],
    [429, 'quota', 502, 'insufficient_quota'],
    [500, 'server_error', 502, 'upstream_error'],
    [502, 'server_error', 502, 'upstream_error'],
    [503, 'server_error', 503, 'upstream_overloaded'],
    [504, 'server_error', 504, 'upstream_timeout'],
    [504, 'timeout', 504, 'upstream_timeout'],
    [529, 'server_error', 503, 'upstream_overloaded'],
    [200, 'invalid_response', 502, 'upstream_invalid_response'],
    [200, 'server_error', 502, 'upstream_error'],
    [301, 'invalid_response', 502, 'upstream_redirect'],
    [302, 'invalid_request', 502, 'upstream_redirect'],
    [308, 'server_error', 502, 'upstream_redirect'],
  ] as const)('PT-19: maps %d (%s) to %d %s', (status, kind, ourStatus, code) => {
    const error = faultError(fault(kind, { status }));
    expect([error.status, error.code]).toEqual([ourStatus, code]);
  });

  it.each([
    ['connection', 502, 'upstream_connection'],
    ['timeout', 504, 'upstream_timeout'],
    ['server_error', 502, 'upstream_error'],
    ['invalid_response', 502, 'upstream_invalid_response'],
  ] as const)('maps %s without a status to %d %s', (kind, status, code) => {
    const error = faultError(fault(kind));
    expect([error.status, error.code]).toEqual([status, code]);
  });

  it.each(['invalid_request', 'context_window', 'content_filter', 'model_not_found'] as const)(
    'tells the caller what the provider said of its own fault (%s)',
    (kind) => {
      const error = faultError(
        fault(kind, { status: 400, code: 'provider_word', param: 'messages', retryAfterMs: 9000 }),
      );
      expect(error).toMatchObject({
        message: 'text of the provider',
        param: 'messages',
        providerCode: 'provider_word',
        retryAfter: undefined,
        retryable: false,
      });
    },
  );

  it.each(['', '  \n'])('uses its own text where the provider gave none (%j)', (message) => {
    expect(faultError(fault('context_window', { message })).message).toBe(
      'The request is longer than the model can read.',
    );
  });

  it('bounds a text of the provider', () => {
    expect(faultError(fault('invalid_request', { message: 'x'.repeat(1e6) })).message).toHaveLength(1000);
  });

  it.each(['rate_limit', 'quota', 'timeout', 'server_error', 'connection', 'auth', 'invalid_response'] as const)(
    'I6: keeps the text of the provider from the caller where the fault is not its own (%s)',
    (kind) => {
      const error = faultError(fault(kind, { message: 'org-canary', param: 'canary' }));
      expect(`${error.message} ${error.param}`).not.toContain('canary');
    },
  );

  it.each([
    ['auth', undefined],
    ['quota', undefined],
    ['server_error', 'overloaded_error'],
    ['rate_limit', 'overloaded_error'],
  ] as const)('PT-08: keeps the provider code of %s: %s', (kind, expected) => {
    expect(faultError(fault(kind, { code: 'overloaded_error' })).providerCode).toBe(expected);
  });

  it('PT-20: passes on when to come back, only where coming back helps', () => {
    expect(faultError(fault('rate_limit', { retryAfterMs: 1500 })).retryAfter).toBe(1.5);
    expect(faultError(fault('server_error', { retryAfterMs: 1500 }), 7000).retryAfter).toBe(7);
    for (const kind of ['auth', 'quota', 'invalid_request'] as const) {
      expect(faultError(fault(kind, { retryAfterMs: 1500 }), 7000).retryAfter).toBeUndefined();
    }
    expect(faultError(fault('server_error', { status: 302, retryAfterMs: 1500 })).retryAfter).toBeUndefined();
  });

  it('keeps the fault for the log', () => {
    const given = fault('auth');
    expect(faultError(given).cause).toBe(given);
  });
});
