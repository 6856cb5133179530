import { expect, it } from '@jest/globals';
import type { EmbeddingRequest } from '../../../src/dialects/canonical/embedding.ts';
import { cohereEmbeddingCaller, cohereEmbeddings } from '../../../src/dialects/embeddings/cohere/index.ts';
import type { EmbeddingCaller, EmbeddingFormat } from '../../../src/dialects/embeddings/format.ts';
import { geminiEmbeddingCaller, geminiEmbeddings } from '../../../src/dialects/embeddings/gemini/index.ts';
import { ollamaEmbeddingCaller, ollamaEmbeddings } from '../../../src/dialects/embeddings/ollama/index.ts';
import { openaiEmbeddingCaller, openaiEmbeddings } from '../../../src/dialects/embeddings/openai/index.ts';
import { describeCorpus } from '../../support/corpus.ts';
import { isRun } from '../../support/corpus-coverage.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { embeddingFolders } from './recorded.ts';

interface Codec {
  readonly caller: EmbeddingCaller;
  readonly format: EmbeddingFormat;
}

const everything = openaiEmbeddings({ parameters: 'all' });
const codecs: Readonly<Record<string, Codec>> = {
  'openai-embeddings': { caller: openaiEmbeddingCaller, format: everything },
  'azure-embeddings': { caller: openaiEmbeddingCaller, format: everything },
  'mistral-embeddings': { caller: openaiEmbeddingCaller, format: everything },
  'ollama-openai-embeddings': { caller: openaiEmbeddingCaller, format: everything },
  'other-embeddings': { caller: openaiEmbeddingCaller, format: everything },
  'gemini-embeddings': { caller: geminiEmbeddingCaller, format: geminiEmbeddings() },
  'cohere-embed': { caller: cohereEmbeddingCaller, format: cohereEmbeddings() },
  'ollama-embed': { caller: ollamaEmbeddingCaller, format: ollamaEmbeddings() },
};

/** Requests that are refused, with the parameter that is blamed. The provider refused them, too. */
const refused: Readonly<Record<string, string>> = {
  'openai-embeddings/338d2f0feb': 'dimensions',
  'openai-embeddings/7494aee5b0': 'dimensions',
  'openai-embeddings/a0cb951c90': 'dimensions',
  'other-embeddings/cdb6f37a55': 'input',
};

describeCorpus('recorded requests for embeddings', embeddingFolders, (records) => {
  const spoken = records.filter((record) => {
    const part = record.status >= 400 ? 'refused' : 'request';
    return record.folder in codecs && record.request !== undefined && isRun(record, part);
  });

  it.each(spoken.map((record) => [record.file, record] as const))('A8: %s keeps its meaning', (_, record) => {
    const codec = codecs[record.folder];
    if (codec === undefined) throw new Error(`${record.folder} has no codec`);
    const body = deepFreeze(JSON.parse(record.request?.body ?? ''));
    const param = refused[record.id];
    if (param !== undefined) {
      expect(() => codec.caller.decode(body, {})).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
      return;
    }
    const request = codec.caller.decode(body, {});
    const { body: encoded, dropped } = codec.format.encode(request, { model: 'embed-v4.0' });
    const again = codec.caller.decode(JSON.parse(JSON.stringify(encoded)), {});
    expect(meaning(again, dropped)).toEqual(meaning(request, dropped));
    expect(dropped).toEqual(Object.keys(request.others ?? {}).filter((name) => dropped.includes(name)));
    expect(inputTexts(again)).toEqual(recordedTexts(body));
  });

  it('covers most of what was recorded', () => {
    expect(spoken.length).toBeGreaterThan(65);
  });
});

/** What must come back; the defaults of a provider that must be told them are no loss. */
function meaning(request: EmbeddingRequest, dropped: readonly string[]): unknown {
  const { inputs, dimensions, purpose, user, others } = request;
  const kept = Object.entries(others ?? {}).filter(([name]) => !dropped.includes(name));
  return { inputs, dimensions, purpose, user, others: Object.fromEntries(kept) };
}

function inputTexts({ inputs }: EmbeddingRequest): readonly unknown[] {
  return inputs.map(({ parts }) =>
    parts.map((part) => (part.type === 'text' ? part.text : part.type === 'tokens' ? part.tokens : part.data)),
  );
}

/** The inputs of a recorded body, read without the code under test. */
function recordedTexts(body: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { input, texts, requests, content } = body;
  if (Array.isArray(requests)) return requests.map((request) => partsOf(request.content));
  if (content !== undefined) return [partsOf(content)];
  const list = texts ?? input;
  if (!Array.isArray(list)) return [[list]];
  return typeof list[0] === 'number' ? [[list]] : list.map((entry) => [entry]);
}

function partsOf(content: unknown): readonly unknown[] {
  const { parts } = content as { parts: Record<string, { data: string } | undefined>[] };
  return parts.map((part) => part.text ?? part.inline_data?.data ?? part.inlineData?.data);
}
