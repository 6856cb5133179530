import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type AuthOptions, createAuth, type JwtOptions } from '../../src/auth/index.ts';
import { definedOnly } from '../../src/auth/key-record.ts';
import { runGate } from '../../src/core/gate.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import {
  type IdentityProvider,
  type JwksReply,
  type KeyPair,
  publishes,
  startIdentityProvider,
} from './identity-provider.ts';
import { callWith } from './support.ts';

let provider: IdentityProvider;
let stranger: KeyPair;

beforeAll(async () => {
  provider = await startIdentityProvider();
  stranger = await generateKeyPair('ES256');
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.asked = 0;
  provider.reply = publishes;
});

const issuer = 'https://login.example.com/';
const audience = 'gateway';
// The clock of a test's runtime begins here.
const now = 1_750_000_000;

function token(
  claims: { readonly [Name in keyof JWTPayload]?: JWTPayload[Name] | undefined } = {},
  how: Parameters<IdentityProvider['sign']>[1] = {},
): Promise<string> {
  const payload: JWTPayload = definedOnly({ sub: 'ana', iss: issuer, aud: audience, exp: now + 60, ...claims });
  return provider.sign(payload, how);
}

function authWith(jwt: Partial<JwtOptions> = {}, rest: AuthOptions = {}) {
  const faults: unknown[] = [];
  const auth = createAuth(
    { jwt: { jwksUrl: provider.jwksUrl, issuer, audience, ...jwt }, ...rest },
    { environment: {}, runtime: manualRuntime(), onFault: (thrown) => faults.push(thrown) },
  );
  const ask = async (credential: string) => {
    const call = callWith({ headers: ['Authorization', `Bearer ${credential}`] });
    const decision = await runGate(call, auth);
    return { call, code: decision.kind === 'reject' ? decision.error.code : decision.kind };
  };
  return { ask, faults };
}

describe('a token', () => {
  it('names its caller, and its keys are fetched once', async () => {
    const { ask } = authWith({
      claims: { team: ['org', 'team'], project: 'https://example.com/project' },
      models: ['openai/*'],
    });
    const claims = { org: { team: 'search' }, 'https://example.com/project': 'chat' };
    for (let count = 0; count < 3; count += 1) {
      const { call, code } = await ask(await token(claims));
      expect(code).toBe('pass');
      expect(call.caller).toEqual({ keyId: 'jwt:ana', user: 'ana', team: 'search', project: 'chat' });
    }
    expect(provider.asked).toBe(1);
  });

  it('of several issuers and audiences needs one of each', async () => {
    const { ask } = authWith({ issuer: ['https://other.example.com', issuer], audience: ['other', audience] });
    expect((await ask(await token())).code).toBe('pass');
    expect((await ask(await token({ aud: ['x', 'other'] }))).code).toBe('pass');
    expect((await ask(await token({ aud: 'x' }))).code).toBe('invalid_api_key');
  });

  it.each<[string, () => Promise<string> | string]>([
    ['of somebody else', () => token({}, { key: stranger.privateKey })],
    ['of an unknown key', () => token({}, { kid: 'two' })],
    ['of another issuer', () => token({ iss: 'https://evil.example.com/' })],
    ['for another audience', () => token({ aud: 'mail' })],
    ['that has expired', () => token({ exp: now - 60 })],
    ['that never expires', () => token({ exp: undefined })],
    ['of tomorrow', () => token({ nbf: now + 3600 })],
    ['that names nobody', () => token({ sub: undefined })],
    ['that names nobody by an empty text', () => token({ sub: '' })],
    ['that names somebody with a control character', () => token({ sub: 'a\nb' })],
    ['without a signature', () => new UnsecuredJWT({ sub: 'ana', iss: issuer, aud: audience, exp: now + 60 }).encode()],
    [
      'signed with the published key as a shared secret',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(provider.pair.publicKey)));
        return new SignJWT({ sub: 'ana', iss: issuer, aud: audience, exp: now + 60 })
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(secret);
      },
    ],
    [
      'whose payload was changed',
      async () => {
        const [header, , signature] = (await token()).split('.');
        return `${header}.${Buffer.from(JSON.stringify({ sub: 'root', iss: issuer, aud: audience, exp: now + 60 })).toString('base64url')}.${signature}`;
      },
    ],
    ['of the right form and no content', () => 'eyJ.eyJ.x'],
    ['that is very long', () => `eyJ${'x'.repeat(9_000)}.x.x`],
  ])('%s is refused with 401', async (_, make) => {
    const { ask, faults } = authWith();
    const { code, call } = await ask(await make());
    expect([code, call.caller.keyId]).toEqual(['invalid_api_key', 'anonymous']);
    expect(faults).toEqual([]);
  });

  it('of another algorithm than those allowed is refused', async () => {
    const { ask } = authWith({ algorithms: ['RS256'] });
    expect((await ask(await token())).code).toBe('invalid_api_key');
  });

  it('without the claim that should name its team is refused', async () => {
    const { ask } = authWith({ claims: { team: 'team' } });
    expect((await ask(await token())).code).toBe('invalid_api_key');
  });

  it('lets keys work beside it', async () => {
    const { ask } = authWith({}, { keys: [{ key: 'sk-gateway-0123456789abcdef', id: 'ops' }] });
    expect((await ask('sk-gateway-0123456789abcdef')).call.caller.keyId).toBe('ops');
    expect((await ask(await token())).call.caller.keyId).toBe('jwt:ana');
  });
});

describe('an identity provider', () => {
  it.each<[string, JwksReply]>([
    ['that fails', () => ({ status: 500, body: 'oops' })],
    ['that is silent', () => 'silence'],
    ['that answers in HTML', () => ({ status: 200, body: '<html>' })],
    ['that has no keys to show', () => ({ status: 200, body: '{"error":"x"}' })],
    ['that sends too much', () => ({ status: 200, body: ' '.repeat(300_000) })],
    ['that sends us elsewhere', () => ({ status: 302, body: '', location: 'http://127.0.0.1:1/' })],
  ])('%s is a 503, never a 401 or a 200, and is reported', async (_, answer) => {
    provider.reply = answer;
    const { ask, faults } = authWith({ timeout: '200ms' });
    expect((await ask(await token())).code).toBe('auth_unavailable');
    expect(faults).toHaveLength(1);
    provider.reply = publishes;
    expect((await ask(await token())).code).toBe('pass');
  });

  it.each<[object, RegExp]>([
    [{ jwksUrl: 'http://login.example.com/jwks' }, /"jwt\.jwksUrl" must be an https address/],
    [{ jwksUrl: 'https://user:password@login.example.com' }, /jwksUrl/],
    [{ jwksUrl: 'file:///etc/passwd' }, /jwksUrl/],
    [{ algorithms: ['none'] }, /"jwt\.algorithms\.0" must be one of RS256/],
    [{ algorithms: ['HS256'] }, /algorithms\.0/],
    [{ issuer: '' }, /issuer/],
    [{ clockTolerance: '1h' }, /clockTolerance.*at most/],
    [{ claims: { roles: 'x' } }, /unknown option "jwt\.claims\.roles"/],
  ])('that cannot be is refused at start: %j', (jwt, message) => {
    expect(() => authWith(jwt)).toThrow(message);
  });
});
