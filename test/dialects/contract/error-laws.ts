import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json.ts';
import type { FaultKind } from '../../../src/dialects/canonical.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { headerReader } from '../../support/corpus.ts';
import type { DialectSamples } from './samples.ts';

/** What a status means when the body says nothing more. */
const kindOfStatus: readonly (readonly [status: number, kind: FaultKind])[] = [
  [400, 'invalid_request'],
  [401, 'auth'],
  [402, 'quota'],
  [403, 'auth'],
  [404, 'model_not_found'],
  [408, 'timeout'],
  [413, 'invalid_request'],
  [418, 'invalid_request'],
  [422, 'invalid_request'],
  [429, 'rate_limit'],
  [500, 'server_error'],
  [502, 'server_error'],
  [503, 'server_error'],
  [504, 'timeout'],
  [524, 'timeout'],
  [529, 'server_error'],
];

const uselessBodies = {
  'an empty body': '',
  HTML: '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>nginx</h1></body></html>',
  'JSON that breaks off': '{"error":{"mess',
  'JSON of no known shape': '{"a":[1,2]}',
  'a JSON null': 'null',
  'a JSON string': '"x"',
  'invalid UTF-8': Buffer.from([0xff, 0xfe, 0x00]),
};

const secrets = [
  'sk-proj-Abcdefghijklmnopqrstuvwx0123456789',
  'sk-ant-api03-Abcdefghijklmnopqrstuvwx0123456789',
  'AIzaSyA1234567890abcdefghijklmnopqrstuv',
  'gsk_Abcdefghijklmnopqrstuvwxyz0123456789',
  'org-Abcdefghijklmnopqrstuvwx',
];

export function errorLaws(makeDialect: () => Dialect, samples: DialectSamples): void {
  const { error } = makeDialect();
  const decode = (status: number, headers: Readonly<Record<string, string>>, body: JsonValue | Uint8Array) =>
    error.decode(status, headerReader(headers), bytesOf(body));

  for (const [what, body] of Object.entries(uselessBodies)) {
    it(`judges an error by its status where the answer is ${what}`, () => {
      for (const [status, kind] of kindOfStatus) {
        const fault = decode(status, {}, body);
        expect({ status, kind: fault.kind, markup: fault.message.includes('<') }).toEqual({
          status,
          kind,
          markup: false,
        });
        expect(fault.status).toBe(status);
      }
    });
  }

  it('keeps the text of an error and masks credentials and account ids in it', () => {
    for (const secret of secrets) {
      const fault = decode(400, {}, samples.errorBody(`Refused ${secret} today.`));
      expect(fault.message).toContain('Refused ');
      expect(fault.message).not.toContain(secret.slice(8));
    }
  });

  it('reads how long to wait from the headers', () => {
    const wait = (headers: Readonly<Record<string, string>>) =>
      decode(429, headers, samples.errorBody('Slow down.')).retryAfterMs;
    expect(wait({ 'retry-after': '2' })).toBe(2000);
    expect(wait({ 'retry-after-ms': '1250', 'retry-after': '2' })).toBe(1250);
    expect(wait({ date: 'Wed, 21 Oct 2026 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' })).toBe(
      30_000,
    );
    expect(wait({ 'retry-after': 'soon' })).toBeUndefined();
    expect(wait({})).toBeUndefined();
  });

  it('knows a prompt that is too long, however it is put', () => {
    for (const message of [
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      'prompt is too long: 210000 tokens > 200000 maximum',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    ]) {
      expect(decode(400, {}, samples.errorBody(message)).kind).toBe('context_window');
    }
  });

  for (const sample of samples.errors) {
    it(`reads ${sample.name}`, () => {
      const fault = decode(sample.status, sample.headers ?? {}, sample.body);
      expect(fault).toMatchObject({ status: sample.status, ...sample.fault });
    });
  }
}

function bytesOf(body: JsonValue | Uint8Array): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
