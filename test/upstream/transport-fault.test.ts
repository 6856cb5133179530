import { describe, expect, it } from '@jest/globals';
import { transportFault } from '../../src/upstream/transport-fault.ts';

const phase = { sent: true, answering: false };
const withCode = (code: string): Error => Object.assign(new Error('text'), { code });

describe('transportFault', () => {
  it.each([
    ['ECONNRESET', 'connection'],
    ['ECONNREFUSED', 'connection'],
    ['ENOTFOUND', 'connection'],
    ['CONNECT_TIMEOUT', 'connection'],
    ['UND_ERR_SOCKET', 'connection'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connection'],
    ['HPE_INVALID_CONSTANT', 'invalid_response'],
    ['HPE_INVALID_HEADER_TOKEN', 'invalid_response'],
    ['UND_ERR_HEADERS_OVERFLOW', 'invalid_response'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'invalid_response'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'invalid_response'],
  ])('files %s under %s and keeps the code', (code, kind) => {
    expect(transportFault(withCode(code), phase)).toEqual({ kind, code, ...phase });
  });

  it("knows undici's parser errors, which have no code, by their name", () => {
    const error = Object.assign(new Error('text'), { name: 'HTTPParserError', code: undefined });
    expect(transportFault(error, phase)).toMatchObject({ kind: 'invalid_response', code: 'HTTPParserError' });
  });

  it.each([
    [new TypeError('text'), 'TypeError'],
    [{ name: 'AbortError' }, 'AbortError'],
    [{ code: 7 }, 'UNKNOWN'],
    ['text', 'UNKNOWN'],
    [undefined, 'UNKNOWN'],
    [null, 'UNKNOWN'],
  ])('reads %p without a code as %s', (thrown, code) => {
    expect(transportFault(thrown, phase).code).toBe(code);
  });

  it('never repeats the text of an error, which may hold an address', () => {
    expect(JSON.stringify(transportFault(withCode('ECONNREFUSED'), phase))).not.toContain('text');
  });
});
