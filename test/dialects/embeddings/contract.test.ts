import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EmbeddingRequest } from '../../../src/dialects/canonical/embedding.ts';
import { novaEmbeddings } from '../../../src/dialects/embeddings/bedrock/nova.ts';
import { titanEmbeddings } from '../../../src/dialects/embeddings/bedrock/titan.ts';
import { embeddingCallers } from '../../../src/dialects/embeddings/callers.ts';
import { cohereEmbeddings } from '../../../src/dialects/embeddings/cohere/index.ts';
import { featureExtraction } from '../../../src/dialects/embeddings/feature-extraction/index.ts';
import type { EmbeddingFormat } from '../../../src/dialects/embeddings/format.ts';
import { geminiEmbeddings } from '../../../src/dialects/embeddings/gemini/index.ts';
import { textInput, tokenInput } from '../../../src/dialects/embeddings/inputs.ts';
import { ollamaEmbeddings } from '../../../src/dialects/embeddings/ollama/index.ts';
import { openaiEmbeddings } from '../../../src/dialects/embeddings/openai/index.ts';
import { fromBase64, toBase64, toNumbers } from '../../../src/dialects/embeddings/vectors.ts';
import { vertexPredictEmbeddings } from '../../../src/dialects/embeddings/vertex-predict/index.ts';
import { dialects } from '../../../src/dialects/index.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

interface Case {
  readonly format: EmbeddingFormat;
  readonly model: string;
  /** Inputs one request holds. */
  readonly inputs: number;
  /** An answer with these vectors. */
  readonly answer: (vectors: readonly (readonly number[])[]) => unknown;
  /** Parameters it expresses, besides its inputs. */
  readonly takes: readonly string[];
}

const openaiAnswer: Case['answer'] = (vectors) => ({
  object: 'list',
  data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  usage: { prompt_tokens: 7, total_tokens: 7 },
});

const cases: readonly (readonly [name: string, it: Case])[] = [
  [
    'openai',
    {
      format: openaiEmbeddings(),
      model: 'text-embedding-3-small',
      inputs: 9,
      answer: openaiAnswer,
      takes: ['dimensions', 'user'],
    },
  ],
  [
    'openai, all parameters',
    {
      format: openaiEmbeddings({ parameters: 'all', base64: false }),
      model: 'any',
      inputs: 9,
      answer: openaiAnswer,
      takes: ['dimensions', 'user', 'input_type', 'truncate', 'something_else'],
    },
  ],
  [
    'openai as Mistral speaks it',
    {
      format: openaiEmbeddings({
        parameters: ['dimensions'],
        dimensionsField: 'output_dimension',
        shortened: /^codestral/,
        base64: false,
        tokenIds: false,
      }),
      model: 'mistral-embed',
      inputs: 9,
      answer: openaiAnswer,
      takes: [],
    },
  ],
  [
    'gemini',
    {
      format: geminiEmbeddings(),
      model: 'gemini-embedding-001',
      inputs: 9,
      answer: (vectors) => ({ embeddings: vectors.map((values) => ({ values })) }),
      takes: ['dimensions', 'input_type'],
    },
  ],
  [
    'gemini on Vertex AI',
    {
      format: geminiEmbeddings('embedContent'),
      model: 'gemini-embedding-2',
      inputs: 1,
      answer: ([values]) => ({ embedding: { values } }),
      takes: ['dimensions', 'input_type'],
    },
  ],
  [
    'vertex-predict',
    {
      format: vertexPredictEmbeddings(),
      model: 'text-embedding-004',
      inputs: 9,
      answer: (vectors) => ({ predictions: vectors.map((values) => ({ embeddings: { values } })) }),
      takes: ['dimensions', 'input_type', 'truncate'],
    },
  ],
  [
    'cohere',
    {
      format: cohereEmbeddings(),
      model: 'embed-v4.0',
      inputs: 9,
      answer: (vectors) => ({ embeddings: { float: vectors } }),
      takes: ['dimensions', 'input_type', 'truncate'],
    },
  ],
  [
    'cohere before its fourth version, on Bedrock',
    {
      format: cohereEmbeddings('bedrock'),
      model: 'cohere.embed-english-v3',
      inputs: 9,
      answer: (vectors) => ({ embeddings: vectors }),
      takes: ['input_type', 'truncate'],
    },
  ],
  [
    'ollama',
    {
      format: ollamaEmbeddings(),
      model: 'nomic-embed-text',
      inputs: 9,
      answer: (embeddings) => ({ embeddings }),
      takes: ['dimensions', 'truncate'],
    },
  ],
  [
    'titan',
    {
      format: titanEmbeddings(),
      model: 'amazon.titan-embed-text-v2:0',
      inputs: 1,
      answer: ([embedding]) => ({ embedding, inputTextTokenCount: 3 }),
      takes: ['dimensions'],
    },
  ],
  [
    'titan, first version',
    {
      format: titanEmbeddings(),
      model: 'amazon.titan-embed-text-v1',
      inputs: 1,
      answer: ([embedding]) => ({ embedding }),
      takes: [],
    },
  ],
  [
    'nova',
    {
      format: novaEmbeddings(),
      model: 'amazon.nova-2-multimodal-embeddings-v1:0',
      inputs: 1,
      answer: ([embedding]) => ({ embeddings: [{ embedding, embeddingType: 'TEXT' }] }),
      takes: ['dimensions', 'input_type', 'truncate'],
    },
  ],
  [
    'feature-extraction',
    { format: featureExtraction(), model: 'BAAI/bge-m3', inputs: 9, answer: (vectors) => vectors, takes: ['truncate'] },
  ],
];

