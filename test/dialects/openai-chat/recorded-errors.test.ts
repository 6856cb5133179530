import { expect, it } from '@jest/globals';
import type { FaultKind } from '../../../src/dialects/canonical.ts';
import { faultKindOfStatus } from '../../../src/dialects/fault-text.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { type CorpusRecord, describeCorpus, headerReader } from '../../support/corpus.ts';
import { recordedFolders } from './recorded.ts';

/** Errors whose body says more than their status. All others are judged by the status. */
const kinds: Readonly<Record<string, FaultKind>> = {
  'azure-chat/17d1bda6d9': 'content_filter',
  'azure-chat/42c6b906d5': 'content_filter',
  // A call the model wrote does not fit its tool: not the caller's mistake.
  'groq-chat/085cc91812': 'invalid_response',
  'groq-chat/4faa6eb19c': 'invalid_response',
  'groq-chat/73acef23c8': 'invalid_response',
  'groq-chat/bd47c93ebb': 'context_window',
  'mistral-chat/566f7d69bb': 'model_not_found',
  'ollama-openai/1cf4e33c9c': 'context_window',
  'openrouter-chat/20d16e94a7': 'content_filter',
  'openrouter-chat/97775cc768': 'model_not_found',
  'perplexity-chat/97abf6f9e9': 'context_window',
};

function errorText(record: CorpusRecord): string {
  if (record.digest?.kind !== 'error') throw new Error(`${record.file} is no error`);
  return record.digest.message ?? '';
}

describeCorpus('recorded errors', recordedFolders, (records) => {
  const { error } = openaiChat();
  const failures = records.filter((record) => record.status >= 400);

  for (const record of failures) {
    it(`PT-19: reads ${record.file}`, () => {
      const { status, headers, body } = record.response;
      const fault = error.decode(status, headerReader(headers), body);
      const expected = kinds[record.id] ?? faultKindOfStatus(status);
      expect({ kind: fault.kind, status: fault.status }).toEqual({ kind: expected, status });
      // The first words: what follows may hold something masked, or what a provider behind the provider said.
      expect(fault.message).toContain(errorText(record).slice(0, 20));
    });
  }

  it('lists no kind for a record that is not there', () => {
    const ids = failures.map((record) => record.id);
    expect(Object.keys(kinds).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('PT-20: reads the waiting times of OpenAI and Azure', () => {
    const waits = failures.flatMap((record) => {
      const { status, headers, body } = record.response;
      const fault = error.decode(status, headerReader(headers), body);
      return fault.retryAfterMs === undefined ? [] : [[record.id, fault.retryAfterMs]];
    });
    expect(Object.fromEntries(waits)).toEqual({ 'azure-chat/2a71a11d07': 1000, 'openai-chat/35f4d409b9': 644 });
  });

  it('TE-01: shows neither keys nor ids of accounts', () => {
    for (const record of failures) {
      const { status, headers, body } = record.response;
      const { message } = error.decode(status, headerReader(headers), body);
      expect(message).not.toMatch(/sk-\w|org[-_]\w|[0-9a-f]{8}-[0-9a-f]{4}-/);
    }
  });
});
