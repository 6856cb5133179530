import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GatewayError } from '../../src/core/errors.ts';
import { acceptParsedBody, parseRequestBody } from '../../src/wire/parse-request-body.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown.code;
    throw thrown;
  }
  return 'accepted';
}

const parse = (text: string) => parseRequestBody(Buffer.from(text));
const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('parseRequestBody', () => {
  it('keeps the bytes and finds the top-level members', () => {
    const body = parse('{"model": "m", "messages":[{"content":"\\"}{"}] ,"n":1}');
    expect(body.members?.map((member) => member.key)).toEqual(['model', 'messages', 'n']);
    expect(body.json.model).toBe('m');
  });

  it.each(['', ' ', '{', '{"a":}', '{"a":1,}', "{'a':1}", '{"a":1}}', 'nul', '{"a":"\n"}', '{"a":01}', '{"a":NaN}'])(
    'HC-01: refuses %j as invalid_json, without quoting it',
    (text) => {
      expect(codeOf(() => parse(text))).toBe('invalid_json');
    },
  );

  it.each(['[]', '"text"', '1', 'null', 'true'])('refuses %s, which is no object', (text) => {
    expect(codeOf(() => parse(text))).toBe('invalid_request');
  });

  it.each([101, 5_000, 400_000])('HC-05: refuses JSON nested %i deep, before parsing it', (depth) => {
    expect(codeOf(() => parse(nested(depth)))).toBe('json_too_deep');
  });

  it('accepts JSON nested 100 deep', () => {
    expect(codeOf(() => parse(nested(100)))).toBe('accepted');
  });

  it('HC-05: refuses what the app has parsed already when it is too deep', () => {
    expect(codeOf(() => acceptParsedBody(JSON.parse(nested(5_000))))).toBe('json_too_deep');
  });

  it.each([
    '{"__proto__":{"x":1}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":{}}',
    '{"constructor":{"prototype":{}}}',
  ])('HC-07: refuses %s', (text) => {
    expect(codeOf(() => parse(text))).toBe('forbidden_key');
    expect(codeOf(() => acceptParsedBody(JSON.parse(text)))).toBe('forbidden_key');
  });

  it('accepts the same words as text, and a schema property called constructor', () => {
    expect(codeOf(() => parse('{"a":"__proto__","properties":{"constructor":{"type":"string"}}}'))).toBe('accepted');
  });

  it.each([
    Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
    Buffer.from('{"a":1}', 'utf16le'),
    Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x3a, 0x31, 0x7d]),
  ])('HC-08: refuses invalid UTF-8', (bytes) => {
    expect(['invalid_utf8', 'invalid_json']).toContain(codeOf(() => parseRequestBody(bytes)));
  });

  it('reads a body with a byte order mark', () => {
    expect(parse('\uFEFF{"a":1}').json).toEqual({ a: 1 });
  });

  it('never passes on the text of a body that names a key twice', () => {
    const body = parse('{"model":"cheap","model":"dear"}');
    expect(body.json.model).toBe('dear');
    expect(body.members).toBeUndefined();
    expect(body.bytes).toBeUndefined();
    expect(parse('{"a":1,"\\u0061":2}').members).toBeUndefined();
  });

  it('HC-25: answers any text with a body or one of its own errors', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]":,\\ 1a') })), (text) => {
        expect(typeof codeOf(() => parse(text))).toBe('string');
      }),
      { numRuns: 10_000, seed: 7 },
    );
  });
});
