import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import OpenAI, { AzureOpenAI } from 'openai';
import type { ProvidersOptions } from '../../src/index.ts';
import { createProviderTranslate } from '../../src/provider-translate/index.ts';
import { signRequest } from '../../src/providers/aws/sign-request.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { ample } from '../support/ample.ts';
import { listen } from '../support/test-app.ts';
import { type GatewayServer, startGateway } from './support/gateway-app.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function wall(apiKey: string | readonly string[]): Promise<FakeProvider> {
  const provider = await startFakeProvider({ apiKey });
  closing.push(() => provider.close());
  return provider;
}

async function gateway(providers: ProvidersOptions): Promise<GatewayServer> {
  const server = await startGateway({ config: { providers, failover: { retries: 0 } } });
  closing.push(() => server.close());
  return server;
}

function clientOf(server: GatewayServer): OpenAI {
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'caller', maxRetries: 0 });
}

const messages = [{ role: 'user' as const, content: 'Say hello.' }];

/** What OpenAI's own client reads of a whole answer and of a stream. */
async function readBoth(client: OpenAI, model: string): Promise<void> {
  const whole = await client.chat.completions.create({ model, messages });
  expect(whole.choices[0]?.message.content).toMatch(/\S/);
  expect(whole.choices[0]?.finish_reason).toBe('stop');
  let text = '';
  let usage: OpenAI.CompletionUsage | null | undefined;
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  expect(text).toMatch(/\S/);
  expect(usage?.total_tokens).toBeGreaterThan(0);
}

describe('Azure OpenAI behind the gateway', () => {
  it.each([
    ['the v1 API', {}, '/openai/v1/chat/completions', 'mine'],
    [
      'the classic API',
      { apiVersion: '2024-10-21' },
      '/openai/deployments/mine/chat/completions?api-version=2024-10-21',
      'mine',
    ],
  ])('answers OpenAI\u0027s client through %s', async (_name, options, path, sentModel) => {
    const azure = await wall('azure-key-canary');
    const server = await gateway({
      azure: { apiKey: 'azure-key-canary', baseUrl: azure.url, deployments: { 'gpt-4o': 'mine' }, ...options },
    });
    await readBoth(clientOf(server), 'gpt-4o');
    expect(azure.calls.map((call) => [call.path, call.status])).toEqual([
      [path, 200],
      [path, 200],
    ]);
    for (const { headers, json } of azure.calls) {
      expect(headers['api-key']).toBe('azure-key-canary');
      expect(headers.authorization).toBeUndefined();
      expect(json).toMatchObject({ model: sentModel });
    }
  });

  it('answers through Foundry, and with Claude', async () => {
    const azure = await wall('azure-key-canary');
    const server = await gateway({ azure: { apiKey: 'azure-key-canary', baseUrl: `${azure.url}/models` } });
    await readBoth(clientOf(server), 'azure/grok-4');
    await readBoth(clientOf(server), 'azure/claude-sonnet-4-5');
    expect(azure.calls.map(({ path }) => path)).toEqual([
      '/models/chat/completions?api-version=2024-05-01-preview',
      '/models/chat/completions?api-version=2024-05-01-preview',
      '/anthropic/v1/messages',
      '/anthropic/v1/messages',
    ]);
  });

  it.each([
    ['the v1 API', {}, ['/openai/v1/responses', '/openai/v1/embeddings', '/openai/v1/images/generations']],
    [
      'the classic API',
      { apiVersion: '2024-10-21' },
      [
        '/openai/deployments/mine/chat/completions?api-version=2024-10-21',
        '/openai/deployments/vectors/embeddings?api-version=2024-10-21',
        '/openai/deployments/pictures/images/generations?api-version=2024-10-21',
      ],
    ],
  ])('gives responses, embeddings and pictures through %s', async (_name, options, paths) => {
    const azure = await wall('azure-key-canary');
    const deployments = { 'gpt-4o': 'mine', 'text-embedding-3-small': 'vectors', 'gpt-image-1': 'pictures' };
    const server = await gateway({
      azure: { apiKey: 'azure-key-canary', baseUrl: azure.url, deployments, ...options },
    });
    const client = clientOf(server);
    const response = await client.responses.create({ model: 'gpt-4o', input: 'Say hello.' });
    expect(response.output_text).toMatch(/\S/);
    const { data } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] });
    expect(data).toHaveLength(2);
    const { data: pictures } = await client.images.generate({ model: 'gpt-image-1', prompt: 'A square.' });
    expect(pictures?.[0]?.b64_json).toMatch(/\S/);
    expect(azure.calls.map(({ path }) => path)).toEqual(paths);
    expect(azure.calls.every(({ headers }) => headers['api-key'] === 'azure-key-canary')).toBe(true);
  });

  it('gets a token of Entra ID, once for many calls', async () => {
    const azure = await wall('entra-token-canary');
    let asked = 0;
    const server = await gateway({
      azure: {
        baseUrl: azure.url,
        accessToken: async () => {
          asked += 1;
          return 'entra-token-canary';
        },
      },
    });
    const client = clientOf(server);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.chat.completions.create({ model: 'azure/mine', messages })),
    );
    expect(answers).toHaveLength(20);
    expect(asked).toBe(1);
    expect(azure.calls.every(({ headers }) => headers.authorization === 'Bearer entra-token-canary')).toBe(true);
    expect(azure.calls.every(({ headers }) => headers['api-key'] === undefined)).toBe(true);
  });

  it('tells a caller of the content filter, and not of a refused key', async () => {
    const azure = await wall('azure-key-canary');
    const server = await gateway({ azure: { apiKey: 'azure-key-canary', baseUrl: azure.url } });
    const client = clientOf(server);
    await expect(client.chat.completions.create({ model: 'azure/content_filter', messages })).rejects.toMatchObject({
      status: 400,
      code: 'content_policy_violation',
    });
    const wrong = await gateway({ azure: { apiKey: 'wrong-key-canary', baseUrl: azure.url } });
    const refused = await clientOf(wrong)
      .chat.completions.create({ model: 'azure/mine', messages })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 502, code: 'upstream_auth_failed' });
    expect(JSON.stringify([refused, wrong.lines])).not.toContain('canary');
  });
});

