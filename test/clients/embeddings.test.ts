import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { OpenAIEmbeddings } from '@langchain/openai';
import { embed, embedMany, generateImage } from 'ai';
import { CohereClientV2 } from 'cohere-ai';
import { Ollama } from 'ollama';
import OpenAI, { BadRequestError } from 'openai';
import { endpointProviders } from '../support/endpoint-providers.ts';
import { type FailoverApp, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;
let openai: OpenAI;

beforeAll(async () => {
  app = await startFailoverApp({ providers: endpointProviders });
  openai = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: 'caller-key', maxRetries: 0 });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const models = [
  'openai/text-embedding-3-small',
  'azure/text-embedding-3-small',
  'gemini/gemini-embedding-001',
  'mistral/codestral-embed',
  'cohere/embed-v4.0',
  'bedrock/amazon.titan-embed-text-v2:0',
  'ollama/nomic-embed-text',
  'local/bge-m3',
] as const;

/** The vectors of two texts, 8 numbers each, as OpenAI's client reads floats. */
async function expectedVectors(model: string): Promise<readonly (readonly number[])[]> {
  const { data } = await openai.embeddings.create({
    model,
    input: ['one', 'two'],
    dimensions: 8,
    encoding_format: 'float',
  });
  return data.map(({ embedding }) => embedding);
}

function rounded(vectors: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return vectors.map((vector) => vector.map(Math.fround));
}

describe.each(models)('A12: embeddings of %s', (model) => {
  it("by OpenAI's client, which asks for base64 unasked", async () => {
    const { data, usage } = await openai.embeddings.create({ model, input: ['one', 'two'], dimensions: 8 });
    expect(app.wall.calls).toHaveLength(model.startsWith('bedrock') ? 2 : 1);
    expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 8],
      [1, 8],
    ]);
    expect(data.map(({ embedding }) => embedding)).toEqual(rounded(await expectedVectors(model)));
    expect(usage === null || usage.prompt_tokens > 0).toBe(true);
  });

  it('by LangChain', async () => {
    const langchain = new OpenAIEmbeddings({
      model,
      dimensions: 8,
      maxRetries: 0,
      apiKey: 'caller-key',
      configuration: { baseURL: `${app.url}/v1` },
    });
    expect(rounded(await langchain.embedDocuments(['one', 'two']))).toEqual(rounded(await expectedVectors(model)));
    expect(await langchain.embedQuery('one')).toHaveLength(8);
  });

  it('by the AI SDK', async () => {
    const provider = createOpenAI({ baseURL: `${app.url}/v1`, apiKey: 'caller-key' });
    const asked = {
      model: provider.embedding(model),
      maxRetries: 0,
      providerOptions: { openai: { dimensions: 8 } },
    };
    const { embeddings } = await embedMany({ ...asked, values: ['one', 'two'] });
    expect(rounded(embeddings)).toEqual(rounded(await expectedVectors(model)));
    expect((await embed({ ...asked, value: 'two' })).embedding).toHaveLength(8);
  });

  it("by Cohere's client", async () => {
    const cohere = new CohereClientV2({ environment: app.url, token: 'caller-key', maxRetries: 0 });
    const { embeddings } = await cohere.embed({
      model,
      texts: ['one', 'two'],
      inputType: 'search_document',
      embeddingTypes: ['float'],
      outputDimension: 8,
    });
    expect(rounded(embeddings.float ?? [])).toEqual(rounded(await expectedVectors(model)));
  });

  it("by Ollama's client", async () => {
    const ollama = new Ollama({ host: app.url });
    const { embeddings } = await ollama.embed({ model, input: ['one', 'two'], dimensions: 8 });
    expect(rounded(embeddings)).toEqual(rounded(await expectedVectors(model)));
  });

  it("by Google's client", async () => {
    const google = new GoogleGenAI({ apiKey: 'caller-key', httpOptions: { baseUrl: app.url } });
    const { embeddings = [] } = await google.models.embedContent({
      model,
      contents: ['one', 'two'],
      config: { outputDimensionality: 8, taskType: 'RETRIEVAL_DOCUMENT' },
    });
    const expected = rounded(await expectedVectors(model));
    const read = rounded(embeddings.map(({ values = [] }) => values));
    // A caller of Gemini gets Gemini's vectors as they are, which are not stretched to length 1.
    if (!model.startsWith('gemini')) expect(read).toEqual(expected);
    expect(read.map((vector) => vector.length)).toEqual([8, 8]);
  });
});

describe('A12: what goes wrong with embeddings', () => {
  it("is an error of OpenAI's client", async () => {
    const asked = openai.embeddings.create({ model: 'gemini/gemini-embedding-001', input: [[1, 2]] });
    await expect(asked).rejects.toBeInstanceOf(BadRequestError);
    await expect(openai.embeddings.create({ model: 'openai/e503', input: 'a' })).rejects.toMatchObject({ status: 503 });
  });
});

describe.each([
  'openai/gpt-image-1',
  'openai/dall-e-3',
  'gemini/gemini-2.5-flash-image',
  'vertex/imagen-4.0-generate-001',
  'together/black-forest-labs/FLUX.1-schnell',
])('A12: pictures of %s', (model) => {
  it("by OpenAI's client", async () => {
    const { data = [] } = await openai.images.generate({ model, prompt: 'a red square', response_format: 'b64_json' });
    expect(
      Buffer.from(data[0]?.b64_json ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  it('by the AI SDK', async () => {
    const provider = createOpenAI({ baseURL: `${app.url}/v1`, apiKey: 'caller-key' });
    const { image } = await generateImage({ model: provider.image(model), prompt: 'a red square', maxRetries: 0 });
    expect(image.mediaType).toBe('image/png');
  });
});
