import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { openaiChat } from '../../src/dialects/openai-chat/index.ts';
import type { AzureOptions } from '../../src/providers/azure-options.ts';
import { embeddingEndpoint, endpointPath, imageEndpoint } from '../../src/providers/endpoint.ts';
import type { ProviderInstance } from '../../src/providers/provider.ts';
import { surfaceFor } from '../../src/providers/surface.ts';
import { instancesOf } from './support.ts';

const deployments = {
  'gpt-4o': 'mine',
  o3: 'thinker',
  'claude-sonnet-4-5': 'claude-here',
  'text-embedding-3-small': 'vectors',
};

function azure(options: AzureOptions = {}): ProviderInstance {
  const instance = instancesOf({ azure: { resource: 'res', apiKey: 'k', deployments, ...options } }).get('azure');
  if (instance === undefined) throw new Error('There is no instance.');
  return instance;
}

function dialectFor(instance: ProviderInstance, model: string) {
  const surface = surfaceFor(instance, model, 'openai-chat');
  if (surface === undefined) throw new Error('There is no surface.');
  return surface.dialect;
}

const messages = [{ role: 'user', content: 'Hi' }];

/** An OpenAI request as Azure gets it, without its messages. */
function sent(model: string, fields: JsonObject, options: AzureOptions = {}) {
  const request = openaiChat().request.decode({ model, messages, ...fields }, {});
  const { body, dropped } = dialectFor(azure(options), model).request.encode(request, { model });
  const { messages: _, ...rest } = body;
  return { ...rest, dropped };
}

describe('a request to Azure', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['gpt-4o', { max_tokens: 5 }, { model: 'mine', max_completion_tokens: 5, dropped: [] }],
    ['mine', { max_tokens: 5 }, { model: 'mine', max_completion_tokens: 5, dropped: [] }],
    ['o3', { temperature: 0, max_tokens: 5 }, { model: 'thinker', max_completion_tokens: 5, dropped: ['temperature'] }],
    ['thinker', { temperature: 0 }, { model: 'thinker', dropped: ['temperature'] }],
    [
      'unknown',
      { temperature: 0, max_tokens: 5 },
      { model: 'unknown', temperature: 0, max_completion_tokens: 5, dropped: [] },
    ],
    [
      'unknown',
      { web_search_options: {}, data_sources: [] },
      { model: 'unknown', data_sources: [], dropped: ['web_search_options'] },
    ],
  ])('for %s with %j is written for the model and addressed to the deployment', (model, fields, expected) => {
    expect(sent(model, fields)).toEqual(expected);
  });

  it('has the older word for the limit where the API knows no other', () => {
    const old = { apiVersion: '2024-06-01' };
    expect(sent('unknown', { max_completion_tokens: 5 }, old)).toEqual({
      model: 'unknown',
      max_tokens: 5,
      dropped: [],
    });
    expect(sent('unknown', { max_tokens: 5 }, { apiVersion: '2024-10-21' })).toEqual({
      model: 'unknown',
      max_completion_tokens: 5,
      dropped: [],
    });
  });

  it('goes through as it is, but for its model and what the model wants otherwise', () => {
    const { request } = dialectFor(azure(), 'gpt-4o');
    const body = { model: 'gpt-4o', messages, temperature: 0 };
    expect(request.passThrough({ ...body, max_tokens: 5 }, { model: 'gpt-4o' })).toEqual([['model', '"mine"']]);
    expect(request.passThrough({ ...body, model: 'o3' }, { model: 'o3' })).toBeUndefined();
    expect(request.passThrough({ model: 'x', messages, max_tokens: 5 }, { model: 'thinker' })).toEqual([
      ['max_tokens', undefined],
      ['max_completion_tokens', '5'],
      ['model', '"thinker"'],
    ]);
  });

  it('is no other for Claude', () => {
    const dialect = dialectFor(azure(), 'claude-sonnet-4-5');
    expect(dialect.name).toBe('anthropic-messages');
    const body = { model: 'claude-sonnet-4-5', max_tokens: 5, messages };
    expect(dialect.request.passThrough(body, { model: 'claude-sonnet-4-5' })).toEqual([['model', '"claude-here"']]);
  });
});

describe('Azure\u0027s embeddings and pictures', () => {
  it.each<[AzureOptions, string, string]>([
    [{}, '/openai/v1/embeddings', '/openai/v1/images/generations'],
    [
      { apiVersion: '2024-10-21' },
      '/openai/deployments/vectors/embeddings?api-version=2024-10-21',
      '/openai/deployments/gpt-image-1/images/generations?api-version=2024-10-21',
    ],
  ])('with %j have paths of their own', (options, embeddings, images) => {
    const instance = azure(options);
    const endpoint = embeddingEndpoint(instance, 'text-embedding-3-small');
    const drawing = imageEndpoint(instance, 'gpt-image-1');
    if (endpoint === undefined || drawing === undefined) throw new Error('There is no endpoint.');
    expect(endpointPath(instance, endpoint, 'text-embedding-3-small')).toBe(embeddings);
    expect(endpointPath(instance, drawing, 'gpt-image-1')).toBe(images);
    const asked = { inputs: [{ parts: [{ type: 'text' as const, text: 'a' }] }] };
    expect(endpoint.format.encode(asked, { model: 'text-embedding-3-small' }).body).toMatchObject({ model: 'vectors' });
    expect(
      endpoint.format.passThrough?.request({ model: 'x', input: 'a' }, { model: 'text-embedding-3-small' }),
    ).toContainEqual(['model', '"vectors"']);
    expect(drawing.format.passThrough?.({ model: 'x', prompt: 'a' }, { model: 'gpt-image-1' })).toContainEqual([
      'model',
      '"gpt-image-1"',
    ]);
  });

  it('makes no pictures through Foundry\u0027s inference API', () => {
    const instance = instancesOf({ azure: { baseUrl: 'https://res.services.ai.azure.com/models', apiKey: 'k' } }).get(
      'azure',
    );
    if (instance === undefined) throw new Error('There is no instance.');
    expect(imageEndpoint(instance, 'gpt-image-1')).toBeUndefined();
    const endpoint = embeddingEndpoint(instance, 'embed-v-4-0');
    expect(endpoint?.path('embed-v-4-0')).toBe('/models/embeddings?api-version=2024-05-01-preview');
  });
});