describe('Vertex AI behind the gateway', () => {
  it('answers OpenAI\u0027s client with Gemini and with Claude', async () => {
    const vertex = await wall('vertex-token-canary');
    const server = await gateway({
      vertex: { apiKey: 'vertex-token-canary', baseUrl: vertex.url, project: 'my-project', location: 'us-east5' },
    });
    await readBoth(clientOf(server), 'vertex/gemini-2.5-flash');
    await readBoth(clientOf(server), 'vertex/claude-sonnet-4-5@20250929');
    const base = '/v1/projects/my-project/locations/us-east5/publishers';
    expect(vertex.calls.map(({ path }) => path)).toEqual([
      `${base}/google/models/gemini-2.5-flash:generateContent`,
      `${base}/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
      `${base}/anthropic/models/claude-sonnet-4-5%4020250929:rawPredict`,
      `${base}/anthropic/models/claude-sonnet-4-5%4020250929:streamRawPredict`,
    ]);
    for (const { headers, json } of vertex.calls.slice(2)) {
      expect(headers.authorization).toBe('Bearer vertex-token-canary');
      expect(json).toMatchObject({ anthropic_version: 'vertex-2023-10-16' });
      expect(json).not.toHaveProperty('model');
    }
  });

  it('passes on what Anthropic\u0027s client sends as it is, but for model and version', async () => {
    const vertex = await wall('vertex-token-canary');
    const server = await gateway({
      vertex: { apiKey: 'vertex-token-canary', baseUrl: vertex.url, project: 'my-project' },
    });
    const client = new Anthropic({ baseURL: server.url, apiKey: 'caller', maxRetries: 0 });
    const model = 'vertex/claude-sonnet-4-5@20250929';
    const asked = { max_tokens: 50, messages, metadata: { user_id: 'u' } };
    const answer = await client.messages.create({ model, ...asked });
    expect(answer.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/\S/) }]);
    const streamed = await client.messages.stream({ model, ...asked }).finalMessage();
    expect(streamed.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/\S/) }]);
    expect(vertex.calls.map(({ json }) => json)).toEqual([
      { ...asked, anthropic_version: 'vertex-2023-10-16' },
      { ...asked, anthropic_version: 'vertex-2023-10-16', stream: true },
    ]);
  });

  it('gets a token anew when Google refuses the one it has, and the caller does not notice', async () => {
    const vertex = await wall('fresh-token-canary');
    const tokens = ['stale-token-canary', 'fresh-token-canary'];
    const server = await gateway({
      vertex: { baseUrl: vertex.url, project: 'my-project', accessToken: () => tokens.shift() ?? 'none-left-canary' },
    });
    await readBoth(clientOf(server), 'vertex/claude-sonnet-4-5@20250929');
    expect(vertex.calls.map(({ status }) => status)).toEqual([401, 200, 200]);
    expect(tokens).toEqual([]);
    expect(JSON.stringify(server.lines)).not.toContain('canary');
  });

  it('asks for no third token when the second is refused, too', async () => {
    const vertex = await wall('right-token');
    let asked = 0;
    const server = await gateway({
      vertex: {
        baseUrl: vertex.url,
        project: 'my-project',
        accessToken: () => {
          asked += 1;
          return { token: `wrong-token-canary-${asked}`, expiresAt: Date.now() + 3_600_000 };
        },
      },
    });
    const client = clientOf(server);
    for (let call = 0; call < 3; call += 1) {
      const refused = await client.chat.completions
        .create({ model: 'vertex/gemini-2.5-flash', messages })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ status: 502, code: 'upstream_auth_failed' });
      expect(JSON.stringify(refused)).not.toContain('canary');
    }
    expect(asked).toBe(2);
    expect(vertex.calls.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  it('moves on when no token can be had, and says nothing of why', async () => {
    const [vertex, openai] = await Promise.all([wall('right-token'), wall('openai-key-canary')]);
    const server = await startGateway({
      config: {
        providers: {
          vertex: {
            baseUrl: vertex.url,
            project: 'my-project',
            accessToken: () => Promise.reject(new Error('secret-canary')),
          },
          openai: { apiKey: 'openai-key-canary', baseUrl: openai.baseUrl('openai-chat') },
        },
        models: { fast: { targets: ['vertex/gemini-2.5-flash', 'openai/gpt-4o-mini'] } },
      },
    });
    closing.push(() => server.close());
    const client = clientOf(server);
    const { data, response } = await client.chat.completions.create({ model: 'fast', messages }).withResponse();
    expect(data.model).toContain('gpt-4o-mini');
    expect(response.headers.get('x-provider')).toBe('openai');
    expect(vertex.calls).toHaveLength(0);
    const alone = await client.chat.completions
      .create({ model: 'vertex/gemini-2.5-flash', messages })
      .catch((error: unknown) => error);
    expect(alone).toMatchObject({ status: 502, code: 'upstream_auth_failed' });
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'upstream-auth-failed',
        target: 'vertex/gemini-2.5-flash',
        fault: 'Error',
      }),
    );
    expect(JSON.stringify([alone, server.lines])).not.toContain('canary');
  });
});

describe('a credential that gives trouble', () => {
  it('does not hold up a call for longer than its own limits', async () => {
    const vertex = await wall('right-token');
    const server = await gateway({
      vertex: {
        baseUrl: vertex.url,
        project: 'my-project',
        accessToken: () => new Promise<string>(() => {}),
        timeouts: { firstToken: '150ms' },
      },
    });
    const started = performance.now();
    const refused = await clientOf(server)
      .chat.completions.create({ model: 'vertex/gemini-2.5-flash', messages })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 504, code: 'upstream_timeout' });
    expect(performance.now() - started).toBeLessThan(ample);
    expect(vertex.calls).toHaveLength(0);
  });

  it('is hidden where the provider repeats it to the caller', async () => {
    const token = 'opaque.token.canary-31';
    const echo = await listen((request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          error: { code: 400, message: `Bad request with ${request.headers.authorization?.split(' ')[1]}` },
        }),
      );
    });
    closing.push(() => echo.close());
    const server = await gateway({
      vertex: { baseUrl: echo.url, project: 'my-project', accessToken: () => token },
    });
    const refused = await clientOf(server)
      .chat.completions.create({ model: 'vertex/gemini-2.5-flash', messages })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining('Bad request') });
    expect(JSON.stringify([refused, String(refused), server.lines])).not.toContain('canary');
  });
});

describe('AWS Bedrock behind the gateway', () => {
  const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

  it('answers OpenAI\u0027s client with requests that are signed as they are sent', async () => {
    const aws = await wall('AKIDCANARY');
    const credentials = { accessKeyId: 'AKIDCANARY', secretAccessKey: 'secret-canary', sessionToken: 'session-canary' };
    const server = await gateway({ bedrock: { region: 'eu-west-1', baseUrl: aws.url, ...credentials } });
    await readBoth(clientOf(server), model);
    const path = `/model/${model.replace(':', '%3A')}`;
    expect(aws.calls.map((call) => call.path)).toEqual([`${path}/converse`, `${path}/converse-stream`]);
    for (const call of aws.calls) {
      const { host = '', 'content-type': contentType = '', 'x-amz-date': date, authorization } = call.headers;
      const signed = signRequest(
        { method: call.method, host, path: call.path, headers: { 'content-type': contentType }, body: call.body },
        { credentials, region: 'eu-west-1', service: 'bedrock', wallTime: timeOf(String(date)) },
      );
      expect(authorization).toBe(signed.authorization);
      expect(call.headers['x-amz-security-token']).toBe('session-canary');
    }
    expect(JSON.stringify(server.lines)).not.toContain('canary');
  });

  it('answers with an API key, unsigned', async () => {
    const aws = await wall('bedrock-key-canary');
    const server = await gateway({ bedrock: { region: 'eu-west-1', baseUrl: aws.url, apiKey: 'bedrock-key-canary' } });
    await readBoth(clientOf(server), `bedrock/${model}`);
    expect(aws.calls.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer bedrock-key-canary',
      'Bearer bedrock-key-canary',
    ]);
  });

  it('gets credentials anew when AWS knows those it has no longer', async () => {
    const aws = await wall('AKIDFRESH');
    const ids = ['AKIDSTALE', 'AKIDFRESH'];
    const server = await gateway({
      bedrock: {
        region: 'eu-west-1',
        baseUrl: aws.url,
        credentials: async () => ({ accessKeyId: ids.shift() ?? 'AKIDNONE', secretAccessKey: 'secret-canary' }),
      },
    });
    await readBoth(clientOf(server), model);
    expect(aws.calls.map(({ status }) => status)).toEqual([403, 200, 200]);
    expect(ids).toEqual([]);
  });

  it('does not take a missing permission for stale credentials', async () => {
    const aws = await wall('AKIDCANARY');
    let asked = 0;
    const server = await gateway({
      bedrock: {
        region: 'eu-west-1',
        baseUrl: aws.url,
        credentials: async () => {
          asked += 1;
          return { accessKeyId: 'AKIDCANARY', secretAccessKey: 'secret-canary' };
        },
      },
    });
    const refused = await clientOf(server)
      .chat.completions.create({ model: 'bedrock/e403', messages })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 502, code: 'upstream_auth_failed' });
    expect(asked).toBe(1);
    expect(aws.calls).toHaveLength(1);
  });

  it('gives embeddings, one request for each input, all of them signed', async () => {
    const aws = await wall('AKIDCANARY');
    const credentials = { accessKeyId: 'AKIDCANARY', secretAccessKey: 'secret-canary' };
    const server = await gateway({ bedrock: { region: 'eu-west-1', baseUrl: aws.url, ...credentials } });
    const { data } = await clientOf(server).embeddings.create({
      model: 'amazon.titan-embed-text-v2:0',
      input: ['one', 'two', 'three'],
      encoding_format: 'float',
    });
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(aws.calls.map(({ path }) => path)).toEqual(Array(3).fill('/model/amazon.titan-embed-text-v2%3A0/invoke'));
    expect(new Set(aws.calls.map(({ headers }) => headers.authorization)).size).toBe(3);
  });
});

/** `20150830T123600Z` in milliseconds since 1970. */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

describe('Azure\u0027s own client in front of the gateway', () => {
  it('reaches any provider, with its model in the path', async () => {
    const provider = await wall('provider-key');
    const server = await gateway({
      openai: { apiKey: 'provider-key', baseUrl: provider.baseUrl('openai-chat') },
      anthropic: { apiKey: 'provider-key', baseUrl: provider.baseUrl('anthropic-messages') },
    });
    const client = new AzureOpenAI({
      endpoint: server.url,
      apiKey: 'caller',
      apiVersion: '2024-10-21',
      maxRetries: 0,
    });
    await readBoth(client, 'gpt-4o');
    await readBoth(client, 'anthropic/claude-sonnet-4-5');
    expect(provider.calls.map(({ path, model }) => [path, model])).toEqual([
      ['/v1/chat/completions', 'gpt-4o'],
      ['/v1/chat/completions', 'gpt-4o'],
      ['/v1/messages', 'claude-sonnet-4-5'],
      ['/v1/messages', 'claude-sonnet-4-5'],
    ]);
  });

  it('may name the model in the path alone', async () => {
    const provider = await wall('provider-key');
    const server = await gateway({ openai: { apiKey: 'provider-key', baseUrl: provider.baseUrl('openai-chat') } });
    const response = await fetch(`${server.url}/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'api-key': 'caller' },
      body: JSON.stringify({ messages }),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(provider.calls[0]?.json).toMatchObject({ model: 'gpt-4o' });
  });
});

describe('a cloud provider behind the app\u0027s own proxy', () => {
  it('is refused where each request wants a credential of its own, and taken with a key', () => {
    const vertex = { project: 'my-project', accessToken: () => 'token' };
    expect(() => createProviderTranslate({ forward: 'next', providers: { vertex } }, { environment: {} })).toThrow(
      '"vertex" wants a signature or a token made for each',
    );
    const azure = { resource: 'res', apiKey: 'k' };
    expect(() => createProviderTranslate({ forward: 'next', providers: { azure } }, { environment: {} })).not.toThrow();
  });
});