const request: EmbeddingRequest = deepFreeze({
  inputs: [textInput('one marvellous text')],
  dimensions: 4,
  purpose: 'query',
  purposeWord: 'search_query',
  truncate: 'end',
  user: 'u-1',
  others: { something_else: true },
});

describe.each(cases)('the embedding format %s', (_, { format, model, inputs, answer, takes }) => {
  it('sends every text, and never changes what it was given', () => {
    const texts = ['alpha', 'beta \u00e9\u{1F600}', 'gamma'].slice(0, inputs);
    const { body } = format.encode(deepFreeze({ inputs: texts.map(textInput) }), { model });
    const sent = JSON.stringify(body);
    for (const text of texts) expect(sent).toContain(text);
    expect(format.encode({ inputs: texts.map(textInput) }, { model }).dropped).toEqual([]);
  });

  it('A14: puts each parameter into the request or reports it', () => {
    const { body, dropped } = format.encode(request, { model });
    const all = ['dimensions', 'input_type', 'truncate', 'user', 'something_else'];
    expect([...dropped].sort()).toEqual(all.filter((name) => !takes.includes(name)).sort());
    const sent = JSON.stringify(body);
    expect(/\b4\b/.test(sent)).toBe(takes.includes('dimensions'));
    expect(sent.includes('u-1')).toBe(takes.includes('user'));
  });

  it('takes token ids, or says that it does not', () => {
    const encode = () => format.encode({ inputs: [tokenInput([5, 6])] }, { model });
    if (format.name === 'openai' && !model.startsWith('mistral'))
      expect(encode().body).toMatchObject({ input: [[5, 6]] });
    else
      expect(encode).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'input', status: 400 }));
  });

  it('refuses what only a provider of another format has', () => {
    const nativeOnly = { param: 'embedding_types', message: 'The model gives floats, not int8.' };
    expect(() => format.encode({ inputs: [textInput('a')], nativeOnly }, { model })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'embedding_types' }),
    );
  });

  it('reads the vectors of an answer in order', () => {
    const vectors = [
      [0.5, -0.25, 1],
      [1e-7, 2, 3],
    ].slice(0, inputs);
    const decoded = format.decode(JSON.parse(JSON.stringify(answer(vectors))), { inputs: [] });
    if ('fault' in decoded) throw new Error('a fault');
    expect(decoded.answer.vectors.map(toNumbers)).toEqual(vectors);
  });

  it.each([
    ['nothing', null],
    ['a text', 'hello'],
    ['an empty object', {}],
    ['a vector of texts', undefined],
  ])('takes %s for no answer', (_name, given) => {
    const body = given === undefined ? answer([['a'] as unknown as number[]]) : given;
    expect(() => format.decode(JSON.parse(JSON.stringify(body)), { inputs: [] })).toThrow(
      expect.objectContaining({ code: 'upstream_invalid_response' }),
    );
  });
});

