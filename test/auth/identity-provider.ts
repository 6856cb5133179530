import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { listen } from '../support/test-app.ts';

export type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** How the provider answers who asks for its keys. */
export type JwksReply = (
  published: string,
) => { readonly status: number; readonly body: string; readonly location?: string } | 'silence';

/** Publishes the key it signs with, on this machine. */
export interface IdentityProvider {
  readonly jwksUrl: string;
  readonly pair: KeyPair;
  /** How often its keys were asked for. */
  asked: number;
  reply: JwksReply;
  sign(payload: JWTPayload, how?: Partial<Signing>): Promise<string>;
  close(): Promise<void>;
}

interface Signing {
  readonly key: KeyPair['privateKey'];
  readonly kid: string;
  readonly alg: string;
}

export const publishes: JwksReply = (published) => ({ status: 200, body: published });

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const pair = await generateKeyPair('ES256');
  const published = JSON.stringify({
    keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }],
  });
  const server = await listen((_request, response) => {
    provider.asked += 1;
    const sent = provider.reply(published);
    if (sent === 'silence') return;
    const headers = {
      'content-type': 'application/json',
      ...(sent.location !== undefined && { location: sent.location }),
    };
    response.writeHead(sent.status, headers).end(sent.body);
  });
  const provider: IdentityProvider = {
    jwksUrl: `${server.url}/jwks`,
    pair,
    asked: 0,
    reply: publishes,
    sign: (payload, { key = pair.privateKey, kid = 'one', alg = 'ES256' } = {}) =>
      new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key),
    close: () => server.close(),
  };
  return provider;
}
