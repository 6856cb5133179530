import { describe, expect, it } from '@jest/globals';
import { createRedactor } from '../../src/telemetry/redact.ts';
import { ample } from '../support/ample.ts';

const redact = createRedactor();

describe('redaction', () => {
  it.each([
    ['sk-proj-abcdEFGH1234567890', '[redacted]'],
    ['sk-ant-api03-abcdEFGH1234567890', '[redacted]'],
    ['key sk-abcdEFGH1234567890 refused', 'key [redacted] refused'],
    ['AIzaSyA1234567890abcdefghijklmnopqrstu', '[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['gsk_abcdefgh1234567890', '[redacted]'],
    ['hf_abcdefghijklmnop', '[redacted]'],
    ['xai-abcdefgh1234567890', '[redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[redacted]'],
    ['Authorization: Bearer abc.def-123', 'Authorization: [redacted]'],
    ['Basic YW5hOnNlY3JldA==', '[redacted]'],
    ['0123456789abcdef0123456789abcdef', '[redacted]'],
    ['mistral Zx81kQ0pLm29Vb73Nc55Rt17Yw44Hj60', 'mistral [redacted]'],
    ['api_key=short1 and more', 'api_key=[redacted] and more'],
    ['"password": "hunter2"', '"password": "[redacted]"'],
    ['redis://user:hunter2@cache:6379/0', 'redis://[redacted]@cache:6379/0'],
    ['https://host/v1/models?key=abc&alt=sse', 'https://host/v1/models?[redacted]'],
    ['at https://u:p@host/a@b?x#y', 'at https://[redacted]@host/a@b?[redacted]'],
    ['postgres://host', 'postgres://host'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'gpt-4o-mini-2024-07-18',
    'anthropic.claude-sonnet-4-20250514-v1:0',
    'accounts/fireworks/models/llama-v3p1-405b-instruct',
    'ft:gpt-4o-mini-2024-07-18:acme:support:AbC123xy',
    'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    'fccb9545-f8f5-4a24-964c-ed5bdd00a44f',
    'content_policy_violation',
    'at run (file:///srv/app/src/core/run.ts:41:12)',
  ])('leaves %s alone', (text) => {
    expect(redact(text)).toBe(text);
    expect(redact(text)).toBe(text);
  });

  it('takes further texts and patterns, whatever their flags', () => {
    const own = createRedactor(['Nightingale (v1)', /\bEMP-\d+\b/i, /x{3}/gy]);
    expect(own('emp-12 works on Nightingale (v1), EMP-7 too')).toBe('[redacted] works on [redacted], [redacted] too');
    expect(own('a xxx')).toBe('a [redacted]');
    expect(own('EMP-1')).toBe('[redacted]');
    expect(own('EMP-1')).toBe('[redacted]');
  });

  it('cuts long texts, and no secret is shown by being cut', () => {
    const text = `${'a '.repeat(250)}sk-abcdEFGH1234567890`;
    const result = redact(text);
    expect(result).toHaveLength(259);
    expect(result).not.toContain('sk-');
  });

  it('turns control characters into spaces', () => {
    expect(redact('one\ntwo\0three\u0085')).toBe('one two three ');
  });

  it.each([
    ['dots', '.'.repeat(100_000)],
    ['letters', 'a'.repeat(100_000)],
    ['spaces behind a scheme', `bearer${' '.repeat(100_000)}`],
    ['schemes', 'http://'.repeat(15_000)],
    ['at signs', `http://${'@'.repeat(100_000)}`],
    ['half tokens', 'eyJ.'.repeat(25_000)],
    ['half assignments', 'api_key '.repeat(12_000)],
  ])('PG-04 takes no time over 100 KB of %s', (_, text) => {
    const startedAt = performance.now();
    redact(text);
    expect(performance.now() - startedAt).toBeLessThan(ample);
  });
});
