import { describe, expect, it } from '@jest/globals';
import type { FaultKind } from '../../src/dialects/canonical.ts';
import { embeddingEndpoint, endpointPath, imageEndpoint } from '../../src/providers/endpoint.ts';
import type { ProviderInstance } from '../../src/providers/provider.ts';
import { surfaceFor } from '../../src/providers/surface.ts';
import { instancesOf } from './support.ts';

function vertex(): ProviderInstance {
  const instance = instancesOf({ vertex: { project: 'my-project', apiKey: 'token' } }).get('vertex');
  if (instance === undefined) throw new Error('There is no instance.');
  return instance;
}

const models = ['gemini-2.5-flash', 'claude-sonnet-4-5@20250929'];

describe('Vertex AI', () => {
  it.each(models)('speaks the dialect of the model to every caller: %s', (model) => {
    const own = model.startsWith('claude') ? 'anthropic-messages' : 'gemini';
    for (const caller of ['openai-chat', 'anthropic-messages', 'gemini'] as const) {
      expect(surfaceFor(vertex(), model, caller)?.dialect.name).toBe(own);
    }
  });

  /** Google's front answers for all models alike: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/api-errors */
  const refusals: readonly (readonly [status: number, word: string, message: string, kind: FaultKind])[] = [
    [400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.', 'invalid_request'],
    [401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.', 'auth'],
    [403, 'PERMISSION_DENIED', "Permission 'aiplatform.endpoints.predict' denied on resource.", 'auth'],
    [
      404,
      'NOT_FOUND',
      'Publisher Model `x` was not found or your project does not have access to it.',
      'model_not_found',
    ],
    [429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for online prediction requests per minute.', 'rate_limit'],
    [500, 'INTERNAL', 'Internal error encountered.', 'server_error'],
    [503, 'UNAVAILABLE', 'The service is currently unavailable.', 'server_error'],
  ];

  for (const model of models) {
    it.each(refusals)(`is understood when it refuses ${model} with %d %s`, (code, status, message, kind) => {
      const dialect = surfaceFor(vertex(), model, 'openai-chat')?.dialect;
      const body = { error: { code, message, status } };
      for (const sent of [body, [body]]) {
        const fault = dialect?.error.decode(code, () => undefined, Buffer.from(JSON.stringify(sent)));
        expect(fault).toMatchObject({ kind, status: code });
        expect(fault?.message).toContain(message.slice(0, 10));
      }
    });
  }

  it('gives embeddings by :predict, from the newer models one at a time', () => {
    const instance = vertex();
    const base = '/v1/projects/my-project/locations/global/publishers/google/models';
    for (const [model, inputs] of [
      ['gemini-embedding-001', 1],
      ['text-embedding-005', 250],
    ] as const) {
      const endpoint = embeddingEndpoint(instance, model);
      if (endpoint === undefined) throw new Error('There is no endpoint.');
      expect(endpointPath(instance, endpoint, model)).toBe(`${base}/${model}:predict`);
      expect(endpoint.limits?.inputs).toBe(inputs);
    }
  });

  it('makes pictures', () => {
    const instance = vertex();
    const endpoint = imageEndpoint(instance, 'imagen-4.0-generate-001');
    if (endpoint === undefined) throw new Error('There is no endpoint.');
    expect(endpointPath(instance, endpoint, 'imagen-4.0-generate-001')).toBe(
      '/v1/projects/my-project/locations/global/publishers/google/models/imagen-4.0-generate-001:predict',
    );
  });
});
