import { describe, expect, it } from '@jest/globals';
import type { DialectName } from '../../src/core/dialect-name.ts';
import { errorBody } from '../../src/core/error-body.ts';
import { type ErrorCode, errorCatalogue } from '../../src/core/error-catalogue.ts';
import { GatewayError } from '../../src/core/errors.ts';

const codes = Object.keys(errorCatalogue) as ErrorCode[];
const dialects: readonly DialectName[] = ['openai-chat', 'anthropic-messages', 'gemini'];
describe('errorBody', () => {
  it.each(codes)('says %s in each dialect, with its code for programs and its text for people', (code) => {
    const error = new GatewayError(code);
    for (const dialect of dialects) {
      const text = JSON.stringify(errorBody(error, dialect));
      expect(text).toContain(code);
      expect(text).toContain(JSON.stringify(error.message));
    }
  });

  it("is in OpenAI's shape, with param null where there is none", () => {
    expect(errorBody(new GatewayError('invalid_json'), 'openai-chat')).toEqual({
      error: {
        message: 'The request body is not valid JSON.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_json',
      },
    });
    const named = new GatewayError('invalid_request', { param: 'messages[0].role', providerCode: 'bad_role' });
    expect(errorBody(named, 'openai-chat')).toMatchObject({
      error: { param: 'messages[0].role', provider_code: 'bad_role' },
    });
  });

  it("is in Anthropic's shape", () => {
    expect(errorBody(new GatewayError('upstream_overloaded'), 'anthropic-messages')).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', code: 'upstream_overloaded' },
    });
  });

  it("is in Gemini's shape, with the HTTP status as its code", () => {
    expect(errorBody(new GatewayError('invalid_request', { status: 418 }), 'gemini')).toMatchObject({
      error: { code: 418, status: 'INVALID_ARGUMENT', details: [{ reason: 'invalid_request' }] },
    });
  });

  it('never says what caused the error', () => {
    const error = new GatewayError('internal_error', { cause: new Error('canary-7f3a') });
    for (const dialect of dialects) expect(JSON.stringify(errorBody(error, dialect))).not.toContain('canary-7f3a');
  });
});
