import { expect, it } from '@jest/globals';
import type { EmbeddingRequest } from '../../../src/dialects/canonical/embedding.ts';
import { cohereEmbeddings } from '../../../src/dialects/embeddings/cohere/index.ts';
import { textInput } from '../../../src/dialects/embeddings/inputs.ts';
import { toBase64, toNumbers } from '../../../src/dialects/embeddings/vectors.ts';
import { bodyText, type CorpusRecord, describeCorpus, type EmbeddingRecordDigest } from '../../support/corpus.ts';
import { isRun } from '../../support/corpus-coverage.ts';
import { embeddingFolders, formatOf } from './recorded.ts';

const asked: EmbeddingRequest = { inputs: [textInput('any')] };

/** Integers of 8 bits, for which there is no digest. */
const inIntegers: readonly string[] = ['cohere-embed/3a7ade22a0', 'other-embeddings/28c380d2aa'];

/** Tokens that the corpus does not count as input, although the answer says so. */
const countedInput: Readonly<Record<string, number>> = {
  'gemini-embeddings/052af652ed': 11,
  'gemini-embeddings/220bbede49': 11,
  'gemini-embeddings/3db0c48ed5': 4,
  'gemini-embeddings/6a48d1c958': 261,
  'gemini-embeddings/77c01de486': 1,
  'gemini-embeddings/8904afc856': 2,
};

describeCorpus('recorded embeddings', embeddingFolders, (records) => {
  const answers = records.filter(
    (record) => record.status === 200 && isRun(record, 'answer') && !inIntegers.includes(record.id),
  );

  it.each(answers.map((record) => [record.file, record] as const))('A8: %s gives its digest', (_, record) => {
    const digest = digestOf(record);
    const { answer } = read(record);
    const [first = []] = answer.vectors;
    expect({ vectors: answer.vectors.length, dims: first.length }).toEqual({
      vectors: digest.vectors,
      dims: digest.dims,
    });
    for (const [place, value] of digest.first4.entries()) {
      expect(Math.abs((first[place] ?? Number.NaN) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-6);
    }
    const input = countedInput[record.id] ?? digest.usage.input ?? digest.usage.total ?? undefined;
    expect(answer.usage).toEqual(input === undefined ? undefined : { inputTokens: input, outputTokens: 0 });
  });

  it('reads the 8-bit integers that Perplexity sends in base64 unasked', () => {
    const record = records.find(({ id }) => id === 'other-embeddings/28c380d2aa');
    if (record === undefined) throw new Error('The record is not there.');
    const [vector = []] = read(record).answer.vectors;
    expect(vector.length).toBeGreaterThan(300);
    expect(toNumbers(vector).every((value) => Number.isInteger(value) && value >= -128 && value <= 127)).toBe(true);
  });

  it('refuses an answer without floats', () => {
    const record = records.find(({ id }) => id === 'cohere-embed/3a7ade22a0');
    const decode = () => cohereEmbeddings().decode(JSON.parse(record === undefined ? '' : bodyText(record)), asked);
    expect(decode).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });

  it('writes base64 back as it came, byte by byte', () => {
    const recorded = answers.filter(({ folder }) => folder === 'openai-embeddings' || folder === 'azure-embeddings');
    const texts = recorded.flatMap((record) => {
      const { data } = JSON.parse(bodyText(record)) as { data: { embedding: unknown }[] };
      return data.some(({ embedding }) => typeof embedding === 'string')
        ? [{ record, texts: data.map(({ embedding }) => embedding) }]
        : [];
    });
    expect(texts.length).toBeGreaterThan(5);
    for (const { record, texts: sent } of texts) expect(read(record).answer.vectors.map(toBase64)).toEqual(sent);
  });
});

function digestOf({ digest, file }: CorpusRecord): EmbeddingRecordDigest {
  if (digest?.kind !== 'embedding') throw new Error(`${file} holds no embeddings`);
  return digest;
}

function read(record: CorpusRecord) {
  const decoded = formatOf(record).decode(JSON.parse(bodyText(record)), asked);
  if ('fault' in decoded) throw new Error(`${record.file} is read as a failure`);
  return decoded;
}