describe('embeddings for callers', () => {
  it('are known in dialects that callers speak', () => {
    expect(Object.keys(embeddingCallers).filter((name) => !(name in dialects))).toEqual([]);
  });

  const asked = {
    'openai-chat': { model: 'm', input: ['a', 'b'] },
    gemini: { requests: ['a', 'b'].map((text) => ({ model: 'models/m', content: { parts: [{ text }] } })) },
    'cohere-chat': { model: 'm', texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'] },
    'ollama-chat': { model: 'm', input: ['a', 'b'] },
  } as const;
  const formats = {
    'openai-chat': openaiEmbeddings(),
    gemini: geminiEmbeddings(),
    'cohere-chat': cohereEmbeddings(),
    'ollama-chat': ollamaEmbeddings(),
  } as const;

  it.each(['openai-chat', 'gemini', 'cohere-chat', 'ollama-chat'] as const)(
    '%s: what is written is what a provider of the format would have written',
    (name) => {
      const vectors = [
        [0.5, -0.25],
        [0.125, 3],
      ];
      const reply = { model: 'm', id: 'id', asked: asked[name] };
      const body = embeddingCallers[name]?.encode({ vectors, usage: { inputTokens: 7, outputTokens: 0 } }, reply) ?? {};
      expect(formats[name].decode(body, { inputs: [] })).toEqual({
        answer: { vectors, usage: { inputTokens: 7, outputTokens: 0 } },
      });
      expect(formats[name].passThrough?.answer(body, asked[name])).toMatchObject({ vectors: 2, asAsked: true });
    },
  );

  it.each([
    ['openai-chat', { model: 'm' }, 'input'],
    ['openai-chat', { model: 'm', input: [] }, 'input'],
    ['openai-chat', { model: 'm', input: ['a', ''] }, 'input'],
    ['openai-chat', { model: 'm', input: [1, 'a'] }, 'input'],
    ['openai-chat', { model: 'm', input: [[1, -2]] }, 'input'],
    ['openai-chat', { model: 'm', input: 'a', dimensions: 1.5 }, 'dimensions'],
    ['openai-chat', { model: 'm', input: 'a', encoding_format: 'int8' }, 'encoding_format'],
    ['openai-chat', { model: 'm', input: 'a', user: 7 }, 'user'],
    ['gemini', { content: { parts: [] } }, 'content'],
    ['gemini', { requests: [] }, 'requests'],
    ['cohere-chat', { model: 'm', texts: ['a'] }, 'input_type'],
    ['cohere-chat', { model: 'm', texts: [], input_type: 'search_query' }, 'texts'],
    ['cohere-chat', { model: 'm', images: ['https://example.com/a.png'], input_type: 'image' }, 'images'],
    ['ollama-chat', { model: 'm' }, 'input'],
    ['ollama-chat', { model: 'm', input: [] }, 'input'],
  ] as const)('%s: refuses %j and names the parameter', (name, body, param) => {
    expect(() => embeddingCallers[name]?.decode(body, {})).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, status: 400 }),
    );
  });

  it.each([
    ['END', 'END', undefined],
    [true, undefined, true],
  ])('openai-chat: a truncation of %j is understood, or left to who knows it', (truncate, understood, left) => {
    const request = embeddingCallers['openai-chat']?.decode({ model: 'm', input: 'a', truncate }, {});
    expect([request?.truncate?.toUpperCase(), request?.others?.truncate]).toEqual([understood, left]);
    const everything = openaiEmbeddings({ parameters: 'all' });
    expect(request && everything.encode(request, { model: 'm' }).body.truncate).toBe(truncate);
  });

  it('A8: base64 holds the same numbers as a list of floats, for any vector of 32-bit floats', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true }), (vector) => {
        expect(Array.from(fromBase64(toBase64(vector)))).toEqual(Array.from(vector));
      }),
      { seed: 7 },
    );
  });

  it.each(['AAA=', '', '!!!!', 'AACAfw=='])('reads no vector from the base64 %j', (text) => {
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });
});
