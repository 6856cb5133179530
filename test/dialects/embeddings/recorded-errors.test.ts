import { expect, it } from '@jest/globals';
import type { FaultKind } from '../../../src/dialects/canonical.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { faultKindOfStatus } from '../../../src/dialects/fault-text.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { describeCorpus, headerReader } from '../../support/corpus.ts';
import { embeddingFolders } from './recorded.ts';

/** Errors whose body says more than their status. */
const kinds: Readonly<Record<string, FaultKind>> = {};

const dialects: Readonly<Record<string, Dialect>> = {
  'gemini-embeddings': gemini(),
  'gemini-images': gemini(),
  'cohere-embed': cohereChat(),
};

describeCorpus('recorded errors', [...embeddingFolders, 'openai-images', 'gemini-images'], (records) => {
  const failures = records.filter(({ status }) => status >= 400);

  it.each(failures.map((record) => [record.file, record] as const))('PT-19: reads %s', (_, record) => {
    const { status, headers, body } = record.response;
    const dialect = dialects[record.folder] ?? openaiChat();
    const fault = dialect.error.decode(status, headerReader(headers), body);
    expect({ kind: fault.kind, status: fault.status }).toEqual({
      kind: kinds[record.id] ?? faultKindOfStatus(status),
      status,
    });
    if (record.digest?.kind !== 'error') throw new Error(`${record.file} is no error`);
    expect(fault.message).toContain((record.digest.message ?? '').slice(0, 20));
  });
});
