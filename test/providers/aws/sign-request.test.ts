import { createHash } from 'node:crypto';
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, it } from '@jest/globals';
import { signRequest, type UnsignedRequest } from '../../../src/providers/aws/sign-request.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const wallTime = Date.UTC(2015, 7, 30, 12, 36, 0);
const scope = { credentials, region: 'us-east-1', service: 'service', wallTime };

function request(given: Partial<UnsignedRequest>): UnsignedRequest {
  return { method: 'GET', host: 'example.amazonaws.com', path: '/', headers: {}, body: '', ...given };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html: AWS's test suite. */
const vectors: readonly (readonly [
  name: string,
  given: Partial<UnsignedRequest>,
  signedHeaders: string,
  signature: string,
])[] = [
  ['get-vanilla', {}, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-unreserved',
    { path: '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' },
    'host;x-amz-date',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-vanilla-query-order-key-case',
    { path: '/?Param2=value2&Param1=value1' },
    'host;x-amz-date',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-order-value',
    { path: '/?Param1=value2&Param1=value1' },
    'host;x-amz-date',
    '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  ],
  [
    'get-vanilla-utf8-query',
    { path: '/?\u1234=bar' },
    'host;x-amz-date',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'get-header-value-trim',
    { headers: { 'my-header1': ' value1', 'my-header2': '"a   b   c"' } },
    'host;my-header1;my-header2;x-amz-date',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'post-x-www-form-urlencoded',
    { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
    'content-type;host;x-amz-date',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
];

describe('signRequest', () => {
  it.each(vectors)('signs as published: %s', (_name, given, signedHeaders, signature) => {
    expect(signRequest(request(given), scope)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    });
  });

  it('signs as published: get-vanilla-with-session-token', () => {
    const sessionToken = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';
    const signed = signRequest(request({}), { ...scope, credentials: { ...credentials, sessionToken } });
    expect(signed['x-amz-security-token']).toBe(sessionToken);
    expect(signed.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,');
    expect(signed.authorization).toMatch(/=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8$/);
  });

  it('signs bytes as the text they are', () => {
    const body = '{"text":"\u00e9\u4e16"}';
    expect(signRequest(request({ method: 'POST', body: Buffer.from(body) }), scope)).toEqual(
      signRequest(request({ method: 'POST', body }), scope),
    );
  });

  it.each(['/a%2Fb', '/a/b', '/a%253Ab', '/a%3Ab'])('keeps %s apart from paths that mean something else', (path) => {
    const others = ['/a%2Fb', '/a/b', '/a%253Ab', '/a%3Ab'].filter((other) => other !== path);
    const own = signRequest(request({ path }), scope).authorization;
    for (const other of others) expect(signRequest(request({ path: other }), scope).authorization).not.toBe(own);
  });
});

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What AWS's own client would send; nothing leaves the process. */
async function sentBySdk(command: ConverseCommand | ConverseStreamCommand): Promise<SentRequest> {
  let sent: SentRequest | undefined;
  const client = new BedrockRuntimeClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/with+signs', sessionToken: 'session/token==' },
    maxAttempts: 1,
    requestHandler: {
      async handle(given: SentRequest) {
        sent = given;
        throw new Error('not sent');
      },
    },
  });
  const sending = command instanceof ConverseCommand ? client.send(command) : client.send(command);
  await sending.catch(() => {});
  if (sent === undefined) throw new Error('The client sent nothing.');
  return sent;
}

const messages = [{ role: 'user' as const, content: [{ text: 'Gr\u00fc\u00dfe' }] }];

describe('beside AWS\u0027s own client', () => {
  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', ConverseCommand],
    ['arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0', ConverseCommand],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', ConverseStreamCommand],
  ])('%s has the same signature', async (modelId, Command) => {
    const { method, path, headers, body } = await sentBySdk(new Command({ modelId, messages }));
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const { authorization = '', host = '' } = lower;
    const named = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
    const time = lower['x-amz-date'] ?? '';
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
    const own = new Set(['host', 'x-amz-date', 'x-amz-security-token']);
    const signed = signRequest(
      {
        method,
        host,
        path,
        headers: Object.fromEntries(named.filter((name) => !own.has(name)).map((name) => [name, lower[name] ?? ''])),
        body,
      },
      {
        credentials: {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'secret/with+signs',
          sessionToken: 'session/token==',
        },
        region: 'eu-west-1',
        service: 'bedrock',
        wallTime: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
      },
    );
    expect(path).toContain('%3A');
    expect(signed.authorization).toBe(authorization);
    expect(lower['x-amz-content-sha256'] ?? sha256(body)).toBe(sha256(body));
  });
});

function sha256(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
