import { expect, it } from '@jest/globals';
import type { FaultKind } from '../../../src/dialects/canonical.ts';
import { faultKindOfStatus } from '../../../src/dialects/fault-text.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { describeCorpus, headerReader } from '../../support/corpus.ts';
import { recordedFolders } from './recorded.ts';

/** Errors whose body says more than their status. All others are judged by the status. */
const kinds: Readonly<Record<string, FaultKind>> = {
  // Unknown models are a 400 here.
  'openai-responses/c6deef4aa0': 'model_not_found',
  'openai-responses/e8417817d4': 'model_not_found',
  'openai-responses/d6219f5a91': 'context_window',
  // xAI's wrong keys are a 400.
  'xai-responses/545e276241': 'auth',
  'xai-responses/ae442d3412': 'auth',
};

describeCorpus('recorded errors', recordedFolders, (records) => {
  const { error } = openaiResponses();
  const failures = records.filter((record) => record.status >= 400);

  for (const record of failures) {
    it(`PT-19: reads ${record.file}`, () => {
      const { status, headers, body } = record.response;
      const fault = error.decode(status, headerReader(headers), body);
      const expected = kinds[record.id] ?? faultKindOfStatus(status);
      expect({ kind: fault.kind, status: fault.status }).toEqual({ kind: expected, status });
      const text = record.digest?.kind === 'error' ? (record.digest.message ?? '') : '';
      expect(fault.message).toContain(text.slice(0, 20));
      expect(fault.message).not.toMatch(/sk-\w|org[-_]\w|[0-9a-f]{8}-[0-9a-f]{4}-/);
    });
  }

  it('lists no kind for a record that is not there', () => {
    const ids = failures.map((record) => record.id);
    expect(Object.keys(kinds).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
