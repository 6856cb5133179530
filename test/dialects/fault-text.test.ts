import { describe, expect, it } from '@jest/globals';
import {
  durationMs,
  faultKindOfStatus,
  maskSecrets,
  readErrorContent,
  readRetryAfter,
  retryHintInText,
  saysContextOverflow,
  saysInvalidCredential,
  saysOutOfMoney,
} from '../../src/dialects/fault-text.ts';
import { ample } from '../support/ample.ts';
import { headerReader } from '../support/corpus.ts';

describe('maskSecrets', () => {
  it.each([
    ['Incorrect API key provided: sk-proj-abcdEFGH1234567890.', 'Incorrect API key provided: ***'],
    ['Incorrect API key provided: my-own-key. You can find it.', 'Incorrect API key provided: *** You can find it.'],
    ['bad key AIzaSyA1234567890abcdefghijk here', 'bad key *** here'],
    ['Authorization: Bearer abc.def-123 refused', 'Authorization: Bearer *** refused'],
    ['for gpt-4o in organization org-AbCdEfGh12345678 on tokens', 'for gpt-4o in organization *** on tokens'],
    ['in organization `org_01abcdefghijkl` on', 'in organization `***` on'],
    ['API has not been used in project 1234567890 before', 'API has not been used in project *** before'],
    ['see https://example.com/x?key=abcdef12 now', 'see https://example.com/x?*** now'],
    ['Team: bb642ce4-5161-45c9-8f34-408850883602, Model: m', 'Team: ***, Model: m'],
    ['mail someone@example.com please', 'mail *** please'],
    ['token eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl bad', 'token *** bad'],
    ['id 0123456789abcdef0123456789abcdef seen', 'id *** seen'],
  ])('turns %j into %j', (text, expected) => {
    expect(maskSecrets(text)).toBe(expected);
  });

  it.each([
    'The model `gpt-4o-mini-2024-07-18` does not exist or you do not have access to it.',
    "Invalid schema for function 'get_current_weather': In context=(), 'additionalProperties' is required.",
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'meta-llama/llama-4-scout-17b-16e-instruct is overloaded',
  ])('leaves %j as it is', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('cuts long texts and stays fast on hostile ones', () => {
    for (const text of ['a'.repeat(1e6), 'a1_'.repeat(1e6), 'sk-'.repeat(1e6), 'a@'.repeat(1e6), '-'.repeat(1e6)]) {
      const begin = performance.now();
      expect(maskSecrets(text).length).toBeLessThanOrEqual(1000 + 100);
      expect(performance.now() - begin).toBeLessThan(ample);
    }
  });
});

describe('readRetryAfter', () => {
  it.each([
    [{ 'retry-after': '3' }, '', 3000],
    [{ 'retry-after': '0.5' }, '', 500],
    [{ 'Retry-After': '3', 'Retry-After-Ms': '644' }, '', 644],
    [{ 'retry-after': '1', 'retry-after-ms': '0' }, '', 1000],
    [{ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT', date: 'Fri, 31 Dec 1999 23:59:49 GMT' }, '', 10_000],
    [{ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT', date: 'Fri, 31 Dec 1999 23:59:59 GMT' }, '', 0],
    [{ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }, '', undefined],
    [{ 'retry-after': '-5' }, '', undefined],
    [{}, 'Please try again in 644ms.', 644],
    [{ 'retry-after': '2' }, 'Please try again in 644ms.', 2000],
  ])('reads %j with the text %j as %s', (headers, text, expected) => {
    expect(readRetryAfter(headerReader(headers as Record<string, string>), text)).toBe(expected);
  });
});

describe('retryHintInText', () => {
  it.each([
    ['Rate limit reached. Please try again in 1.5s. Need more?', 1500],
    ['Please try again in 6m0s.', 360_000],
    ['Please try again in 7m12.5s. Visit ...', 432_500],
    ['Please retry in 48.126s.', 48_126],
    ['Please retry after 20 seconds.', 20_000],
    ['Try again in 2 minutes', 120_000],
    ['Please wait 10 seconds before retrying.', 10_000],
    ['try again later', undefined],
    ['try again in 5 attempts', undefined],
    ['', undefined],
  ])('reads %j as %s', (text, expected) => {
    expect(retryHintInText(text)).toBe(expected);
  });
});

describe('durationMs', () => {
  it.each([
    ['48s', 48_000],
    ['0s', 0],
    ['120ms', 120],
    ['1h2m3s', 3_723_000],
    ['soon', undefined],
  ])('reads %j as %s', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});

describe('readErrorContent', () => {
  it('parses JSON, keeps plain text and drops markup and torn JSON', () => {
    expect(readErrorContent(Buffer.from(' {"a":1}\n'))).toEqual({ json: { a: 1 }, text: '' });
    expect(readErrorContent(Buffer.from('upstream connect error'))).toEqual({
      json: undefined,
      text: 'upstream connect error',
    });
    expect(readErrorContent(Buffer.from('<html>'))).toEqual({ json: undefined, text: '' });
    expect(readErrorContent(Buffer.from('{"error":'))).toEqual({ json: undefined, text: '' });
    expect(readErrorContent(Buffer.from([]))).toEqual({ json: undefined, text: '' });
  });
});

describe('wordings', () => {
  it('know a prompt that is too long', () => {
    expect(saysContextOverflow('Your input exceeds the context window of this model.')).toBe(true);
    expect(saysContextOverflow('prompt too long; exceeded max context length by 1119046 tokens')).toBe(true);
    expect(saysContextOverflow('the request exceeds the available context size, try increasing it')).toBe(true);
    expect(saysContextOverflow('max_tokens is too large')).toBe(false);
  });

  it('know an empty account', () => {
    expect(saysOutOfMoney('Insufficient Balance')).toBe(true);
    expect(saysOutOfMoney('Your credit balance is too low to access the API.')).toBe(true);
    expect(saysOutOfMoney('Rate limit reached')).toBe(false);
  });

  it('know a refused credential', () => {
    expect(saysInvalidCredential('API key not valid. Please pass a valid API key.')).toBe(true);
    expect(saysInvalidCredential('Invalid argument')).toBe(false);
  });
});

describe('faultKindOfStatus', () => {
  it('knows timeouts, money, rate limits, overloads and mistakes apart', () => {
    expect([401, 402, 404, 408, 422, 429, 499, 500, 503, 504, 522, 524, 529].map(faultKindOfStatus)).toEqual([
      'auth',
      'quota',
      'model_not_found',
      'timeout',
      'invalid_request',
      'rate_limit',
      'invalid_request',
      'server_error',
      'server_error',
      'timeout',
      'timeout',
      'timeout',
      'server_error',
    ]);
  });
});
