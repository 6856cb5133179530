import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, errorCatalogue } from '../../src/core/error-catalogue.ts';
import { GatewayError, toGatewayError } from '../../src/core/errors.ts';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

describe('GatewayError', () => {
  it.each(codes)('%s takes status, type, text and whether to retry from the catalogue', (code) => {
    const error = new GatewayError(code);
    const { status, type, message, retryable } = errorCatalogue[code];
    expect(error).toMatchObject({ name: 'GatewayError', code, status, type, message, retryable });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in error).toBe(false);
  });

  it('lets the place that raises it know better', () => {
    const cause = new Error('inner');
    const details = {
      message: 'm',
      param: 'p',
      retryAfter: 3,
      status: 418,
      providerCode: 'c',
      headers: { a: 'b' },
      cause,
    };
    expect(new GatewayError('invalid_request', details)).toMatchObject(details);
  });

  it.each(codes)('%s has a status an SDK retries only where a retry can help', (code) => {
    const { status, retryable } = errorCatalogue[code];
    expect(status).toBeGreaterThanOrEqual(400);
    // 408, 409, 429 and 5xx are sent again by the official SDKs.
    if (retryable) expect([429, 502, 503, 504]).toContain(status);
    if (status === 429 || status === 503 || status === 504) expect(retryable).toBe(true);
  });
});

describe('toGatewayError', () => {
  it('leaves ours as it is', () => {
    const error = new GatewayError('not_found');
    expect(toGatewayError(error)).toBe(error);
  });

  it.each([[new Error('secret')], ['secret'], [undefined], [{ code: 'invalid_json', message: 'secret' }]])(
    'makes an internal_error of %p and keeps its text out of sight',
    (thrown) => {
      const error = toGatewayError(thrown);
      expect(error.code).toBe('internal_error');
      expect(error.message).not.toContain('secret');
      expect(error.cause).toBe(thrown);
    },
  );
});
