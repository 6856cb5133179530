import { describe, expect, it } from '@jest/globals';
import { requirePackage } from '../../src/providers/optional-package.ts';
import type { ProvidersOptions } from '../../src/providers/options.ts';
import type { ProviderInstance } from '../../src/providers/provider.ts';
import { createModelResolver } from '../../src/providers/resolve-model.ts';
import { resolveProviders } from '../../src/providers/resolve-providers.ts';
import { surfaceFor } from '../../src/providers/surface.ts';
import { instancesFrom, instancesOf, refusal } from './support.ts';

/** The URL a chat request goes to. */
function urlOf(instance: ProviderInstance | undefined, model: string, stream = false): string {
  if (instance === undefined) throw new Error('There is no such instance.');
  const surface = surfaceFor(instance, model, 'openai-chat');
  return `${instance.origin}${instance.basePath}${surface?.chatPath(model, stream)}`;
}

function only(options: ProvidersOptions): ProviderInstance | undefined {
  return [...instancesOf(options).values()][0];
}

const aws = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'canary' };
const account = { client_email: 'robot@my-project.example', private_key: 'canary', project_id: 'account-project' };

describe('Azure OpenAI', () => {
  it.each<[string, ProvidersOptions, string]>([
    [
      'a resource',
      { azure: { resource: 'res', apiKey: 'k' } },
      'https://res.openai.azure.com/openai/v1/chat/completions',
    ],
    [
      'a dated version',
      { azure: { resource: 'res', apiKey: 'k', apiVersion: '2024-10-21' } },
      'https://res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    ],
    [
      'a deployment of another name',
      { azure: { resource: 'res', apiKey: 'k', apiVersion: '2025-01-01-preview', deployments: { 'gpt-4o': 'mine' } } },
      'https://res.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-01-01-preview',
    ],
    [
      'previews',
      { azure: { resource: 'res', apiKey: 'k', apiVersion: 'preview' } },
      'https://res.openai.azure.com/openai/v1/chat/completions?api-version=preview',
    ],
    [
      'the SDK\u0027s base URL',
      { azure: { baseUrl: 'https://res.openai.azure.com/openai/', apiKey: 'k', apiVersion: '2024-10-21' } },
      'https://res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    ],
    [
      'the base URL of the v1 API',
      { azure: { baseUrl: 'https://res.openai.azure.com/openai/v1/', apiKey: 'k' } },
      'https://res.openai.azure.com/openai/v1/chat/completions',
    ],
    [
      'a path of a proxy in front',
      { azure: { baseUrl: 'https://apim.example.com/team', apiKey: 'k' } },
      'https://apim.example.com/team/openai/v1/chat/completions',
    ],
    [
      'Foundry\u0027s inference API',
      { azure: { baseUrl: 'https://res.services.ai.azure.com/models', apiKey: 'k' } },
      'https://res.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview',
    ],
  ])('is reached with %s', (_name, options, url) => {
    expect(urlOf(only(options), 'gpt-4o')).toBe(url);
  });

  it('reaches Claude under its own path', () => {
    const instance = only({ azure: { baseUrl: 'https://res.services.ai.azure.com', apiKey: 'k' } });
    expect(urlOf(instance, 'claude-sonnet-4-5')).toBe('https://res.services.ai.azure.com/anthropic/v1/messages');
    expect(instance?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
  });

  it('offers responses to who speaks them, but for the classic API', () => {
    const v1 = only({ azure: { resource: 'res', apiKey: 'k' } });
    if (v1 === undefined) throw new Error();
    expect(surfaceFor(v1, 'gpt-4o', 'openai-responses')?.chatPath('gpt-4o', true)).toBe('/openai/v1/responses');
    const classic = only({ azure: { resource: 'res', apiKey: 'k', apiVersion: '2024-10-21' } });
    if (classic === undefined) throw new Error();
    expect(surfaceFor(classic, 'gpt-4o', 'openai-responses')?.dialect.name).toBe('openai-chat');
  });

  it('is configured by the environment alone', () => {
    const instance = instancesFrom({
      AZURE_OPENAI_API_KEY: 'k1,k2',
      AZURE_OPENAI_ENDPOINT: 'https://res.openai.azure.com/',
      OPENAI_API_VERSION: '2024-10-21',
      AZURE_OPENAI_DEPLOYMENTS: 'gpt-4o=mine, o3=other',
    }).get('azure');
    expect(instance).toMatchObject({ apiKeys: ['k1', 'k2'], models: ['gpt-4o', 'o3'] });
    expect(urlOf(instance, 'o3')).toBe(
      'https://res.openai.azure.com/openai/deployments/other/chat/completions?api-version=2024-10-21',
    );
  });

  it('takes a fixed token of Entra ID in place of a key', async () => {
    const instance = instancesFrom({
      AZURE_OPENAI_AD_TOKEN: 'token',
      AZURE_OPENAI_BASE_URL: 'https://res.openai.azure.com/openai',
    }).get('azure');
    expect(instance?.apiKeys).toEqual([]);
    const asked = { method: 'POST', origin: '', path: '', headers: [], body: '', wallTime: 0 } as const;
    expect(await instance?.authorizer?.authorize(asked)).toEqual({ authorization: 'Bearer token' });
  });

  it('prefers a token source in code to a key in the environment', () => {
    const environment = { AZURE_OPENAI_API_KEY: 'k' };
    const options = { azure: { resource: 'res', accessToken: () => 'token' } };
    const instance = resolveProviders(options, environment).get('azure');
    expect(instance?.apiKeys).toEqual([]);
    expect(instance?.authorizer).toBeDefined();
  });

  it('serves the models of its deployments by their bare names', () => {
    const resolve = createModelResolver(
      instancesOf({
        openai: { apiKey: 'k' },
        azure: { resource: 'res', apiKey: 'k', deployments: { 'gpt-4o': 'mine' } },
      }),
    );
    expect(resolve('gpt-4o')).toMatchObject({ targets: [{ id: 'azure/gpt-4o' }] });
    expect(resolve('azure/mine')).toMatchObject({ targets: [{ id: 'azure/mine' }] });
    expect(resolve('gpt-4o-mini')).toMatchObject({ targets: [{ id: 'openai/gpt-4o-mini' }] });
  });
});

describe('AWS Bedrock', () => {
  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', false, 'anthropic.claude-3-haiku-20240307-v1%3A0/converse'],
    ['eu.amazon.nova-lite-v1:0', true, 'eu.amazon.nova-lite-v1%3A0/converse-stream'],
    [
      'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0',
      false,
      'arn%3Aaws%3Abedrock%3Aeu-west-1%3A111122223333%3Ainference-profile%2Feu.amazon.nova-lite-v1%3A0/converse',
    ],
  ])('is reached by region, and %s is one segment of the path', (model, stream, path) => {
    const instance = only({ bedrock: { region: 'eu-west-1', apiKey: 'k' } });
    expect(urlOf(instance, model, stream)).toBe(`https://bedrock-runtime.eu-west-1.amazonaws.com/model/${path}`);
  });

  it.each([
    ['cn-north-1', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'https://bedrock-runtime.us-gov-west-1.amazonaws.com'],
  ])('has an address of its own in %s', (region, origin) => {
    expect(only({ bedrock: { region, apiKey: 'k' } })).toMatchObject({ origin, basePath: '' });
  });

  it.each([
    'anthropic.claude-3-haiku-20240307-v1:0',
    'amazon.titan-text-express-v1',
    'amazon.nova-pro-v1:0',
    'meta.llama3-1-70b-instruct-v1:0',
    'us.anthropic.claude-sonnet-4-20250514-v1:0',
    'global.anthropic.claude-opus-4-5-20251101-v1:0',
    'arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0',
  ])('serves the bare name %s', (model) => {
    const resolve = createModelResolver(
      instancesOf({ anthropic: { apiKey: 'k' }, bedrock: { region: 'us-east-1', apiKey: 'k' } }),
    );
    expect(resolve(model)).toMatchObject({ kind: 'found', targets: [{ id: `bedrock/${model}` }] });
  });

  it('takes an API key as it is, and signs with everything else', () => {
    const key = instancesFrom({ AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_REGION: 'eu-west-1' }).get('bedrock');
    expect(key?.apiKeys).toEqual(['k']);
    expect(key?.authorizer).toBeUndefined();
    const signed = instancesFrom({
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_DEFAULT_REGION: 'eu-west-1',
    }).get('bedrock');
    expect(signed?.apiKeys).toEqual([]);
    expect(signed?.authorizer).toBeDefined();
  });

  it('is not added by variables that machines have for other reasons', () => {
    expect(instancesFrom({ AWS_REGION: 'eu-west-1' }).size).toBe(0);
    expect(instancesFrom({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }).size).toBe(0);
    const named = instancesFrom({ AWS_REGION: 'eu-west-1', GATEWAY_PROVIDERS: 'aws-bedrock' }).get('bedrock');
    expect(named?.authorizer).toBeDefined();
  });

  it('knows the machine under any name, but no key of another entry', async () => {
    const machine = {
      AWS_BEARER_TOKEN_BEDROCK: 'canary',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_REGION: 'eu-west-1',
    };
    const instance = resolveProviders({ paris: { type: 'bedrock', region: 'eu-west-3' } }, machine).get('paris');
    expect(instance).toMatchObject({ origin: 'https://bedrock-runtime.eu-west-3.amazonaws.com', apiKeys: [] });
    const asked = { method: 'POST', origin: 'https://h', path: '/', headers: [], body: '', wallTime: 0 } as const;
    const { authorization } = (await instance?.authorizer?.authorize(asked)) ?? {};
    expect(authorization).toContain('Credential=AKIDEXAMPLE/19700101/eu-west-3/bedrock/aws4_request');
  });
});

describe('Vertex AI', () => {
  const vertex = { project: 'my-project', accessToken: () => 'token' };

  it.each([
    [undefined, 'https://aiplatform.googleapis.com/v1/projects/my-project/locations/global'],
    ['us', 'https://aiplatform.us.rep.googleapis.com/v1/projects/my-project/locations/us'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com/v1/projects/my-project/locations/eu'],
    ['europe-west1', 'https://europe-west1-aiplatform.googleapis.com/v1/projects/my-project/locations/europe-west1'],
  ])('is reached by its location: %s', (location, base) => {
    const instance = only({ vertex: { ...vertex, ...(location !== undefined && { location }) } });
    expect(urlOf(instance, 'gemini-2.5-pro')).toBe(`${base}/publishers/google/models/gemini-2.5-pro:generateContent`);
    expect(urlOf(instance, 'gemini-2.5-pro', true)).toBe(
      `${base}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    );
    expect(urlOf(instance, 'claude-opus-4-1@20250805')).toBe(
      `${base}/publishers/anthropic/models/claude-opus-4-1%4020250805:rawPredict`,
    );
    expect(urlOf(instance, 'claude-opus-4-1@20250805', true)).toBe(
      `${base}/publishers/anthropic/models/claude-opus-4-1%4020250805:streamRawPredict`,
    );
  });

  it('takes a base URL with or without its version', () => {
    for (const baseUrl of ['https://psc.example.com', 'https://psc.example.com/v1/']) {
      expect(only({ vertex: { ...vertex, baseUrl } })).toMatchObject({
        origin: 'https://psc.example.com',
        basePath: '/v1/projects/my-project/locations/global',
      });
    }
  });

  it('finds the project in its own variable, the service account, or on the machine', () => {
    const machine = { GOOGLE_CLOUD_PROJECT: 'machine-project', GOOGLE_CLOUD_LOCATION: 'us-east5' };
    const found = (options: ProvidersOptions, environment: Record<string, string>): string | undefined =>
      resolveProviders(options, environment).get('vertex')?.basePath;
    const source = { vertex: { accessToken: () => 'token' } };
    expect(found(source, machine)).toBe('/v1/projects/machine-project/locations/us-east5');
    expect(found(source, { ...machine, VERTEX_PROJECT: 'own-project', VERTEX_LOCATION: 'eu' })).toBe(
      '/v1/projects/own-project/locations/eu',
    );
    expect(found({ vertex: { credentials: account } }, machine)).toBe(
      '/v1/projects/account-project/locations/us-east5',
    );
    expect(found({ vertex: { credentials: JSON.stringify(account) } }, {})).toBe(
      '/v1/projects/account-project/locations/global',
    );
  });

  it('is configured by the environment alone', () => {
    const instance = instancesFrom({ VERTEX_ACCESS_TOKEN: 'token', VERTEX_PROJECT: 'my-project' }).get('vertex');
    expect(instance).toMatchObject({ apiKeys: ['token'] });
    expect(instancesFrom({ GOOGLE_CLOUD_PROJECT: 'my-project' }).size).toBe(0);
    const wanted = { GOOGLE_CLOUD_PROJECT: 'my-project', GOOGLE_GENAI_USE_VERTEXAI: 'True' };
    expect(instancesFrom(wanted).get('vertex')?.authorizer).toBeDefined();
    const named = { GOOGLE_CLOUD_PROJECT: 'my-project', GATEWAY_PROVIDERS: 'vertex-ai' };
    expect(instancesFrom(named).get('vertex')?.authorizer).toBeDefined();
  });
});

describe('what is refused of cloud providers, with the fix', () => {
  it.each<[string, ProvidersOptions, string]>([
    [
      'a misspelt option',
      { bedrock: { regoin: 'eu-west-1' } as object },
      'unknown option "regoin" (did you mean "region"?)',
    ],
    ['an option of another provider', { openai: { apiKey: 'k', region: 'eu-west-1' } }, 'unknown option "region"'],
    ['no region', { bedrock: { ...aws } }, 'providers.bedrock has no region. Set AWS_REGION, or the option "region"'],
    ['a region that is none', { bedrock: { ...aws, region: 'evil.example/' } }, '"region" must be a region such as'],
    [
      'half an access key',
      { bedrock: { region: 'eu-west-1', accessKeyId: 'a' } },
      'accessKeyId is given, but providers.bedrock.secretAccessKey is not',
    ],
    [
      'a secret without its id',
      { bedrock: { region: 'eu-west-1', secretAccessKey: 'canary' } },
      'secretAccessKey is given, but providers.bedrock.accessKeyId is not',
    ],
    [
      'a session without credentials',
      { bedrock: { region: 'eu-west-1', sessionToken: 'canary' } },
      'sessionToken is given, but',
    ],
    [
      'a secret with a line break',
      { bedrock: { ...aws, region: 'eu-west-1', secretAccessKey: 'canary\n' } },
      'has a space, a line break',
    ],
    [
      'two identities',
      { bedrock: { ...aws, region: 'eu-west-1', profile: 'p' } },
      '"accessKeyId" and "profile" are both given',
    ],
    [
      'a key and an identity',
      { bedrock: { ...aws, region: 'eu-west-1', apiKey: 'canary' } },
      'providers.bedrock.apiKey and "accessKeyId" are both given',
    ],
    [
      'no address',
      { azure: { apiKey: 'canary' } },
      'providers.azure has no address. Set AZURE_OPENAI_ENDPOINT, or the option "resource" or "baseUrl"',
    ],
    ['no key', { azure: { resource: 'res' } }, 'providers.azure has no API key. Set AZURE_OPENAI_API_KEY'],
    [
      'two addresses',
      { azure: { resource: 'res', baseUrl: 'https://x', apiKey: 'canary' } },
      'providers.azure.baseUrl and "resource" are both given',
    ],
    [
      'a resource that is a host',
      { azure: { resource: 'evil.example/x', apiKey: 'canary' } },
      '"resource" must be the name of a resource',
    ],
    [
      'a version that is none',
      { azure: { resource: 'res', apiKey: 'canary', apiVersion: '2024' } },
      '"apiVersion" must be "v1", "preview" or a date',
    ],
    [
      'a deployment that is no name',
      { azure: { resource: 'res', apiKey: 'canary', deployments: { a: 'b c' } } },
      'deployments holds a name that',
    ],
    [
      'a key and a token',
      { azure: { resource: 'res', apiKey: 'canary', accessToken: () => 'x' } },
      'providers.azure.apiKey and "accessToken" are both given',
    ],
    [
      'a token that is no function',
      { azure: { resource: 'res', accessToken: 'canary' } as object },
      '"accessToken" must be a function',
    ],
    [
      'no project',
      { vertex: { accessToken: () => 'x' } },
      'providers.vertex has no project. Set VERTEX_PROJECT, or the option "project"',
    ],
    [
      'a project that is a path',
      { vertex: { project: '../x', accessToken: () => 'x' } },
      'project must be the id of a project',
    ],
    [
      'a location that is a host',
      { vertex: { project: 'ppp', location: 'x.evil', accessToken: () => 'x' } },
      'location must be a region',
    ],
    [
      'credentials of another kind',
      { vertex: { project: 'ppp', credentials: { type: 'authorized_user', refresh_token: 'canary' } } },
      'credentials must be the JSON of a service account',
    ],
    [
      'two identities of Google',
      { vertex: { project: 'ppp', credentials: account, accessToken: () => 'x' } },
      '"accessToken" and "credentials" are both given',
    ],
    [
      'a fixed header in the credential\u0027s place',
      { vertex: { project: 'ppp', accessToken: () => 'x', headers: { Authorization: 'x' } } },
      'headers.Authorization carries the API key',
    ],
  ])('%s', (_name, options, message) => {
    const refused = refusal(() => instancesOf(options));
    expect(refused).toContain(message);
    expect(refused).not.toContain('canary');
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'a key without its endpoint',
      { AZURE_OPENAI_API_KEY: 'canary' },
      'azure has no address. Set AZURE_OPENAI_ENDPOINT',
    ],
    [
      'an endpoint without a key',
      { AZURE_OPENAI_ENDPOINT: 'https://x' },
      'azure has no API key. Set AZURE_OPENAI_API_KEY',
    ],
    [
      'a version that is none',
      { AZURE_OPENAI_ENDPOINT: 'https://x', AZURE_OPENAI_API_KEY: 'canary', OPENAI_API_VERSION: 'x' },
      'OPENAI_API_VERSION must be',
    ],
    [
      'a list of deployments that is none',
      { AZURE_OPENAI_ENDPOINT: 'https://x', AZURE_OPENAI_API_KEY: 'canary', AZURE_OPENAI_DEPLOYMENTS: 'a' },
      'AZURE_OPENAI_DEPLOYMENTS is written as',
    ],
    [
      'a model listed twice',
      { AZURE_OPENAI_ENDPOINT: 'https://x', AZURE_OPENAI_API_KEY: 'canary', AZURE_OPENAI_DEPLOYMENTS: 'a=b,a=c' },
      'AZURE_OPENAI_DEPLOYMENTS names a model twice',
    ],
    [
      'a token with a line break in it',
      { AZURE_OPENAI_ENDPOINT: 'https://x', AZURE_OPENAI_AD_TOKEN: 'can\nary' },
      'AZURE_OPENAI_AD_TOKEN has a space, a line break',
    ],
    ['a Bedrock key without a region', { AWS_BEARER_TOKEN_BEDROCK: 'canary' }, 'bedrock has no region. Set AWS_REGION'],
    ['a region that is none', { AWS_BEARER_TOKEN_BEDROCK: 'canary', AWS_REGION: 'x/y' }, 'AWS_REGION must be a region'],
    [
      'half an access key',
      { GATEWAY_PROVIDERS: 'bedrock', AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a' },
      'AWS_ACCESS_KEY_ID is given, but AWS_SECRET_ACCESS_KEY is not',
    ],
    ['a token without a project', { VERTEX_ACCESS_TOKEN: 'canary' }, 'vertex has no project. Set VERTEX_PROJECT'],
  ])('in the environment: %s', (_name, environment, message) => {
    const refused = refusal(() => instancesFrom(environment));
    expect(refused).toContain(message);
    expect(refused).not.toContain('canary');
  });

  it('a missing optional package, at the start and by its name', () => {
    const missing = { name: '@example/not-installed', purpose: 'takes credentials from the chain', instead: 'set X' };
    expect(refusal(() => requirePackage('providers.bedrock', missing))).toBe(
      'providers.bedrock takes credentials from the chain, which needs the package "@example/not-installed". Install it (npm install @example/not-installed), or set X.',
    );
    expect(() => requirePackage('here', { ...missing, name: 'google-auth-library' })).not.toThrow();
  });
});
