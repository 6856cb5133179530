import { expect, it } from '@jest/globals';
import type { UpstreamFault } from '../../../src/dialects/canonical.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { type CorpusRecord, describeCorpus, headerReader } from '../../support/corpus.ts';

const { error } = gemini();

/** What each recorded error is, by the start of its file name. */
const expected: Readonly<Record<string, Partial<UpstreamFault>>> = {
  '0ff8f87864': { kind: 'invalid_request', code: 'INVALID_ARGUMENT' },
  '151b3686b0': { kind: 'model_not_found', code: 'NOT_FOUND' },
  '162acd2660': { kind: 'model_not_found' },
  '1c7b241fe4': { kind: 'rate_limit', code: 'RESOURCE_EXHAUSTED', retryAfterMs: 48_000 },
  '1dbbdf5d7f': { kind: 'context_window', code: 'INVALID_ARGUMENT' },
  '20e25b9897': { kind: 'model_not_found' },
  '2b81e35477': { kind: 'invalid_request' },
  '3d3737ff8d': { kind: 'server_error', code: 'UNAVAILABLE' },
  '74f321ed58': { kind: 'auth', code: 'INVALID_ARGUMENT' },
  '7b3b43e455': { kind: 'rate_limit', retryAfterMs: 34_400 },
  '836d810b56': { kind: 'server_error', code: 'INTERNAL' },
  '871a5676ee': { kind: 'model_not_found' },
  '8f382f1db3': { kind: 'auth', code: 'PERMISSION_DENIED' },
  '999d5626db': { kind: 'rate_limit' },
  b729a0cf03: { kind: 'invalid_request', param: 'tools[0].function_declarations[0].parameters' },
  bf090391cf: { kind: 'model_not_found' },
  dbf433f189: { kind: 'model_not_found' },
  dd0c39a36e: { kind: 'invalid_request', code: 'FAILED_PRECONDITION' },
  dfd42b2c07: { kind: 'rate_limit' },
  f849e4bdd9: { kind: 'invalid_request', code: 'FAILED_PRECONDITION' },
};

describeCorpus('recorded Gemini errors', ['gemini-generate'], (records) => {
  const errors = records.filter(({ status }) => status >= 400);

  it('are all expected', () => {
    expect(errors.map(shortName).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(errors.map((record) => [record.file, record] as const))('%s', (_, record) => {
    const { status, headers, body } = record.response;
    const fault = error.decode(status, headerReader(headers), body);
    expect(fault).toMatchObject({ status, ...expected[shortName(record)] });
    expect(fault.message).not.toBe('');
    expect(fault.message).not.toMatch(/project[s/= ]+\d{6,}/);
  });
});

function shortName({ file }: CorpusRecord): string {
  return file.replace('gemini-generate/', '').slice(0, 10);
}
