import { z } from 'zod';
import { asNumber, asString, isJsonObject, parseObject } from '../core/json.ts';
import { CredentialCache, type Expiring } from './credential-cache.ts';
import type { Authorizer } from './provider.ts';

/** An OAuth access token with the time it ends. */
export interface AccessToken {
  readonly token: string;
  /** A date, or milliseconds since 1970. */
  readonly expiresAt: Date | number;
}

/** Gives the token to send; asked again shortly before it ends. */
export type AccessTokenSource = () => AccessToken | string | Promise<AccessToken | string>;

/** For an option that can be given in code only. */
export const accessTokenSource = z.custom<AccessTokenSource>(
  (value) => typeof value === 'function',
  'must be a function that returns an access token, or a promise of one',
);

/** How long a token is used that does not say when it ends; those who hand out such keep their own time. Milliseconds. */
const unknownLifetime = 60_000;

/** A bearer token from a source that is asked as seldom as the token allows. */
export function tokenAuthorizer(source: AccessTokenSource): Authorizer {
  const cache = new CredentialCache(async (wallTime) => readToken(await source(), wallTime));
  return {
    authorize({ wallTime }) {
      const token = cache.get(wallTime);
      return token instanceof Promise ? token.then(bearer) : bearer(token);
    },
    renew: ({ credential, status, wallTime }) =>
      status === 401 && cache.renew(wallTime, (token) => credential.authorization === bearer(token).authorization),
    secrets: () => cache.values(),
  };
}

/** A bearer token that stays as it is. */
export function fixedToken(token: string): Authorizer {
  const headers = bearer(token);
  return { authorize: () => headers, secrets: () => [token] };
}

function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

function readToken(given: unknown, wallTime: number): Expiring<string> {
  const token = asString(given) ?? (isJsonObject(given) ? asString(given.token) : undefined) ?? '';
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UnusableTokenError('The access token is empty or cannot stand in a header.');
  const expiresAt = isRecord(given) ? timeOf(given.expiresAt) : undefined;
  return { value: token, expiresAt: expiresAt ?? expiryInside(token) ?? wallTime + unknownLifetime };
}

class UnusableTokenError extends Error {
  override readonly name = 'UnusableTokenError';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function timeOf(time: unknown): number | undefined {
  const milliseconds = time instanceof Date ? time.getTime() : time;
  return asNumber(milliseconds);
}

/** Entra ID's tokens are JSON Web Tokens, which say when they end: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 */
function expiryInside(token: string): number | undefined {
  const [, claims, signature] = token.split('.');
  if (claims === undefined || signature === undefined) return undefined;
  const expiry = asNumber(parseObject(Buffer.from(claims, 'base64url').toString('utf8'))?.exp);
  return expiry === undefined ? undefined : expiry * 1000;
}
