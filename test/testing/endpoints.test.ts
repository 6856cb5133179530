import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';

let wall: FakeProvider;
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());

async function post(path: string, body: object): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(wall.url + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, json: await response.json() };
}

const gemini = (method: string) => `/v1beta/models/gemini-embedding-001:${method}`;
const content = { parts: [{ text: 'a' }] };
const bedrock = (model: string) => `/model/${encodeURIComponent(model)}/invoke`;

describe('embeddings and images of the fake provider', () => {
  it.each([
    ['/v1/embeddings', { model: 'm' }, 'input'],
    ['/v1/embeddings', { model: 'm', input: '' }, 'input'],
    ['/v1/embeddings', { model: 'm', input: Array(2049).fill('a') }, '2048'],
    ['/v1/embeddings', { model: 'm', input: 'a', encoding_format: 'int8' }, 'base64'],
    ['/v1/embeddings', { model: 'm', input: 'a', input_type: 'query' }, 'Unrecognized'],
    ['/v1/embeddings', { model: 'text-embedding-ada-002', input: 'a', dimensions: 8 }, 'dimensions'],
    ['/v1/embeddings', { model: 'mistral-embed', input: [[1]] }, 'input'],
    ['/v1/embeddings', { model: 'mistral-embed', input: Array(257).fill('a') }, 'more batches'],
    [gemini('batchEmbedContents'), { requests: [] }, 'empty'],
    [gemini('batchEmbedContents'), { requests: [{ model: 'models/other', content }] }, 'mismatch'],
    [
      gemini('batchEmbedContents'),
      { requests: Array(101).fill({ model: 'models/gemini-embedding-001', content }) },
      'at most 100',
    ],
    [gemini('embedContent'), { content, taskType: 'QUERY' }, 'task_type'],
    [gemini('embedContent'), { content, dimensions: 7 }, 'Unknown name'],
    ['/v2/embed', { model: 'm', texts: ['a'] }, 'input_type'],
    ['/v2/embed', { model: 'm', texts: Array(97).fill('a'), input_type: 'search_query' }, '96'],
    ['/v2/embed', { model: 'm', texts: ['a'], input_type: 'search_query', dimensions: 8 }, 'unknown field'],
    ['/api/embed', { model: 'm', input: [7] }, 'input'],
    [bedrock('amazon.titan-embed-text-v2:0'), { texts: ['a'] }, 'texts'],
    [bedrock('amazon.titan-embed-text-v1'), { inputText: 'a', dimensions: 8 }, 'dimensions'],
    [bedrock('amazon.nova-2-multimodal-embeddings-v1:0'), { inputText: 'a' }, 'taskType'],
    [bedrock('cohere.embed-english-v3'), { model: 'm', texts: ['a'], input_type: 'search_query' }, 'model'],
    ['/hf-inference/models/BAAI/bge-m3/pipeline/feature-extraction', { input: 'a' }, 'input'],
    ['/v1/images/generations', { model: 'gpt-image-1' }, 'prompt'],
    ['/v1/images/generations', { model: 'gpt-image-1', prompt: 'a', response_format: 'b64_json' }, 'Unknown parameter'],
    ['/v1/images/generations', { model: 'gpt-image-1', prompt: 'a', quality: 'hd' }, "Invalid value: 'hd'"],
    ['/v1/images/generations', { model: 'dall-e-2', prompt: 'a', quality: 'standard' }, 'Unknown parameter'],
    ['/v1/images/generations', { model: 'dall-e-3', prompt: 'a', n: 2 }, "'n'"],
    ['/v1/images/generations', { model: 'x/flux', prompt: 'a', size: '1024x1024' }, 'Unknown parameter'],
    [
      '/v1beta/models/imagen-4.0-generate-001:predict',
      { instances: [{ prompt: 'a' }], parameters: { sampleCount: 5 } },
      '4',
    ],
    [
      '/v1beta/models/imagen-4.0-generate-001:predict',
      { instances: [{ prompt: 'a' }], parameters: { n: 1 } },
      'Unknown name',
    ],
  ])('%s refuses %j as the vendor does', async (path, body, words) => {
    const { status, json } = await post(path, body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(json)).toContain(words);
    expect(wall.calls.at(-1)?.refusal?.message).toContain(words);
  });

  it('the same text has the same vector everywhere, and another text another one', async () => {
    const ask = async (input: string) => (await post('/v1/embeddings', { model: 'm', input, dimensions: 4 })).json;
    expect(await ask('a')).toEqual(await ask('a'));
    expect(await ask('a')).not.toEqual(await ask('b'));
    expect((await post('/api/embed', { model: 'm', input: 'a', dimensions: 4 })).json).toMatchObject({
      embeddings: [((await ask('a')) as { data: { embedding: number[] }[] }).data[0]?.embedding],
    });
  });

  it.each(['/v1/embeddings', '/api/embed'])('faults of the model name apply to %s', async (path) => {
    expect((await post(path, { model: 'e503', input: 'a' })).status).toBe(503);
    expect(wall.calls.at(-1)).toMatchObject({ operation: 'embeddings', faults: ['e503'] });
  });

  it('answers with what a script says', async () => {
    wall.script({ status: 207, body: '{"scripted":true}' }, { fault: 'e500' });
    expect(await post('/v1/embeddings', { model: 'm', input: 'a' })).toEqual({ status: 207, json: { scripted: true } });
    expect((await post('/v1/embeddings', { model: 'm', input: 'a' })).status).toBe(500);
    expect((await post('/v1/embeddings', { model: 'm', input: 'a' })).status).toBe(200);
  });
});
