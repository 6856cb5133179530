import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProvidersOptions } from '../../src/providers/options.ts';
import type { CredentialHeaders } from '../../src/providers/provider.ts';
import { resolveProviders } from '../../src/providers/resolve-providers.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';

/** A machine's service for credentials, as clouds run it, and what it was asked. */
let machine: ListeningServer;
const asked: string[] = [];
let status = 200;

beforeAll(async () => {
  machine = await listen((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]}`);
    response.setHeader('content-type', 'application/json');
    response.setHeader('metadata-flavor', 'Google');
    response.statusCode = status;
    if (request.url?.startsWith('/aws') === true) {
      response.end(
        JSON.stringify({
          AccessKeyId: `ASIA${asked.length}`,
          SecretAccessKey: 'secret-canary',
          Token: 'session-canary',
          Expiration: new Date(Date.now() + 3_600_000).toISOString(),
        }),
      );
    } else if (request.url?.includes('/token') === true) {
      response.end(
        JSON.stringify({ access_token: `google-token-${asked.length}`, expires_in: 3600, token_type: 'Bearer' }),
      );
    } else {
      response.end('{}');
    }
  });
});

afterAll(() => machine.close());

const touched = [
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'GCE_METADATA_HOST',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUDSDK_CONFIG',
] as const;
const before = Object.fromEntries(touched.map((name) => [name, process.env[name]]));

afterEach(() => {
  asked.length = 0;
  status = 200;
  for (const name of touched) {
    const value = before[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** The vendors' libraries read the process's own environment. */
function setEnvironment(values: Readonly<Partial<Record<(typeof touched)[number], string>>>): void {
  for (const name of touched) delete process.env[name];
  Object.assign(process.env, values);
}

async function authorized(options: ProvidersOptions, count: number): Promise<readonly CredentialHeaders[]> {
  const [instance] = resolveProviders(options, {}).values();
  const { authorizer } = instance ?? {};
  if (authorizer === undefined) throw new Error('There is no authorizer.');
  const request = {
    method: 'POST',
    origin: 'https://h',
    path: '/',
    headers: [],
    body: '',
    wallTime: Date.now(),
  } as const;
  return Promise.all(Array.from({ length: count }, async () => authorizer.authorize(request)));
}

describe('the AWS chain', () => {
  const bedrock = { bedrock: { region: 'eu-west-1' } };

  it('gives the container\u0027s role, asked once for many calls', async () => {
    setEnvironment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${machine.url}/aws`,
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    });
    const given = await authorized(bedrock, 50);
    expect(asked).toEqual(['GET /aws']);
    expect(new Set(given.map(({ authorization }) => /Credential=(\w+)\//.exec(authorization ?? '')?.[1]))).toEqual(
      new Set(['ASIA1']),
    );
    expect(given[0]?.['x-amz-security-token']).toBe('session-canary');
    expect(JSON.stringify(given)).not.toContain('secret-canary');
  });

  it('is refused by name where the machine is nobody', async () => {
    setEnvironment({
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    });
    await expect(authorized(bedrock, 1)).rejects.toMatchObject({ name: 'CredentialsProviderError' });
  });

  it('gives way to a credential provider of the SDK\u0027s form', async () => {
    const [given] = await authorized(
      {
        bedrock: {
          region: 'eu-west-1',
          credentials: async () => ({
            accessKeyId: 'AKIDCODE',
            secretAccessKey: 's',
            expiration: new Date(Date.now() + 3_600_000),
          }),
        },
      },
      1,
    );
    expect(given?.authorization).toContain('Credential=AKIDCODE/');
    expect(given).not.toHaveProperty('x-amz-security-token');
  });
});

describe('Google\u0027s application default credentials', () => {
  const vertex = { vertex: { project: 'my-project' } };

  it('give the machine\u0027s service account, asked once for many calls', async () => {
    setEnvironment({ GCE_METADATA_HOST: machine.url.slice('http://'.length), CLOUDSDK_CONFIG: '/nonexistent' });
    const given = await authorized(vertex, 50);
    expect(asked.filter((path) => path.includes('/token'))).toHaveLength(1);
    expect(new Set(given.map(({ authorization }) => authorization)).size).toBe(1);
    expect(given[0]?.authorization).toMatch(/^Bearer google-token-\d+$/);
  });

  it('are refused, without the key, where a service account\u0027s key is not taken', async () => {
    setEnvironment({});
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replaceAll('M', '!');
    const credentials = { client_email: 'robot@my-project.example', private_key: pem };
    const refused = await authorized({ vertex: { ...vertex.vertex, credentials } }, 1).catch((error: unknown) => error);
    expect(refused).toHaveProperty('name');
    expect(JSON.stringify(refused)).not.toContain(pem.slice(60, 120));
  });
});
